import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { Machine } from '../../definitions/machine.ts';
import type { Outcome, Part, Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { after, type Clock } from '../clock.ts';
import { type Credentials, CredentialsError } from '../credentials.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import { applyEntry, confirm, type EntryOutcome } from '../redfish/apply.ts';
import { connect } from '../redfish/connect.ts';
import { type Context, converse } from '../redfish/conversation.ts';
import { asFailure, Failure } from '../redfish/failure.ts';
import { guardPayload } from '../redfish/payload-guard.ts';
import { createQuirks, type QuirksByMachine } from '../redfish/quirks.ts';
import { redact } from '../redfish/redact.ts';
import type { Executor } from './executor.ts';

/** What the executor needs; `observe` hears what happens on the line. */
export interface LocalExecutorOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly observe?: (event: RedfishEvent) => void;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  /** A value must still be there so long after the last change, in milliseconds. */
  readonly settleMs?: number;
}

const SETTLE_MS = 1_500;

/** An executor that talks to the BMCs from this very process. */
export function createLocalExecutor(options: LocalExecutorOptions): Executor {
  const quirksByMachine = createQuirks();
  return {
    async execute(part, signal) {
      const { context, late, end } = converse(part.machine, { ...options, signal });
      const { secrets } = context;
      const applied: EntryOutcome[] = [];
      try {
        const action = supported(part);
        for (const entry of part.payload) guardPayload(action, entry);
        await carryOut(options, quirksByMachine, context, part, action, applied);
        return redact(conclude(part, applied), secrets);
      } catch (error) {
        if (signal.aborted) return redact(interrupted(part, applied), secrets);
        const failure = late() ? tooLate(part, context) : failureOf(error);
        return redact(conclude(part, withReason(part, applied, failure)), secrets);
      } finally {
        end();
      }
    },
  };
}

function supported(part: Part): Action {
  const action = ACTIONS.get(part.action);
  if (action?.supports.includes(part.machine.Type)) return action;
  const why = action ? `a machine of Type ${part.machine.Type} cannot ${part.action}` : `no action ${part.action}`;
  throw new Failure('Unsupported', 'permanent', why);
}

function failureOf(error: unknown): Failure {
  return error instanceof CredentialsError ? new Failure('Refused', 'permanent', error.message) : asFailure(error);
}

/** One session for all entries, in payload order; it is closed whatever happens. */
async function carryOut(
  { credentials, clock, settleMs = SETTLE_MS }: LocalExecutorOptions,
  quirksByMachine: QuirksByMachine,
  context: Context,
  { machine, payload }: Part,
  action: Action,
  applied: EntryOutcome[],
): Promise<void> {
  const quirks = quirksByMachine.of(machine.Endpoint);
  const session = await connect(machine, await secretsOf(credentials, machine), context, quirks);
  const desk = { session, context, quirks };
  try {
    for (const entry of payload) {
      applied.push(await applyEntry(desk, action, entry));
      context.signal.throwIfAborted();
    }
    const sent = applied.some((each) => each.sent && !each.failure);
    if (!sent || settleMs === 0) return;
    const settled = after(clock, settleMs);
    await clock.sleep(settled < context.deadline ? settled : context.deadline, context.signal);
    for (const [index, each] of applied.entries()) applied[index] = await confirm(desk, action, each);
  } finally {
    await session.close();
  }
}

/** What `connect` needs of a machine's secrets; rejects with a CredentialsError. */
export async function secretsOf(credentials: Credentials, { CredentialsRef, Endpoint, TLS }: Machine) {
  const login = CredentialsRef === undefined ? undefined : await credentials.get(CredentialsRef, Endpoint);
  const ca = TLS?.CA === undefined ? undefined : await credentials.ca(TLS.CA);
  return { ...(login ? { login } : {}), ...(ca === undefined ? {} : { ca }) };
}

function tooLate({ machine }: Part, { met }: Context): Failure {
  const outcome = met.answered ? 'NotApplied' : 'Unreachable';
  return new Failure(outcome, 'transient', `not done within the machine's Timeout of ${machine.Timeout}`);
}

/** All entries: those that were cut off, and those that nothing came of, have the reason. */
function withReason(part: Part, applied: readonly EntryOutcome[], failure: Failure): EntryOutcome[] {
  const unknown = new Failure(failure.outcome, failure.class, `sent, but not read back: ${failure.message}`);
  return part.payload.map((entry, index) => {
    const each = applied[index];
    if (each && !each.cut) return each;
    return { shown: null, sent: false, ...each, entry, failure: each?.sent ? unknown : failure };
  });
}

function conclude(part: Part, applied: readonly EntryOutcome[]): Result {
  const failed = applied.filter((each) => each.failure);
  const entries = applied.flatMap(({ shown }): JsonObject[] => (shown ? [shown] : []));
  const error = failed.length === 0 ? null : told(failed);
  return { machine: part.machine.ID, outcome: outcomeOf(applied, failed), entries, error };
}

function outcomeOf(applied: readonly EntryOutcome[], failed: readonly EntryOutcome[]): Outcome {
  const changed = applied.some((each) => each.sent && !each.failure);
  const [first] = failed;
  if (!first?.failure) return changed ? 'Applied' : 'Unchanged';
  const partly = failed.some((each) => each.failure?.outcome === 'PartlyApplied');
  return changed || partly ? 'PartlyApplied' : first.failure.outcome;
}

/** One sentence; a reason that all managers share is told once. */
function told(failed: readonly EntryOutcome[]): string {
  const reasons = new Map<string, string[]>();
  for (const { entry, failure } of failed) {
    const reason = `${failure?.class}: ${failure?.message}`;
    const { ManagerID, FanControllerID, FanZoneID, PidControllerID } = entry;
    const target = FanControllerID ?? FanZoneID ?? PidControllerID;
    const name = target === undefined ? ManagerID : `${ManagerID} ${target}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  return [...reasons]
    .map(([reason, names]) => {
      const colon = reason.indexOf(':');
      return `${reason.slice(0, colon)}: manager ${names.join(', ')}${reason.slice(colon)}`;
    })
    .join('; ');
}

function interrupted(part: Part, applied: readonly EntryOutcome[]): Result {
  const entries = applied.flatMap(({ shown }): JsonObject[] => (shown ? [shown] : []));
  const left = part.payload.filter((_, index) => !applied[index] || applied[index]?.cut);
  const where = left.map(({ ManagerID }) => `manager ${ManagerID}`).join(', ') || 'its values were confirmed';
  const error = `interrupted: the service stopped before ${where}`;
  return { machine: part.machine.ID, outcome: 'Interrupted', entries, error };
}
