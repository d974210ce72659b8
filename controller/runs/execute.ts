import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { following } from '../../definitions/lifecycle/missed.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import { finishOf } from '../../definitions/lifecycle/recovery.ts';
import { finished, missed, started } from '../../definitions/lifecycle/transitions.ts';
import type { Machine, MachineID, Machines } from '../../definitions/machine.ts';
import { type Claim, interrupted, type Part, type Result, refused } from '../../definitions/run.ts';
import { type LogRecord, logRecord } from '../../definitions/run-log.ts';
import type { Settings } from '../../definitions/settings.ts';
import { after, type Clock } from '../clock.ts';
import type { RunnerEvent } from '../events/event.ts';
import type { Executor } from '../executors/executor.ts';
import type { Journal } from '../state/journal.ts';
import type { FairLimit, KeyedMutex } from './concurrency.ts';
import { createDiskSpace } from './disk-space.ts';
import { createLongRunning } from './long-running.ts';

/** How long a part may take to wind up after it was told to stop. */
const WIND_UP_MS = 2_000;
const JOURNAL_RETRY_MS = 1_000;
const ANNOUNCED_AFTER_MS = 5_000;

/** What carrying out a run needs. */
export interface ExecuteOptions {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly settings: () => Settings;
  readonly machines: () => Machines;
  /** What keeps a job from running on a machine of the inventory (R29); nothing: it may. */
  readonly unfit: (job: Job, machine: Machine) => readonly string[];
  readonly executor: Executor;
  readonly journal: Journal;
  /** `MaxConnections` places over all runs (R26). */
  readonly connections: FairLimit;
  /** One run at a time on a machine (R26). */
  readonly turns: KeyedMutex;
  /** The facts of a manifest file's jobs, as a record. */
  readonly facts: (file: string) => JournalRecord;
  /** Makes the facts of manifest files durable, now or as soon as that can be. */
  readonly record: (files: readonly string[]) => void;
  /** Something is durable that is not public yet. */
  readonly recorded: () => void;
  /** Gives out log paths, none twice. */
  readonly pathOf: (log: LogRecord) => string;
  /** Aborted when running parts must end (R30). */
  readonly signal: AbortSignal;
  readonly observe: (event: RunnerEvent) => void;
}

