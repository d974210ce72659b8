import type { Block } from '../../definitions/block.ts';
import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import { notItsTurn } from '../../definitions/lifecycle/recovery.ts';
import type { Machine, MachineID, Machines } from '../../definitions/machine.ts';
import {
  interrupted,
  type Part,
  payloadOf,
  type Result,
  refused,
  type Skip,
  unconfirmed,
} from '../../definitions/run.ts';
import { type LogRecord, logRecord } from '../../definitions/run-log.ts';
import { guardOf } from '../../definitions/safety/guard-gates.ts';
import type { Settings } from '../../definitions/settings.ts';
import { after } from '../clock.ts';
import type { Deps } from '../events/deps.ts';
import type { RunnerEvent } from '../events/event.ts';
import type { BeforeSending, Executor, Wait } from '../executors/executor.ts';
import type { Journal } from '../state/journal.ts';
import type { Recorder } from '../state/recorder.ts';
import { claimRun, endRun } from './claim.ts';
import { createDiskSpace } from './disk-space.ts';
import { createLongRunning } from './long-running.ts';
import { type BmcLimits, giveWay, type NotYet, onMachine, type PartPlaces } from './on-machine.ts';
import { type GatedPart, type PartGatesOptions, passGates, skipped } from './part-gates.ts';
import { recordResults } from './record-results.ts';
import { hasSpareFiles } from './spare-files.ts';
import { conductWaves, inTurn, keptStart, type WaveRun } from './waves/wave-run.ts';
import { NO_WORKER, type Worker } from './worker.ts';

/** How long a part may take to end after it was aborted. */
const ABORT_TIMEOUT_MS = 2_000;
/** A run that lasts longer than this is recorded as `Running` before its end (R31). */
const LONG_RUNNING_MS = 5_000;

