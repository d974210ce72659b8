import type { JobID } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { nextAfterStart } from '../../definitions/lifecycle/missed.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import { resumedRun } from '../../definitions/lifecycle/recovery.ts';
import { runEnd } from '../../definitions/lifecycle/run-end.ts';
import { hasFailed, started } from '../../definitions/lifecycle/run-status.ts';
import type { Claim, Result, Skip } from '../../definitions/run.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Deps } from '../events/deps.ts';
import type { RunnerEvent } from '../events/event.ts';
import type { Journal } from '../state/journal.ts';
import type { Recorder } from '../state/recorder.ts';
import type { GateWaits } from './gate-waits.ts';
import type { SharedRuns } from './part/shared-runs.ts';
import { type RecordResultsOptions, recordResults } from './record-results.ts';

export interface ClaimOptions {
  readonly deps: Deps<RunnerEvent>;
  readonly agenda: Agenda;
  readonly inForce: { readonly settings: () => Settings };
  readonly records: { readonly journal: Journal; readonly missing: Recorder['missing'] };
  /** The runs of all controllers; absent: this one is alone. */
  readonly shared?: Pick<SharedRuns, 'claim'> | undefined;
  /** Aborted when running parts must end (R30). */
  readonly signal: AbortSignal;
}

export interface RunEndOptions extends RecordResultsOptions {
  readonly waits: Pick<GateWaits, 'wake'>;
  readonly agenda: Agenda;
  readonly inForce: { readonly settings: () => Settings };
  readonly records: RecordResultsOptions['records'] & {
    /** The facts of a manifest file's jobs, as a record. */
    readonly facts: (file: string) => JournalRecord;
    /** Called when something is durable that is not public yet. */
    readonly recorded: () => void;
    readonly journal: Journal;
  };
  /** The runs of all controllers; absent: this one is alone. */
  readonly shared?: Pick<SharedRuns, 'finished'> | undefined;
}

/**
 * Makes the claim of a run durable (R23), here and then for all controllers. What begins is the run as it was claimed:
 * by another controller, where that one was first. Null when it cannot be: then nothing has begun.
 */
export async function claimRun(options: ClaimOptions, start: RunStart): Promise<RunStart | null> {
  const { job, claim, kept } = start;
  const { agenda, inForce, records, shared } = options;
  const { clock, observe } = options.deps;
  const status = agenda.status(job.id);
  if (status) {
    const next = nextAfterStart(job.spec.Schedule, status, claim, clock.now(), inForce.settings().TimeZone);
    agenda.put(job, started(status, claim, next));
  }
  try {
    // DANGER: no BMC may hear of a run above this line. Were the claim written later, a crash between a request and
    // the claim would carry the same occurrence out twice (R23). The facts follow from it (R24): they come later, but
    // for those of a job that is not on record at all.
    const missing = records.missing(job.source.file, status?.LastRun != null);
    await records.journal.append([...missing, { kind: 'claim', claim }]);
  } catch (error) {
    observe({ event: 'unrecorded', job: job.id, error });
    const now = agenda.jobs.get(agenda.successor(job.id));
    if (status && now?.version === job.version) agenda.put(now, { ...status, Id: now.id });
    return null;
  }
  const own = { job, claim, ...(kept && { kept }) };
  const counts = shared ? await shared.claim(own) : own;
  report(options, job.id, counts.claim);
  if (counts === own) return start;
  // DANGER: the name is the other's. Its parts are not begun anew: each goes on from what there is of it.
  await recordResults(options, job, [{ kind: 'claim', claim: counts.claim }]);
  const facts = agenda.status(job.id);
  if (facts?.LastRun?.RunID === claim.run) {
    const { trigger, start: began } = counts.claim;
    agenda.put(job, {
      ...facts,
      LastRunTime: began,
      LastRun: { ...facts.LastRun, Trigger: trigger, StartTime: began },
    });
  }
  return { ...counts, resumed: resumedRun(undefined) };
}

function report({ deps }: ClaimOptions, job: JobID, claim: Claim): void {
  const delayMs = Math.max(0, Date.parse(claim.start) - Date.parse(claim.nominal));
  const { run, trigger, nominal, start, action, commit, machines } = claim;
  const facts = { run, trigger, nominal, start, action, commit, machines: machines.length, delayMs };
  deps.observe({ event: 'started', job, ...facts });
}

/** Records the end of a run, under the present name of its job (R20). */
export async function endRun(
  options: RunEndOptions,
  { job: ran, claim }: RunStart,
  ends: readonly (Result | Skip)[],
): Promise<void> {
  const results = ends.filter((each) => 'outcome' in each);
  const skips = ends.filter((each) => 'reason' in each);
  const { agenda, inForce, records } = options;
  const { clock, observe } = options.deps;
  const end = clock.now();
  const job = agenda.jobs.get(agenda.successor(ran.id));
  const facts = job && agenda.status(job.id);
  const current = job && facts ? { job, status: facts } : undefined;
  const decided = runEnd({ ran, claim, results, skips, end }, current, inForce.settings().TimeZone);
  const journaled: JournalRecord[] = [decided.finish];
  if (job && decided.status) {
    agenda.put(job, decided.status);
    journaled.push(records.facts(job.source.file));
  }
  await recordResults(options, ran, journaled);
  records.recorded();
  if (decided.status?.Rollout?.Soak) options.waits.wake(); // somebody looks when it is over
  options.shared?.finished(claim.run, records.journal.last);
  const elapsedMs = end.getTime() - Date.parse(claim.start);
  const failed = results.filter((result) => result.error !== null).length;
  const succeeded = results.length - failed;
  const errors = new Map(results.map(({ machine, error }) => [machine, error]));
  const status = hasFailed({ errors, skips }) ? 'Failed' : 'Completed';
  const skipped = skips.length;
  observe({ event: 'finished', job: ran.id, run: claim.run, succeeded, failed, skipped, status, elapsedMs });
}