/** Claims a run, carries it out on every machine, records it; false when there is no room to record it. */
export function createExecute(options: ExecuteOptions): (start: RunStart) => Promise<boolean> {
  const { clock, agenda, executor, journal, signal, observe } = options;
  /** Ends each part that goes on. A set, not listeners of the signal: among thousands those are sought one by one. */
  const inside = new Set<() => void>();
  signal.addEventListener('abort', () => {
    for (const abort of [...inside]) abort();
  });
  /** A run that lasts longer than most is told, so that `Running` is public (R31); short ones are told by their end. */
  const lasting = createLongRunning<RunStart>(clock, ANNOUNCED_AFTER_MS, ({ job, claim }) => {
    const now = agenda.jobs.get(agenda.successor(job.id));
    if (now && agenda.status(now.id)?.LastRun?.RunID === claim.run) options.record([now.source.file]);
  });
  const hasRoom = createDiskSpace(clock, (machines) => journal.hasRoom(machines));

  /** What a BMC was told must not be lost because the disk was full for a moment (R40). */
  async function append(job: Job, records: readonly JournalRecord[]): Promise<void> {
    for (;;) {
      try {
        await journal.append(records);
        return options.recorded();
      } catch (error) {
        observe({ event: 'unrecorded', job: job.id, error });
        if (signal.aborted) throw error;
        await clock.sleep(after(clock, JOURNAL_RETRY_MS), signal).catch(() => undefined); // aborted: one last try
      }
    }
  }

  function next(job: Job, claim: Claim): Date | null {
    const planned = agenda.status(job.id)?.NextRunTime;
    if (claim.trigger === 'Manual') return planned ? new Date(planned) : null;
    return following(job.spec.Schedule, new Date(claim.nominal), clock.now(), options.settings().TimeZone);
  }

  /** False when the claim is not durable: then nothing has begun. */
  async function claimed({ job, claim }: RunStart): Promise<boolean> {
    const status = agenda.status(job.id);
    if (status) agenda.put(job, started(status, claim, next(job, claim)));
    try {
      // DANGER: no BMC may hear of a run above this line. Were the claim written later, a crash between a request and
      // the claim would carry the same occurrence out twice (R23). The facts follow from it (R24): they come later.
      await journal.append([{ kind: 'claim', claim }]);
    } catch (error) {
      observe({ event: 'unrecorded', job: job.id, error });
      const now = agenda.jobs.get(agenda.successor(job.id));
      if (status && now?.version === job.version) agenda.put(now, { ...status, Id: now.id });
      return false;
    }
    const delayMs = Math.max(0, Date.parse(claim.start) - Date.parse(claim.nominal));
    const { run, trigger, nominal, start, machines } = claim;
    observe({ event: 'started', job: job.id, run, trigger, nominal, start, machines: machines.length, delayMs });
    return true;
  }

  function executed({ job, claim }: RunStart, id: MachineID): Promise<Result> | Result {
    const machine = options.machines().get(id);
    if (!machine) return refused(id, `machine ${id} not found (permanent: the inventory does not have it)`);
    const reasons = options.unfit(job, machine);
    if (reasons.length > 0) return refused(id, `${reasons.join('; ')} (permanent)`);
    const part: Part = { run: claim.run, job: job.id, action: claim.action, machine, payload: job.spec.Payload };
    const stop = new AbortController();
    return new Promise((resolve) => {
      const abort = () => {
        stop.abort(signal.reason);
        clock.sleep(after(clock, WIND_UP_MS)).then(() => end(interrupted(id)));
      };
      const end = (result: Result) => {
        inside.delete(abort);
        resolve(result);
      };
      const fail = (error: unknown) => end(broken(id, error));
      inside.add(abort);
      try {
        executor.execute(part, stop.signal).then(end, fail);
      } catch (error) {
        fail(error);
      }
      if (signal.aborted) abort();
    });
  }

  async function part(start: RunStart, id: MachineID): Promise<Result> {
    const { job, claim } = start;
    const began = clock.now();
    const result = signal.aborted ? interrupted(id) : await executed(start, id);
    const elapsedMs = clock.now().getTime() - began.getTime();
    const log = logRecord(claim, result, job.spec.Payload.length, began, elapsedMs);
    const path = options.pathOf(log);
    await append(job, [{ kind: 'result', run: claim.run, outcome: result.outcome, path, log }]);
    const { run, action } = claim;
    const { machine, outcome, error } = result;
    observe({ event: 'machine', job: job.id, run, machine, action, outcome, elapsedMs, error, path });
    return result;
  }

  /**
   * Told under the job's present name; a job that was deleted meanwhile, or is another one now, is left alone (R20).
   */
  async function ended({ job: ran, claim }: RunStart, results: readonly Result[]): Promise<void> {
    const end = clock.now();
    const errors = new Map(results.map((result) => [result.machine, result.error]));
    const finish = finishOf(claim, errors, end);
    const job = agenda.jobs.get(agenda.successor(ran.id));
    let status = job && agenda.status(job.id);
    const records: JournalRecord[] = [finish];
    if (job && status?.LastRun?.RunID === claim.run) {
      let then = status.NextRunTime === null ? null : new Date(status.NextRunTime);
      if (then && then <= end && claim.trigger !== 'Manual' && job.version === ran.version) {
        status = missed(status, then, `the run of ${claim.nominal} was still going on`);
        then = following(job.spec.Schedule, then, end, options.settings().TimeZone);
      }
      agenda.put(job, finished(status, claim, errors, end, then));
      records.push(options.facts(job.source.file));
    }
    await append(ran, records);
    const elapsedMs = end.getTime() - Date.parse(claim.start);
    const failed = results.filter((result) => result.error !== null).length;
    const succeeded = results.length - failed;
    observe({ event: 'finished', job: ran.id, run: claim.run, succeeded, failed, elapsedMs });
  }

  return async (start) => {
    const { claim, job } = start;
    if (!(await hasRoom(claim.machines.length))) {
      observe({ event: 'diskFull', job: job.id });
      return false;
    }
    if (!(await claimed(start))) return false;
    const forget = lasting(start);
    const turn = (id: MachineID) =>
      options.turns.run(id, () => options.connections.run(claim.run, () => part(start, id)));
    const results = await Promise.all(claim.machines.map(turn));
    forget();
    await ended(start, results);
    return true;
  };
}

/** An executor that rejects breaks its contract; the run goes on. */
function broken(machine: MachineID, error: unknown): Result {
  return refused(machine, `the executor failed: ${error instanceof Error ? error.message : String(error)} (permanent)`);
}
