import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type JsonObject, own } from '../../definitions/values/json.ts';
import { difference, vanished } from './compare.ts';
import { asFailure, Failure, listed, told } from './failure.ts';
import type { Answer } from './http/client.ts';
import { pauseFor } from './http/connection.ts';
import { locate, patchBody } from './locate.ts';
import { findManager, idOf, listManagers, type Resource } from './manager.ts';
import { answerFailure, complaintsOf, describe } from './messages.ts';
import { type ChangeResult, type EntryOutcome, fieldsOf, notApplied, targetOf, withLosses } from './outcome.ts';
import { sendPatch } from './patch.ts';
import { readBack } from './read-back.ts';
import type { Session } from './session.ts';
import { awaitTask } from './task.ts';

const MAX_SENDS = 5;
/** When it says itself when to come back, the machine's Timeout is the limit. */
const MAX_SENDS_ASKED_TO_WAIT = 30;
const MAX_SENDS_AFTER_FAILURE = 3;

/** Carries out one entry: read, check, compare, change what differs (R35), read back (R36). Never rejects. */
export async function applyEntry(session: Session, action: Action, entry: PayloadEntry): Promise<EntryOutcome> {
  let fields: JsonObject | null = null;
  let sent = false;
  const { scrub } = session.connection.secrets;
  try {
    const { manager: before, target: old } = await findTarget(session, action, entry);
    fields = fieldsOf(action, entry, old, old);
    if (Object.keys(difference(entry.Payload, old)).length === 0) return { entry, fields, sent };
    sent = true;
    fields = fieldsOf(action, entry, old, {}); // what is there now is unknown until it is read back
    const { manager, failure } = await change(session, action, entry, before);
    if (manager) fields = fieldsOf(action, entry, old, targetOf(action, entry, manager));
    return { entry, fields, sent, path: before.path, ...(failure && { failure: told(failure, scrub) }) };
  } catch (error) {
    const { aborted } = session.connection.signal;
    const { outcome, class: kind, message } = asFailure(error);
    const text = sent ? `sent, but not read back: ${message}` : message;
    return { entry, fields, sent, aborted, failure: told(new Failure(outcome, kind, text), scrub) };
  }
}

/**
 * The manager that an entry names, and the object below it that the entry writes to. What probes asks the same.
 * @throws Failure
 */
export async function findTarget(
  session: Session,
  action: Action,
  entry: PayloadEntry,
): Promise<{ readonly manager: Resource; readonly target: JsonObject }> {
  const manager = await findManager(session, entry.ManagerID);
  return { manager, target: await locateOrHint(session, action, entry, manager.body) };
}

/** Finds the target; where a manager has no fan data, the failure says which one of the BMC has. */
async function locateOrHint(
  session: Session,
  action: Action,
  entry: PayloadEntry,
  manager: JsonObject,
): Promise<JsonObject> {
  try {
    return locate(action, entry, manager);
  } catch (error) {
    if (!(error instanceof Failure) || !error.details.noFan) throw error;
    const others = await listManagers(session).catch(() => []);
    const withFan = others.filter(({ body }) => own(own(own(body, 'Oem'), 'OpenBmc'), 'Fan') !== undefined);
    const hint = withFan.length > 0 ? `; manager ${listed(withFan.map(idOf))} has` : '';
    throw new Failure(error.outcome, error.class, error.message + hint);
  }
}

