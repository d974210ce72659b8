import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { FoundPart, FoundParts, Remembered, UnknownPart } from '../../definitions/lifecycle/recovery.ts';
import { unknownParts } from '../../definitions/lifecycle/recovery.ts';
import type { MachineID, Machines } from '../../definitions/machine.ts';
import { type CutOffPart, interrupted, type Result, type RunID } from '../../definitions/run.ts';
import { type LogRecord, logRecord } from '../../definitions/run-log.ts';
import { isObject } from '../../definitions/values/json.ts';
import { after, type Clock } from '../clock.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { Executor } from '../executors/executor.ts';
import { createFairLimit } from '../runs/concurrency.ts';

export interface CutOffPartsOptions {
  readonly clock: Clock;
  readonly observe: (event: ControllerEvent) => void;
  readonly executor: Executor;
  readonly journal: { append(records: readonly JournalRecord[]): Promise<unknown> };
  /** Chooses the path of a log file, none twice. */
  readonly pathOf: (log: LogRecord) => string;
}

/** A start waits no longer to learn what fields are now; what is owed it waits for, each machine for its Timeout. */
const LOOKS_MS = 30_000;

/**
 * Asks the BMCs of parts that a crash cut off what their fields are now, and has those put back that are owed, before
 * anything else begins (R61). A machine that the inventory has no more is not asked.
 */
export async function recoverParts(
  options: CutOffPartsOptions,
  remembered: Remembered,
  machines: Machines,
  maxConnections: number,
): Promise<FoundParts> {
  const found = new Map<RunID, Map<MachineID, FoundPart>>();
  const parts = unknownParts(remembered);
  if (parts.length === 0) return found;
  const { clock } = options;
  const connections = createFairLimit(maxConnections);
  const [late, done] = [new AbortController(), new AbortController()];
  const limit = clock.sleep(after(clock, LOOKS_MS), done.signal).then(
    () => late.abort(new Error('the start waits no longer')),
    () => undefined, // all was looked at in time
  );
  const lookAt = (unknown: UnknownPart) =>
    connections.run(unknown.claim.run, async () => {
      const { claim, machine: id, part } = unknown;
      const ended = await recoverPart(options, unknown, machines, part.onFailure ? NEVER.signal : late.signal);
      found.set(claim.run, (found.get(claim.run) ?? new Map<MachineID, FoundPart>()).set(id, ended));
    });
  await Promise.all(parts.map(lookAt));
  done.abort();
  await limit;
  return found;
}

/** A start has nobody yet who could stop it. */
const NEVER = new AbortController();

/** What the run is closed with; its part began when it did, and took as long as was known before. */
async function recoverPart(
  { executor, journal, pathOf, observe }: CutOffPartsOptions,
  { claim, machine: id, part, log: known }: UnknownPart,
  machines: Machines,
  signal: AbortSignal,
): Promise<FoundPart> {
  const { run, job, action } = claim;
  const seen = (Array.isArray(known.Result) ? known.Result : [known.Result]).filter(isObject);
  const machine = machines.get(id);
  const cutOff: CutOffPart | undefined = machine && { run, job, action, machine, ...part, seen };
  const result = cutOff ? await executor.recover(cutOff, signal) : gone(id, seen, part.onFailure === 'Revert');
  const { outcome, error } = result;
  const made = logRecord(claim, result, part.payload.length, new Date(known.Timestamp), 0);
  const log = { ...made, Timestamp: known.Timestamp, ExecutionTime: known.ExecutionTime };
  if (part.onFailure === undefined) return { outcome, log, isRecorded: false };
  // At once, so that nothing is put back twice whatever becomes of this start.
  await journal.append([{ kind: 'result', run, outcome, path: pathOf(log), log }]);
  observe({ event: 'restored', job, run, machine: id, outcome, error });
  return { outcome, log, isRecorded: true };
}

function gone(machine: MachineID, entries: Result['entries'], owes: boolean): Result {
  const { error } = interrupted(machine);
  const why = `${error}; the inventory does not have it any more, so nobody has looked`;
  return owes
    ? { machine, outcome: 'RestoreFailed', entries, error: `${why}; RestoreFailed` }
    : { machine, outcome: 'Interrupted', entries, error: why };
}
