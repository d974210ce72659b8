import type { Action } from '../../definitions/actions/action.ts';
import type { CutOffPart, Part, Result } from '../../definitions/run.ts';
import { after, type Clock } from '../clock.ts';
import type { Credentials } from '../credentials.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import { applyEntry, patienceOf } from '../redfish/apply.ts';
import { withBmc } from '../redfish/conversation.ts';
import { followCourse, type PartHooks, type Rest, type Turns } from '../redfish/course/follow.ts';
import { asFailure, Failure, failureText } from '../redfish/failure.ts';
import { type ConnectionPool, createConnectionPool } from '../redfish/http/pool.ts';
import { confirmIdentity } from '../redfish/inventory.ts';
import { bounded, type EntryOutcome } from '../redfish/outcome.ts';
import { createQuirks, type QuirksByMachine } from '../redfish/quirks.ts';
import { confirm } from '../redfish/read-back.ts';
import type { Session } from '../redfish/session.ts';
import { lookAgain, notSeenAgain } from './cut-off.ts';
import type { BeforeSending, Executor, Fence, Wait } from './executor.ts';
import { putBack, withPutBack } from './put-back.ts';
import { resultOf, stopped, tooLate, withReason } from './result.ts';
import { sendableAction } from './sendable.ts';
import { createTurns } from './turns.ts';

/** How the executor talks to BMCs. */
export interface LocalExecutorOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Hears of each request and retry. */
  readonly observe?: (event: RedfishEvent) => void;
  /** In [0, 1); spreads retries. */
  readonly random: () => number;
  /** A value must still be there so long after the last change, in milliseconds. */
  readonly settleMs?: number;
}

const SETTLE_MS = 1_500;

/** What conversations of one executor share. */
interface Shared extends LocalExecutorOptions {
  readonly quirks: QuirksByMachine;
  readonly pool: ConnectionPool;
  readonly turns: Turns;
  readonly fence?: Fence | undefined;
}

/** An executor that talks to the BMCs from this very process. */
export function createLocalExecutor(options: LocalExecutorOptions): Executor {
  const turns = createTurns(options.clock);
  const shared: Shared = { ...options, quirks: createQuirks(), pool: createConnectionPool(), turns };
  return {
    async execute(part, signal, wait, before, fence) {
      const outcomes: EntryOutcome[] = []; // in payload order; shorter than it when the run ends early
      const result = await carryOut({ ...shared, fence }, { part, outcomes, wait, before, signal });
      const owes = part.onFailure === 'Revert' && result.error !== null && outcomes.some(({ sent }) => sent);
      const ended = owes ? await undo({ ...shared, fence }, part, outcomes, result, signal) : result;
      return { ...ended, entries: ended.entries.map(bounded) };
    },
    recover: (part, signal, fence) => recover({ ...shared, fence }, part, signal),
  };
}

/** One part, while it is carried out. */
interface Carrying {
  readonly part: Part;
  readonly outcomes: EntryOutcome[];
  readonly wait: Wait | undefined;
  readonly before: BeforeSending | undefined;
  readonly signal: AbortSignal;
}

async function carryOut(shared: Shared, { part, outcomes, signal, wait, before }: Carrying): Promise<Result> {
  const { settleMs = SETTLE_MS, turns } = shared;
  const failed = (failure: Failure): Result => {
    if (signal.aborted) return stopped(part, outcomes);
    outcomes.splice(0, outcomes.length, ...withReason(part, outcomes, failure));
    return resultOf(part, outcomes);
  };
  try {
    const action = sendableAction(part);
    return await withBmc(
      part.machine,
      { ...shared, signal },
      async (session) => {
        if (part.identity) await confirmIdentity(session, part.identity);
        const hooks = hooksOf(session, { part, outcomes, wait, before });
        await applyAll(session, action, { part, outcomes, hooks, turns });
        if (settleMs > 0 && outcomes.some(isToConfirm)) {
          await settle(session, { part, outcomes, settleMs, wait });
          await confirmAll(session, action, outcomes, hooks.rest);
        }
        return resultOf(part, outcomes);
      },
      ({ failure, timedOut, answered }) => failed(timedOut ? tooLate(part, answered) : failure),
    );
  } catch (error) {
    return failed(asFailure(error));
  }
}