export interface ExecuteOptions extends PartGatesOptions {
  readonly deps: Deps<RunnerEvent>;
  readonly agenda: Agenda;
  readonly executor: Pick<Executor, 'execute'>;
  /** What holds at the moment at which a part begins. */
  readonly inForce: {
    readonly settings: () => Settings;
    readonly machines: () => Machines;
    /** What keeps a job from running on a machine of the inventory (R29); nothing: it may. */
    readonly unfit: (job: Job, machine: Machine, payload: Part['payload']) => readonly string[];
  };
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
  readonly limits: BmcLimits;
  /** Aborted when running parts must end (R30). */
  readonly signal: AbortSignal;
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

async function execute(state: ExecuteState, start: RunStart, worker: Worker): Promise<boolean> {
  const { limits, deps } = state.options;
  const { claim, job } = start;
  if (!(await state.hasSpace(claim.machines.length))) {
    deps.observe({ event: state.shortOf === 'files' ? 'filesShort' : 'diskFull', job: job.id });
    return false;
  }
  if (!(await claimRun(state.options, start))) return false;
  const stopWatching = state.watchLength(start);
  const waves = conductWaves(state.options, start);
  const onKept = keptStart(start);
  const onOne = (machine: MachineID) => {
    const waiting = { since: null, message: waves && notItsTurn(machine).message };
    const own = onKept?.claim.machines.includes(machine) ? onKept : start;
    return onMachine<Result | Skip | null>(limits, { run: claim.run, machine, worker }, (places) =>
      onePart(state, { start: own, machine, places, waiting }, waves).finally(() =>
        leaveDomain(state.options, start, machine),
      ),
    );
  };
  const ends = await Promise.all(claim.machines.map(onOne));
  stopWatching();
  const known = ends.filter((each) => each !== null);
  if (known.length === ends.length) await endRun(state.options, start, known);
  return true;
}

/** Those that wait for their turn in a domain look again when one of it has ended. */
function leaveDomain({ guards, waits }: ExecuteOptions, { claim }: RunStart, machine: MachineID): void {
  if (guards.end(claim.run, machine)) waits.wake();
}

/** One machine's part of a run while it is carried out. */
interface PartStart extends GatedPart {
  readonly places: PartPlaces;
}

function onePart(state: ExecuteState, part: PartStart, waves: WaveRun | null): Promise<Result | Skip | NotYet | null> {
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
  const { clock, observe } = options.deps;
  const { job, claim } = part.start;
  const began = clock.now();
  const logOf = (result: Result) =>
    logRecord(claim, result, job.spec.Payload.length, began, clock.now().getTime() - began.getTime());
  const sending = { isOnRecord: false };
  const result = options.signal.aborted ? interrupted(part.machine) : await callExecutor(state, part, sending, logOf);
  const owes = job.spec.OnFailure === 'Revert' && sending.isOnRecord && result.outcome === 'Interrupted';
  if (owes) return null;
  const elapsedMs = clock.now().getTime() - began.getTime();
  const log = logOf(result);
  const path = options.records.pathOf(log);
  await recordResults(options, job, [{ kind: 'result', run: claim.run, outcome: result.outcome, path, log }]);
  options.records.recorded();
  const { run, action } = claim;
  const { machine, outcome, error } = result;
  observe({ event: 'machine', job: job.id, run, machine, action, outcome, began, elapsedMs, error, path });
  return result;
}

/** The result of a part; when it is aborted and does not end in time, it counts as interrupted (R30). */
function callExecutor(
  { options, aborts }: ExecuteState,
  { start: { job, claim }, machine: id, places }: PartStart,
  sending: { isOnRecord: boolean },
  logOf: (result: Result) => LogRecord,
): Promise<Result> | Result {
  const { executor, inForce, signal } = options;
  const { clock } = options.deps;
  const machine = inForce.machines().get(id);
  if (!machine) return refused(id, `machine ${id} not found (permanent: the inventory does not have it)`);
  const payload = payloadOf(claim, id, job.spec.Payload);
  if (!payload) return refused(id, `machine ${id} was not in the inventory when the run began (permanent)`);
  const reasons = inForce.unfit(job, machine, payload);
  if (reasons.length > 0) return refused(id, `${reasons.join('; ')} (permanent)`);
  const identity = identityFor(options, { job, claim }, machine);
  const part: Part = {
    run: claim.run,
    job: job.id,
    action: claim.action,
    machine,
    ...(identity && { identity }),
    payload,
    ...(job.spec.OnFailure === 'Revert' && { onFailure: 'Revert' }),
  };
  const stop = new AbortController();
  let cutOff = interrupted(id);
  let onRecord = '';
  const wait: Wait = (until, seen) => {
    cutOff = unconfirmed(seen);
    const text = JSON.stringify(seen);
    const isNew = text !== onRecord; // who looks again and again has the same to say most of the time
    onRecord = text;
    const record = async () => {
      if (isNew) await recordResults(options, job, [{ kind: 'readBack', run: claim.run, log: logOf(seen) }]);
    };
    return settle({ options, places, record, signal: stop.signal }, until);
  };
  const before: BeforeSending = async (seen, isOver) => {
    const record: JournalRecord = {
      kind: 'before',
      run: claim.run,
      log: logOf(seen),
      ...(!sending.isOnRecord && { part: kept(part) }),
    };
    await recordResults({ ...options, signal: isOver }, job, [record]);
    sending.isOnRecord = true;
    cutOff = { ...interrupted(id), entries: seen.entries };
  };
  return new Promise((resolve) => {
    const abort = () => {
      stop.abort(signal.reason);
      clock.sleep(after(clock, ABORT_TIMEOUT_MS)).then(() => end(cutOff));
    };
    const end = (result: Result) => {
      aborts.delete(abort);
      resolve(result);
    };
    const fail = (error: unknown) => end(brokenContract(id, error));
    aborts.add(abort);
    try {
      executor.execute(part, stop.signal, wait, before).then(end, fail);
    } catch (error) {
      fail(error);
    }
    if (signal.aborted) abort();
  });
}

/** What of a part a start needs to look at it again. */
function kept({ payload, identity, onFailure }: Part): Pick<Part, 'payload' | 'identity' | 'onFailure'> {
  return { payload, ...(identity && { identity }), ...(onFailure && { onFailure }) };
}

/** Whom the BMC must prove to be; null: no guard asks (G06). */
function identityFor({ deps, guards, inForce }: ExecuteOptions, { job, claim }: RunStart, machine: Machine) {
  const { Identity } = guards.limits(guardOf(job), deps.clock.now(), claim.run);
  return Identity === 'Required' ? guards.identities(inForce.machines())(machine) : null;
}

interface Settling {
  readonly options: ExecuteOptions;
  readonly places: PartPlaces;
  /** Makes durable what was read back. */
  readonly record: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Waits with the machine alone, what was read back on record: a crash in between knows what it cuts off (R24). */
async function settle({ options, places, record, signal }: Settling, until: Date): Promise<void> {
  const { clock } = options.deps;
  await giveWay(options.limits, places, until, async () => {
    await record();
    await clock.sleep(until, signal);
  });
  signal.throwIfAborted();
}

/** An executor that rejects breaks its contract; the run goes on. What it has sent by then nobody knows: it counts. */
function brokenContract(machine: MachineID, error: unknown): Result {
  const message = `the executor failed: ${error instanceof Error ? error.message : String(error)} (permanent)`;
  return { machine, outcome: 'NotApplied', entries: [], error: message };
}

/** Makes `Running` public (R31) of a run that goes on; the short ones become public by their end. */
function recordRunning({ agenda, records }: ExecuteOptions, { job, claim }: RunStart): void {
  const current = agenda.jobs.get(agenda.successor(job.id));
  if (current && agenda.status(current.id)?.LastRun?.RunID === claim.run) records.record([current.source.file]);
}
