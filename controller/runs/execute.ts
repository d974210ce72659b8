import type { Block } from '../../definitions/block.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { lastStart } from '../../definitions/lifecycle/missed.ts';
import type { ResumedRun, RunStart } from '../../definitions/lifecycle/next-start.ts';
import { cutOffLog, notItsTurn } from '../../definitions/lifecycle/recovery.ts';
import type { MachineID } from '../../definitions/machine.ts';
import { interrupted, type Result, type Skip } from '../../definitions/run.ts';
import { type LogRecord, logRecord } from '../../definitions/run-log.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Deps } from '../events/deps.ts';
import type { RunnerEvent } from '../events/event.ts';
import type { Journal } from '../state/journal.ts';
import type { Recorder } from '../state/recorder.ts';
import { claimRun, endRun } from './claim.ts';
import { createDiskSpace } from './disk-space.ts';
import { createLongRunning } from './long-running.ts';
import { type NotYet, onMachine } from './on-machine.ts';
import { abortable, type CallOptions, callExecutor, type PartCall } from './part/call-executor.ts';
import type { OwnParts } from './part/own-parts.ts';
import { type GatedPart, type PartGatesOptions, passGates, skipped } from './part-gates.ts';
import { recordResults } from './record-results.ts';
import { hasSpareFiles } from './spare-files.ts';
import { conductWaves, inTurn, keptStart, type WaveRun } from './waves/wave-run.ts';
import { NO_WORKER, type Worker } from './worker.ts';

/** What becomes of it is another controller's to say. */
const NEVER = new Promise<never>(() => undefined);
/** A run that lasts longer than this is recorded as `Running` before its end (R31). */
const LONG_RUNNING_MS = 5_000;

export interface ExecuteOptions extends PartGatesOptions, CallOptions {
  readonly deps: Deps<RunnerEvent>;
  readonly agenda: Agenda;
  readonly guards: PartGatesOptions['guards'];
  readonly inForce: CallOptions['inForce'] & PartGatesOptions['inForce'] & { readonly settings: () => Settings };
  /** What becomes durable. */
  readonly records: {
    readonly journal: Journal;
    /** The facts of a manifest file's jobs, as a record. */
    readonly facts: (file: string) => JournalRecord;
    /** What has to become durable with a claim. */
    readonly missing: Recorder['missing'];
    /** Makes the facts of manifest files durable, now or as soon as that can be. */
    readonly record: (files: readonly string[]) => void;
    /** Called when something is durable that is not public yet. */
    readonly recorded: () => void;
    /** A path for a log, never the same twice. */
    readonly pathOf: (log: LogRecord) => string;
  };
  /** What is waited for where another controller takes over; absent: none does. */
  readonly ownParts?: OwnParts | undefined;
}

interface ExecuteState {
  readonly options: ExecuteOptions;
  /** Aborts each part that runs. A set, not listeners of the signal: to drop one, a signal searches all of them. */
  readonly aborts: Set<() => void>;
  readonly hasSpace: (machines: number) => boolean | Promise<boolean>;
  /** What the last answer of `hasSpace` found too little of. */
  shortOf: 'disk' | 'files' | null;
  /** Called at a run's start; what it returns is called at its end. */
  readonly watchLength: (start: RunStart) => () => void;
}

/** Claims a run, executes it on every machine, records it; false when it could not be recorded, and nothing began. */
export function createExecute(options: ExecuteOptions): (start: RunStart, worker?: Worker) => Promise<boolean> {
  const { clock } = options.deps;
  const { journal } = options.records;
  const state: ExecuteState = {
    options,
    aborts: new Set(),
    hasSpace: createDiskSpace(clock, async (machines) => {
      state.shortOf = !(await journal.hasRoom(machines)) ? 'disk' : !hasSpareFiles() ? 'files' : null;
      return state.shortOf === null;
    }),
    shortOf: null,
    watchLength: createLongRunning<RunStart>(clock, LONG_RUNNING_MS, (start) => recordRunning(options, start)),
  };
  options.signal.addEventListener('abort', () => {
    for (const abort of [...state.aborts]) abort();
  });
  return (start, worker = NO_WORKER) => execute(state, start, worker);
}

async function execute(state: ExecuteState, wanted: RunStart, worker: Worker): Promise<boolean> {
  const { limits, deps, shared, ownParts } = state.options;
  if (!(await state.hasSpace(wanted.claim.machines.length))) {
    deps.observe({ event: state.shortOf === 'files' ? 'filesShort' : 'diskFull', job: wanted.job.id });
    return false;
  }
  const start = wanted.resumed ? wanted : await claimRun(state.options, wanted);
  if (!start) return false;
  const { claim, resumed } = start;
  const stopWatching = state.watchLength(start);
  const waves = conductWaves(state.options, start);
  const onKept = keptStart(start);
  const onOne = async (machine: MachineID) => {
    const told = resumed?.ends.get(machine);
    if (told) {
      worker.share().end();
      await waves?.ended(told);
      return told;
    }
    const waiting = { since: null, message: waves && notItsTurn(machine).message };
    const own = onKept?.claim.machines.includes(machine) ? onKept : start;
    return onMachine<Result | Skip | null>(limits, { run: claim.run, machine, worker }, (places) =>
      onePart(state, { start: own, machine, places, waiting, resumed }, waves).finally(() =>
        leaveDomain(state.options, start, machine),
      ),
    );
  };
  const parts = new Map(claim.machines.map((machine) => [machine, onOne(machine)]));
  const whole = Promise.all(parts.values()).then(async (ends) => {
    stopWatching();
    const known = ends.filter((each) => each !== null);
    if (known.length === ends.length) await endRun(state.options, start, known);
  });
  const own = [...parts].filter(([machine]) => !shared?.leaves(machine)).map(([, end]) => end);
  ownParts?.begin();
  await (own.length === parts.size ? whole : Promise.all(own)).finally(() => ownParts?.end());
  await whole;
  return true;
}