/** Puts back what a failed part has sent, in a conversation of its own: the time of the first may be over. */
async function undo(
  shared: Shared,
  part: Part,
  outcomes: readonly EntryOutcome[],
  result: Result,
  signal: AbortSignal,
): Promise<Result> {
  if (signal.aborted) return { ...result, outcome: 'Interrupted' }; // the next start does it
  const action = sendableAction(part);
  // Those of the result, in its order; the others have been read by nobody, so nothing was sent there.
  const read = part.payload.flatMap((entry, index) => {
    const { fields, sent } = outcomes[index] ?? { fields: null, sent: false };
    return fields ? [{ entry, shown: fields, sent }] : [];
  });
  return withBmc(
    part.machine,
    { ...shared, signal },
    async (session) => {
      if (part.identity) await confirmIdentity(session, part.identity);
      const backs = await putBack(
        session,
        action,
        read.filter(({ sent }) => sent),
        part,
      );
      const left = [...backs];
      return withPutBack(
        result,
        read.map(({ sent }) => (sent ? left.shift() : undefined)),
      );
    },
    ({ failure }) => {
      if (signal.aborted) return { ...result, outcome: 'Interrupted' };
      return { ...result, outcome: 'RestoreFailed', error: `${result.error}; RestoreFailed: ${failureText(failure)}` };
    },
  );
}

/** A start does not wait longer to learn what a field is; what is owed has its machine's Timeout. */
const LOOK_MS = 10_000;

async function recover(shared: Shared, part: CutOffPart, signal: AbortSignal): Promise<Result> {
  try {
    const action = sendableAction(part);
    const limit = part.onFailure === 'Revert' ? {} : { mostMs: LOOK_MS };
    const result = await withBmc(
      part.machine,
      { ...shared, ...limit, signal },
      async (session) => {
        if (part.identity) await confirmIdentity(session, part.identity);
        return lookAgain(session, action, part);
      },
      ({ failure, timedOut, answered }) => notSeenAgain(part, timedOut ? tooLate(part, answered) : failure),
    );
    return { ...result, entries: result.entries.map(bounded) };
  } catch (error) {
    return notSeenAgain(part, asFailure(error));
  }
}

/** One entry after the other, in payload order; one that fails does not keep the next from being tried. */
async function applyAll(
  session: Session,
  action: Action,
  { part, outcomes, hooks, turns }: { part: Part; outcomes: EntryOutcome[]; hooks: PartHooks; turns: Turns },
): Promise<void> {
  const { connection } = session;
  const { course } = action;
  for (const entry of part.payload) {
    const outcome = course
      ? await followCourse(session, { action, course, entry }, { ...hooks, turns })
      : await applyEntry(session, action, entry, hooks);
    outcomes.push(outcome);
    (course ? connection.stop : connection.signal).throwIfAborted();
  }
}

/** How a part rests, and begins to send: what it has come to so far is on record meanwhile. */
function hooksOf({ connection }: Session, { part, outcomes, wait, before }: Omit<Carrying, 'signal'>): PartHooks {
  const { clock, rest, secrets, stop } = connection;
  return {
    rest: (until, sofar) =>
      rest(() => {
        const all = outcomes.includes(sofar) ? outcomes : [...outcomes, sofar];
        return wait ? wait(until, secrets.redact(resultOf(part, all))) : clock.sleep(until, stop);
      }),
    async before(sofar) {
      const { entries, ...seen } = secrets.redact(resultOf(part, [...outcomes, sofar]));
      const { signal } = connection;
      await before?.({ ...seen, entries: entries.map(bounded) }, signal).catch((error: Error) => {
        signal.throwIfAborted();
        const text = `what it has could not be recorded, so nothing was sent: ${error.message}`;
        throw new Failure('NotApplied', 'transient', text);
      });
      signal.throwIfAborted();
    },
  };
}

/** Values that were read back are looked at once more; what has a course has been watched all along. */
function isToConfirm({ sent, staged, failure, path }: EntryOutcome): boolean {
  return sent && !staged && !failure && path !== undefined;
}

interface Settling {
  readonly part: Part;
  readonly outcomes: readonly EntryOutcome[];
  readonly settleMs: number;
  readonly wait: Wait | undefined;
}

/** Waits a little: some BMCs take a value back. */
async function settle(session: Session, { part, outcomes, settleMs, wait }: Settling): Promise<void> {
  const { clock, deadline, pause, secrets, signal } = session.connection;
  const settled = after(clock, settleMs);
  if (!wait || settled >= deadline) return clock.sleep(settled < deadline ? settled : deadline, signal);
  await pause(settled, () => wait(settled, secrets.redact(resultOf(part, outcomes))));
}

/** Looks whether what was applied is still there. */
async function confirmAll(session: Session, action: Action, outcomes: EntryOutcome[], rest: Rest): Promise<void> {
  for (const [index, outcome] of outcomes.entries()) {
    const patience = patienceOf(action, (until) => rest(until, outcome));
    outcomes[index] = await confirm(session, action, outcome, patience);
  }
}