/** Sends, and reads what became of it; sends again only what is still missing and may yet succeed. */
async function change(session: Session, action: Action, entry: PayloadEntry, before: Resource): Promise<ChangeResult> {
  const missingIn = (manager: JsonObject) => difference(entry.Payload, targetOf(action, entry, manager));
  const belongs = (resource: Resource) =>
    idOf(resource) === idOf(before) && Object.keys(targetOf(action, entry, resource.body)).length > 0;
  const lossesIn = (manager: JsonObject) => vanished(action, entry, before.body, manager);
  const isDone = (manager: JsonObject) =>
    Object.keys(missingIn(manager)).length === 0 && lossesIn(manager).length === 0;
  let manager = before.body;
  for (let attempt = 1; ; attempt += 1) {
    const refusal = await send(session, before, patchBody(action, entry, missingIn(manager)), belongs);
    const accepted = !refusal || refusal.details.accepted === true;
    const read = await readBack(session, before.path, accepted, isDone).catch((error) => {
      session.connection.signal.throwIfAborted();
      if (!refusal || !isFinal(refusal)) throw error;
      const { outcome, class: kind, message } = refusal; // what was refused counts, not why it could not be read
      return new Failure(outcome, kind, `${message}; not read back`);
    });
    if (read instanceof Failure) return { failure: read };
    manager = read;
    const wanted = missingIn(before.body);
    const left = Object.keys(missingIn(manager));
    const again = refusal && !isFinal(refusal) && !refusal.details.running && attempt < sendsFor(refusal);
    if (left.length === 0 || !again) {
      const [old, now] = [targetOf(action, entry, before.body), targetOf(action, entry, manager)];
      const failure = left.length === 0 ? undefined : notApplied({ wanted, old, now, left }, refusal);
      const all = withLosses(failure, lossesIn(manager));
      return { manager, ...(all && { failure: all }) };
    }
    await pauseFor(session.connection, refusal, attempt);
  }
}

/** Nothing is sent again after it. */
function isFinal({ class: kind, details }: Failure): boolean {
  return kind === 'permanent' || [401, 403, 404, 405].includes(details.status ?? 0);
}

/** A BMC that says "not now" has done nothing; one that failed has perhaps done half, and is not pressed. */
function sendsFor({ details }: Failure): number {
  if (details.waitMs !== undefined) return MAX_SENDS_ASKED_TO_WAIT;
  return details.status === 503 || details.status === 429 ? MAX_SENDS : MAX_SENDS_AFTER_FAILURE;
}

/** Sends one PATCH to its end, tasks included; the refusal, or undefined when the BMC says that it is done. */
async function send(
  session: Session,
  before: Resource,
  body: JsonObject,
  belongs: (resource: Resource) => boolean,
): Promise<Failure | undefined> {
  const { connection, quirks } = session;
  try {
    const answer = await sendPatch(session, before, body, belongs);
    if (answer.status === 202) return await followTask(session, answer, before.path);
    return refusalOf(answer, before.path, connection.clock.now());
  } catch (error) {
    connection.signal.throwIfAborted();
    const failure = asFailure(error);
    if (failure.details.unknown) quirks.ifMatch = null; // an If-Match has killed daemons (docs/redfish.md, Quirks)
    return failure;
  }
}

/**
 * What became of a change that was accepted as a task. Whatever is said of the task, the change may have been made or
 * may be made yet: it is read back with patience, and nothing is sent again.
 */
async function followTask(session: Session, accepted: Answer, path: string): Promise<Failure | undefined> {
  const { clock, signal } = session.connection;
  let failure: Failure | undefined;
  try {
    const last = await awaitTask(session, accepted);
    failure = last && refusalOf(last, path, clock.now());
  } catch (error) {
    signal.throwIfAborted();
    failure = asFailure(error);
  }
  return failure && new Failure(failure.outcome, failure.class, failure.message, { accepted: true, running: true });
}

/** A refusal, or undefined; an answer of 200 may carry an error too. */
function refusalOf(answer: Answer, path: string, now: Date): Failure | undefined {
  if (answer.status >= 300 && answer.status !== 303) return answerFailure(answer, 'PATCH', path, now);
  if (complaintsOf(answer).length === 0) return undefined;
  return new Failure('Refused', 'permanent', `PATCH ${path}: ${describe(answer)}`, {
    status: answer.status,
    accepted: own(answer.body, 'error') === undefined,
  });
}
