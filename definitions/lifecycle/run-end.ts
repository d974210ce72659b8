import type { Job } from '../job.ts';
import type { Claim, Result, Skip } from '../run.ts';
import type { Status } from '../status.ts';
import { timestamp } from '../values/time.ts';
import type { JournalRecord } from './journal-record.ts';
import { following, missed } from './missed.ts';
import { outcomesOf, withParts } from './rollout-facts.ts';
import { failureLines, finished, hasFailed, type PartEnds, skipLines } from './run-status.ts';

/** A run all of whose parts have ended. */
export interface EndedRun {
  /** The version of the job that ran. */
  readonly ran: Job;
  readonly claim: Claim;
  readonly results: readonly Result[];
  /** The parts that were never begun. */
  readonly skips: readonly Skip[];
  readonly end: Date;
}

/** What the end of a run changes. */
export interface RunEnd {
  /** Closes the run in the journal. */
  readonly finish: JournalRecord;
  /** The facts of the job from now on; null when the run is none of the job that is in force. */
  readonly status: Status | null;
}

/**
 * What follows from the end of a run (R31) for `current`, the job that bears its job's name now. A job that was deleted
 * meanwhile (undefined), or is another one now, is left alone (R20).
 */
export function runEnd(
  { ran, claim, results, skips, end }: EndedRun,
  current: { readonly job: Job; readonly status: Status } | undefined,
  timeZone: string,
): RunEnd {
  const ends: PartEnds = { errors: new Map(results.map((result) => [result.machine, result.error])), skips };
  const finish = finishOf(claim, ends, end);
  if (current?.status.LastRun?.RunID !== claim.run) return { finish, status: null };
  const { job } = current;
  const status = withParts(current.status, claim, outcomesOf([...results, ...skips]), end, end);
  const next = status.NextRunTime === null ? null : new Date(status.NextRunTime);
  // Its last parts waited for a gate and made room for the next run, which is due now.
  const gaveWay = skips.some(({ reason }) => reason === 'Overtaken');
  const hasPassed =
    !gaveWay && next !== null && next <= end && claim.trigger !== 'Manual' && job.version === ran.version;
  if (!hasPassed) return { finish, status: finished(status, claim, ends, end, next) };
  const facts = missed(status, next, `the run of ${claim.nominal} was still going on`);
  const later = following(job.spec.Schedule, next, end, timeZone);
  return { finish, status: finished(facts, claim, ends, end, later) };
}

/** The record that closes a run. */
export function finishOf(claim: Claim, { errors, skips }: PartEnds, end: Date): JournalRecord {
  const failures = [...errors.values()].filter((error) => error !== null).length;
  return {
    kind: 'finish',
    run: claim.run,
    job: claim.job,
    end: timestamp(end),
    succeeded: errors.size - failures,
    failures,
    failed: failureLines(errors),
    ...(skips.length > 0 && {
      skips: skips.length,
      skipped: skipLines(skips),
      status: hasFailed({ errors, skips }) ? 'Failed' : 'Completed',
    }),
  };
}