/** Those that wait for their turn in a domain look again when one of it has ended. */
function leaveDomain({ guards, waits }: ExecuteOptions, { claim }: RunStart, machine: MachineID): void {
  if (guards.end(claim.run, machine)) waits.wake();
}

/** One machine's part of a run while it is carried out. */
interface PartStart extends GatedPart {
  readonly places: PartCall['places'];
  /** What is on record here of its run, which another process began. */
  readonly resumed: ResumedRun | undefined;
}

async function onePart(
  state: ExecuteState,
  part: PartStart,
  waves: WaveRun | null,
): Promise<Result | Skip | NotYet | null> {
  if (isLeft(state.options, part.machine)) return NEVER;
  const known = part.resumed ? await resumedPart(state, part, part.resumed) : null;
  if (isLeft(state.options, part.machine)) return NEVER;
  if (known) {
    await waves?.ended(known);
    return known;
  }
  return inTurn(waves, part.machine, {
    leaveOut: (block) => skipped(state.options, part, block),
    execute: (blocked) => executePart(state, part, blocked),
  });
}

/**
 * Executes a run on one machine where the gates let it, and records how that ended. Null: it was told to stop while it
 * owes to put something back: it stays open in the journal, and the next start does so first.
 */
async function executePart(
  state: ExecuteState,
  part: PartStart,
  blocked: () => Block | null,
): Promise<Result | Skip | NotYet | null> {
  const { options } = state;
  const gated = options.signal.aborted ? null : await passGates(options, part);
  if (gated) return gated;
  const block = blocked(); // while it was made durable that it begins, another may have failed
  if (block) return await skipped(options, part, block);
  const { clock } = options.deps;
  const { job } = part.start;
  const call = callOf(options, part);
  const began = clock.now();
  const result = options.signal.aborted ? interrupted(part.machine) : await callExecutor(state, call);
  if (isLeft(options, part.machine)) return NEVER;
  const owes = job.spec.OnFailure === 'Revert' && call.sending.isOnRecord && result.outcome === 'Interrupted';
  if (owes) return null;
  await recordEnd(options, part, result, call.logOf(result), began);
  return result;
}

/** A call that begins now. */
function callOf({ deps: { clock } }: ExecuteOptions, part: PartStart): PartCall {
  const { job, claim } = part.start;
  const began = clock.now();
  const logOf = (result: Result) => {
    const { began: at, elapsedMs } = result.carriedOut ?? { began, elapsedMs: clock.now().getTime() - began.getTime() };
    return logRecord(claim, result, job.spec.Payload.length, new Date(at), elapsedMs);
  };
  return { ...part, logOf, sending: { isOnRecord: false } };
}

async function recordEnd(
  options: ExecuteOptions,
  { start: { job, claim } }: PartStart,
  result: Result,
  log: LogRecord,
  beganHere: Date,
): Promise<void> {
  const began = result.carriedOut ? new Date(result.carriedOut.began) : beganHere;
  const elapsedMs = result.carriedOut?.elapsedMs ?? options.deps.clock.now().getTime() - began.getTime();
  const path = options.records.pathOf(log);
  const { run, action } = claim;
  const { machine, outcome, error } = result;
  await recordResults(options, job, [{ kind: 'result', run, outcome, path, log }]);
  options.records.recorded();
  options.deps.observe({ event: 'machine', job: job.id, run, machine, action, outcome, began, elapsedMs, error, path });
}

/** Whether a part is the next controller's by now: what becomes of it is not recorded here. */
function isLeft({ shared, ownParts, signal }: ExecuteOptions, machine: MachineID): boolean {
  return Boolean(shared?.leaves(machine) && (ownParts?.isHandedOver || signal.aborted));
}

/** What became of a part that another process claimed, recorded here; null: it has not begun, and may begin now. */
async function resumedPart(state: ExecuteState, part: PartStart, resumed: ResumedRun): Promise<Result | null> {
  const { options } = state;
  const { shared, inForce, deps } = options;
  const { job, claim } = part.start;
  if (!shared || options.signal.aborted) return null;
  const last = lastStart(job, claim.nominal, inForce.settings());
  const call = callOf(options, part);
  const began = deps.clock.now();
  const asked = {
    run: claim.run,
    machine: part.machine,
    mayBegin: last === null || deps.clock.now() <= last,
    carryOn: async () => callExecutor(state, call),
  };
  const result = await abortable(state, call, (signal) => shared.resume(asked, signal));
  if (result === null || isLeft(options, part.machine)) return result;
  // Who shares the runs tells the same of a part as whoever else may have told of it.
  const isOwnToTell = result.outcome === 'Interrupted' && !shared.handsOver;
  const readBack = isOwnToTell ? resumed.readBack.get(part.machine) : undefined;
  const log = readBack ? cutOffLog(claim, part.machine, readBack) : call.logOf(result);
  await recordEnd(options, part, result, log, began);
  return result;
}

/** Makes `Running` public (R31) of a run that goes on; the short ones become public by their end. */
function recordRunning({ agenda, records }: ExecuteOptions, { job, claim }: RunStart): void {
  const current = agenda.jobs.get(agenda.successor(job.id));
  if (current && agenda.status(current.id)?.LastRun?.RunID === claim.run) records.record([current.source.file]);
}
