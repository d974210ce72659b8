import type { Job } from '../../../definitions/job.ts';
import type { JournalRecord } from '../../../definitions/lifecycle/journal-record.ts';
import type { RunStart } from '../../../definitions/lifecycle/next-start.ts';
import type { Machine, MachineID, Machines } from '../../../definitions/machine.ts';
import { interrupted, type Part, payloadOf, type Result, refused, unconfirmed } from '../../../definitions/run.ts';
import type { LogRecord } from '../../../definitions/run-log.ts';
import { guardOf } from '../../../definitions/safety/guard-gates.ts';
import { after } from '../../clock.ts';
import type { Deps } from '../../events/deps.ts';
import type { RunnerEvent } from '../../events/event.ts';
import type { BeforeSending, Executor, Wait } from '../../executors/executor.ts';
import type { Journal } from '../../state/journal.ts';
import { type BmcLimits, giveWay, type PartPlaces } from '../on-machine.ts';
import type { PartGatesOptions } from '../part-gates.ts';
import { recordResults } from '../record-results.ts';
import type { SharedRuns } from './shared-runs.ts';

/** How long a part may take to end after it was aborted. */
const ABORT_TIMEOUT_MS = 2_000;

export interface CallOptions {
  readonly deps: Deps<RunnerEvent>;
  readonly executor: Pick<Executor, 'execute'>;
  readonly guards: PartGatesOptions['guards'];
  /** What holds at the moment at which a part begins. */
  readonly inForce: {
    readonly machines: () => Machines;
    /** What keeps a job from running on a machine of the inventory (R29); nothing: it may. */
    readonly unfit: (job: Job, machine: Machine, payload: Part['payload']) => readonly string[];
  };
  readonly records: { readonly journal: Journal };
  readonly limits: BmcLimits;
  /** The runs of all controllers; absent: this one is alone. */
  readonly shared?: SharedRuns | undefined;
  /** Aborted when running parts must end (R30). */
  readonly signal: AbortSignal;
}

/** What a call needs of the runs. */
export interface CallContext {
  readonly options: CallOptions;
  /** Aborts each part that runs. A set, not listeners of the signal: to drop one, a signal searches all of them. */
  readonly aborts: Set<() => void>;
}

/** One part, and what it holds. */
export interface PartCall {
  readonly start: RunStart;
  readonly machine: MachineID;
  readonly places: PartPlaces;
  /** Its log, if this were its result. */
  readonly logOf: (result: Result) => LogRecord;
  /** Whether what it is about to change is on record. */
  readonly sending: { isOnRecord: boolean };
}

/** The result of a part that begins now, or why it cannot. */
export function callExecutor(context: CallContext, call: PartCall): Promise<Result> | Result {
  const { options } = context;
  const { job, claim } = call.start;
  const id = call.machine;
  const { executor, inForce } = options;
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
  return abortable(context, call, (signal, wait, cutsOff) => {
    const before: BeforeSending = async (seen, isOver) => {
      const record: JournalRecord = {
        kind: 'before',
        run: claim.run,
        log: call.logOf(seen),
        ...(!call.sending.isOnRecord && { part: kept(part) }),
      };
      await recordResults({ ...options, signal: isOver }, job, [record]);
      call.sending.isOnRecord = true;
      cutsOff(seen);
    };
    return executor.execute(part, signal, wait, before);
  });
}

/**
 * What work on a part comes to; when it is aborted and does not end in time, the part counts as interrupted (R30). An
 * executor that rejects breaks its contract: that is a result, too.
 */
export function abortable<T>(
  { options, aborts }: CallContext,
  { start: { job, claim }, machine: id, places, logOf }: PartCall,
  work: (signal: AbortSignal, wait: Wait, cutsOff: (seen: Result) => void) => Promise<T>,
): Promise<T | Result> {
  const { signal, shared } = options;
  const { clock } = options.deps;
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
  return new Promise((resolve) => {
    const abort = () => {
      stop.abort(signal.reason);
      clock.sleep(after(clock, ABORT_TIMEOUT_MS)).then(() => end(cutOff));
    };
    const end = (result: T | Result) => {
      aborts.delete(abort);
      resolve(result);
    };
    const fail = (error: unknown) => end(brokenContract(id, error));
    if (!shared?.leaves(id)) aborts.add(abort);
    try {
      work(stop.signal, wait, (seen) => {
        cutOff = { ...interrupted(id), entries: seen.entries };
      }).then(end, fail);
    } catch (error) {
      fail(error);
    }
    if (signal.aborted && !shared?.leaves(id)) abort();
  });
}

/** What of a part a start needs to look at it again. */
function kept({ payload, identity, onFailure }: Part): Pick<Part, 'payload' | 'identity' | 'onFailure'> {
  return { payload, ...(identity && { identity }), ...(onFailure && { onFailure }) };
}

/** Whom the BMC must prove to be; null: no guard asks (G06). */
function identityFor({ deps, guards, inForce }: CallOptions, { job, claim }: RunStart, machine: Machine) {
  const { Identity } = guards.limits(guardOf(job), deps.clock.now(), claim.run);
  return Identity === 'Required' ? guards.identities(inForce.machines())(machine) : null;
}

interface Settling {
  readonly options: CallOptions;
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
