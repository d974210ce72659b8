import type { Action } from '../../definitions/actions/action.ts';
import { memberOf } from '../../definitions/actions/address.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { ROOTS, type Root } from '../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome, Part, Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { after, type Clock } from '../clock.ts';
import type { Credentials } from '../credentials.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import { applyEntry, patienceOf } from '../redfish/apply.ts';
import { withBmc } from '../redfish/conversation.ts';
import { followCourse, type Rest, type Turns } from '../redfish/course/follow.ts';
import { asFailure, Failure, failureText } from '../redfish/failure.ts';
import { createConnectionPool } from '../redfish/http/pool.ts';
import { confirmIdentity } from '../redfish/inventory.ts';
import { bounded, type EntryOutcome } from '../redfish/outcome.ts';
import { createQuirks } from '../redfish/quirks.ts';
import { confirm } from '../redfish/read-back.ts';
import type { Session } from '../redfish/session.ts';
import type { Executor, Wait } from './executor.ts';
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

/** An executor that talks to the BMCs from this very process. */
export function createLocalExecutor(options: LocalExecutorOptions): Executor {
  const { settleMs = SETTLE_MS } = options;
  const quirks = createQuirks();
  const pool = createConnectionPool();
  const turns = createTurns(options.clock);
  return {
    async execute(part, signal, wait) {
      const outcomes: EntryOutcome[] = []; // in payload order; shorter than it when the run ends early
      const failed = (failure: Failure): Result =>
        signal.aborted ? interrupted(part, outcomes) : resultOf(part, withReason(part, outcomes, failure));
      try {
        const action = sendableAction(part);
        const result = await withBmc(
          part.machine,
          { ...options, quirks, pool, signal },
          async (session) => {
            if (part.identity) await confirmIdentity(session, part.identity);
            const rest = restOf(session, { part, outcomes, wait });
            await applyAll(session, action, { part, outcomes, rest, turns });
            if (settleMs > 0 && outcomes.some(isToConfirm)) {
              await settle(session, { part, outcomes, settleMs, wait });
              await confirmAll(session, action, outcomes, rest);
            }
            return resultOf(part, outcomes);
          },
          ({ failure, timedOut, answered }) => failed(timedOut ? tooLate(part, answered) : failure),
        );
        return { ...result, entries: result.entries.map(bounded) };
      } catch (error) {
        return failed(asFailure(error));
      }
    },
  };
}

/** One entry after the other, in payload order; one that fails does not keep the next from being tried. */
async function applyAll(
  session: Session,
  action: Action,
  { part, outcomes, ...waits }: { part: Part; outcomes: EntryOutcome[]; rest: Rest; turns: Turns },
): Promise<void> {
  const { connection } = session;
  const { course } = action;
  for (const entry of part.payload) {
    const outcome = course
      ? await followCourse(session, { action, course, entry }, waits)
      : await applyEntry(session, action, entry, waits.rest);
    outcomes.push(outcome);
    (course ? connection.stop : connection.signal).throwIfAborted();
  }
}

/** How a part rests: what it has come to so far is on record meanwhile. */
function restOf(
  { connection }: Session,
  { part, outcomes, wait }: { readonly part: Part; readonly outcomes: EntryOutcome[]; readonly wait: Wait | undefined },
): Rest {
  const { clock, rest, secrets, stop } = connection;
  return (until, sofar) =>
    rest(() => {
      const all = outcomes.includes(sofar) ? outcomes : [...outcomes, sofar];
      return wait ? wait(until, secrets.redact(resultOf(part, all))) : clock.sleep(until, stop);
    });
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

function tooLate({ machine }: Part, answered: boolean): Failure {
  const outcome = answered ? 'NotApplied' : 'Unreachable';
  return new Failure(outcome, 'transient', `not done within the machine's Timeout of ${machine.Timeout}`);
}

/** An outcome for each entry: one that was cut off, or not come to, failed for this reason. */
function withReason(part: Part, outcomes: readonly EntryOutcome[], failure: Failure): EntryOutcome[] {
  const unknown = new Failure(failure.outcome, failure.class, `sent, but not read back: ${failure.message}`);
  return part.payload.map((entry, index) => {
    const outcome = outcomes[index];
    if (outcome && !outcome.aborted) return outcome;
    return { fields: null, sent: false, ...outcome, entry, failure: outcome?.sent ? unknown : failure };
  });
}

function resultOf(part: Part, outcomes: readonly EntryOutcome[]): Result {
  const failed = outcomes.filter(({ failure }) => failure);
  const error = failed.length === 0 ? null : errorText(part, failed);
  return { machine: part.machine.ID, outcome: outcomeOf(outcomes, failed), entries: fieldsOf(outcomes), error };
}

function fieldsOf(outcomes: readonly EntryOutcome[]): JsonObject[] {
  return outcomes.flatMap(({ fields }) => (fields ? [fields] : []));
}

function outcomeOf(outcomes: readonly EntryOutcome[], failed: readonly EntryOutcome[]): Outcome {
  const changed = outcomes.some(({ sent, failure }) => sent && !failure);
  const staged = outcomes.some((each) => each.staged);
  const [first] = failed;
  if (!first?.failure) return staged ? 'Staged' : changed ? 'Applied' : 'Unchanged';
  const partly = failed.some(({ failure }) => failure?.outcome === 'PartlyApplied');
  return changed || partly ? 'PartlyApplied' : first.failure.outcome;
}

/** One sentence; a reason that several managers share stands in it once. */
function errorText(part: Part, failed: readonly EntryOutcome[]): string {
  const { noun } = ROOTS[rootOf(part)];
  const targets = new Map<string, string[]>();
  for (const { entry, failure } of failed) {
    const reason = failure ? failureText(failure) : '';
    targets.set(reason, [...(targets.get(reason) ?? []), nameOf(part, entry)]);
  }
  return [...targets]
    .map(([reason, names]) => {
      const colon = reason.indexOf(':');
      return `${reason.slice(0, colon)}: ${`${noun} ${names.join(', ')}`.trimEnd()}${reason.slice(colon)}`;
    })
    .join('; ');
}

function rootOf({ action }: Part): Root {
  return ACTIONS.get(action)?.root ?? 'Managers';
}

/** What an entry names: a manager, and what is below it; empty where it leaves the choice to what there is. */
function nameOf(part: Part, entry: PayloadEntry): string {
  const { FanControllerID, FanZoneID, PidControllerID } = entry;
  const member = memberOf({ root: rootOf(part) }, entry) ?? '';
  const target = FanControllerID ?? FanZoneID ?? PidControllerID;
  return target === undefined ? member : `${member} ${target}`;
}

function interrupted(part: Part, outcomes: readonly EntryOutcome[]): Result {
  const left = part.payload.filter((_, index) => !outcomes[index] || outcomes[index]?.aborted);
  const where =
    left.map((entry) => `${ROOTS[rootOf(part)].noun} ${nameOf(part, entry)}`.trimEnd()).join(', ') ||
    'its values were confirmed';
  const error = `interrupted: the service stopped before ${where}`;
  return { machine: part.machine.ID, outcome: 'Interrupted', entries: fieldsOf(outcomes), error };
}
