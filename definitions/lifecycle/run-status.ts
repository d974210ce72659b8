import { meaningOf } from '../block.ts';
import { type Claim, resolvedBy, type Skip } from '../run.ts';
import type { Status } from '../status.ts';
import { clip } from '../status.ts';
import { timestamp } from '../values/time.ts';
import { triggered } from './trigger.ts';

const MOST_LINES = 20;

/** The facts once a run has begun: it counts from its start (R31). */
export function started(status: Status, claim: Claim, next: Date | null): Status {
  return {
    ...status,
    Status: 'Running',
    ...(status.MachineSelector && { Machines: resolvedBy(claim) }),
    LastRunTime: claim.start,
    NextRunTime: next && timestamp(next),
    ExecutionCount: status.ExecutionCount + 1,
    LastTrigger: claim.token ? triggered(status, claim.token, claim.start, 'Accepted', claim.run) : status.LastTrigger,
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: null,
      Succeeded: 0,
      Failed: 0,
      FailedMachines: [],
    },
  };
}

/** How the parts of a run ended: machine → its error, null for success. */
export type PartErrors = ReadonlyMap<string, string | null>;

/** How all parts of a run came out. */
export interface PartEnds {
  readonly errors: PartErrors;
  /** Those that were never begun. */
  readonly skips: readonly Skip[];
}

/** The facts once a run has ended (R31). */
export function finished(status: Status, claim: Claim, ends: PartEnds, end: Date, next: Date | null): Status {
  const { errors, skips } = ends;
  const failures = failuresOf(errors).length;
  return {
    ...status,
    Status: hasFailed(ends) ? 'Failed' : 'Completed',
    NextRunTime: next && timestamp(next),
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: timestamp(end),
      Succeeded: errors.size - failures,
      Failed: failures,
      FailedMachines: failureLines(errors),
      ...(skips.length > 0 && { Skipped: skips.length, SkippedMachines: skipLines(skips) }),
    },
  };
}

/** Whether a run has failed: a part of it, or one was skipped that should not have had to be. */
export function hasFailed({ errors, skips }: PartEnds): boolean {
  return failuresOf(errors).length > 0 || skips.some(({ reason }) => meaningOf(reason).fails);
}

/** A line per skipped machine, bounded. */
export function skipLines(skips: readonly Skip[]): string[] {
  return bounded(skips.map(({ machine, message }) => `${machine}: ${message}`));
}

/** A line per failed machine, bounded, with an honest "and N more". */
export function failureLines(errors: PartErrors): string[] {
  return bounded(failuresOf(errors).map(([machine, error]) => `${machine}: ${error}`));
}

function bounded(all: readonly string[]): string[] {
  const lines = all.slice(0, MOST_LINES).map(clip);
  if (all.length > MOST_LINES) lines.push(`and ${all.length - MOST_LINES} more`);
  return lines;
}

function failuresOf(errors: PartErrors) {
  return [...errors].filter(([, error]) => error !== null);
}
