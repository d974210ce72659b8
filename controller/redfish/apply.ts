import { type Action, valuesOf } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type JsonObject, own } from '../../definitions/values/json.ts';
import { change, restage } from './change.ts';
import { difference } from './compare.ts';
import { foreseeCourse, type PartHooks, vendorOf } from './course/follow.ts';
import type { Patience } from './course/patience.ts';
import { hearWitness } from './course/witness.ts';
import { asFailure, Failure, listed, told } from './failure.ts';
import { idOf, listManagers } from './manager.ts';
import { type EntryOutcome, fieldsOf, targetOf } from './outcome.ts';
import type { Session } from './session.ts';
import { type FoundResource, findResource } from './target/find-resource.ts';
import { locate } from './target/locate.ts';
import { conflictsIn, withConflicts, without } from './target/only-if.ts';
import { withTwins } from './target/twins.ts';

/**
 * Carries out one entry: read, check, compare, change what differs (R35), read back (R36). What was read is on record
 * before anything is sent. Never rejects.
 */
export async function applyEntry(
  session: Session,
  action: Action,
  given: PayloadEntry,
  { rest, before: record }: PartHooks,
): Promise<EntryOutcome> {
  let entry = withoutOptions(action, given);
  let fields: JsonObject | null = null;
  let sent = false;
  const { scrub } = session.connection.secrets;
  try {
    const { member, resource: before, target: old } = await findTarget(session, action, given);
    const all = entry;
    const conflicts = conflictsIn(action, all, old);
    entry = without(all, conflicts);
    const logged = (now: JsonObject, pending?: JsonObject) =>
      fieldsOf({ action, entry: all, member }, old, now, pending);
    fields = logged(old);
    const carried = async (outcome: EntryOutcome) => {
      const seen = await hearWitness(session, action, { outcome, given, path: before.path }, rest);
      return withConflicts(seen, all, conflicts, old);
    };
    // DANGER: no BMC may hear of a change above this: after a crash nobody could say what it was before.
    const begin = async () => {
      await record({ entry, fields: logged({}), sent: true });
      sent = true;
      fields = logged({}); // what is there now is unknown until it is read back
    };
    const isSo = Object.keys(difference(action, entry.Payload, old)).length === 0;
    const changed = isSo
      ? given.Pending && (await restage(session, { action, entry, before, record: begin }))
      : await begin().then(() => {
          const patience = patienceOf(action, (until) => rest(until, { entry, fields, sent }));
          return change(session, action, entry, before, patience);
        });
    if (!changed) return await carried({ entry, fields, sent });
    const { body, failure, pending } = changed;
    if (body) fields = logged(targetOf(action, entry, withTwins(action, body)), pending);
    const staged = pending !== undefined && !failure;
    const hint = failure && body ? action.view?.hint(entry.Payload, body) : null;
    const why = failure && hint ? new Failure(failure.outcome, failure.class, `${failure.message}; ${hint}`) : failure;
    return await carried({ entry, fields, sent, staged, path: before.path, ...(why && { failure: told(why, scrub) }) });
  } catch (error) {
    const { aborted } = session.connection.signal;
    const { outcome, class: kind, message } = asFailure(error);
    const text = sent ? `sent, but not read back: ${message}` : message;
    return { entry, fields, sent, aborted, failure: told(new Failure(outcome, kind, text), scrub) };
  }
}

/**
 * The resource that an entry names, and the object of it that the entry writes to. What probes asks the same.
 * @throws Failure
 */
export async function findTarget(
  session: Session,
  action: Action,
  entry: PayloadEntry,
): Promise<FoundResource & { readonly target: JsonObject }> {
  const found = await findResource(session, action, entry);
  if (action.course) {
    await foreseeCourse(session, { action, course: action.course, entry });
    return { ...found, target: found.resource.body };
  }
  const seen = withTwins(action, found.resource.body);
  const values = withoutOptions(action, entry);
  keepLine(session, action, values);
  const target = await locateOrHint(session, action, values, seen);
  const differs = Object.keys(difference(action, values.Payload, target)).length > 0;
  const refusal = differs ? action.view?.refusal(entry.Payload, found.resource.body) : null;
  if (refusal) throw new Failure('Refused', 'permanent', `${refusal}; nothing was sent`);
  return { ...found, target };
}

/** What is told besides of a field that this vendor's BMC has not got. */
function adviceFor(session: Session, { advice = [] }: Action, entry: PayloadEntry, resource: JsonObject) {
  const vendor = vendorOf(session);
  const lacks = (field: string) => own(entry.Payload, field) !== undefined && own(resource, field) === undefined;
  return advice.find((each) => each.vendor.test(vendor) && lacks(each.field))?.text;
}

/** Nobody saws off the branch that he sits on. @throws Failure */
function keepLine({ connection }: Session, { spokenOver = {} }: Action, { Payload }: PayloadEntry): void {
  for (const [field, scheme] of Object.entries(spokenOver)) {
    if (!connection.client.origin.startsWith(`${scheme}//`) || own(own(Payload, field), 'ProtocolEnabled') !== false)
      continue;
    throw new Failure('Refused', 'permanent', `${field} is how this machine's Endpoint is spoken to; nothing was sent`);
  }
}

/** The patience that an action asks for. */
export function patienceOf({ restartMs }: Action, rest: Patience['rest']): Patience | null {
  return restartMs === undefined ? null : { withinMs: restartMs, rest };
}

/** An entry with what is compared and sent alone. */
function withoutOptions(action: Action, entry: PayloadEntry): PayloadEntry {
  return action.options ? { ...entry, Payload: Object.fromEntries(valuesOf(action, entry)) } : entry;
}

/** Finds the target; where a manager has no fan data, the failure says which one of the BMC has. */
async function locateOrHint(
  session: Session,
  action: Action,
  entry: PayloadEntry,
  resource: JsonObject,
): Promise<JsonObject> {
  try {
    return locate(action, entry, resource);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const advice = adviceFor(session, action, entry, resource);
    if (advice) throw new Failure(error.outcome, error.class, `${error.message}; ${advice}`);
    if (!error.details.noFan || action.at(entry).length === 0) throw error;
    const others = await listManagers(session).catch(() => []);
    const withFan = others.filter(({ body }) => own(own(own(body, 'Oem'), 'OpenBmc'), 'Fan') !== undefined);
    const hint = withFan.length > 0 ? `; manager ${listed(withFan.map(idOf))} has` : '';
    throw new Failure(error.outcome, error.class, error.message + hint);
  }
}
