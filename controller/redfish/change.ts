import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { difference, unpadded, vanished } from './compare.ts';
import { type Patience, patiently } from './course/patience.ts';
import { asFailure, Failure } from './failure.ts';
import type { Answer } from './http/client.ts';
import { pauseFor } from './http/connection.ts';
import { idOf, type Resource, readResource } from './manager.ts';
import { answerFailure, complaintsOf, describe, messagesOf } from './messages.ts';
import { type ChangeResult, notApplied, targetOf, withLosses } from './outcome.ts';
import { sendPatch } from './patch.ts';
import { readBack } from './read-back.ts';
import type { Session } from './session.ts';
import { patchBody } from './target/locate.ts';
import { settingsPath } from './target/only-if.ts';
import { asSent, withTwins } from './target/twins.ts';
import { awaitTask } from './task.ts';

const MAX_SENDS = 5;
/** When it says itself when to come back, the machine's Timeout is the limit. */
const MAX_SENDS_ASKED_TO_WAIT = 30;
const MAX_SENDS_AFTER_FAILURE = 3;
/** The registries of Redfish and of HPE. */
const RESET_REQUIRED = /^(System)?Reset(Required|InProgress)$/;

/** Changes what differs, all at once or, where its action says so, field by field; reads what became of it (R36). */
export async function change(
  session: Session,
  action: Action,
  entry: PayloadEntry,
  before: Resource,
  patience: Patience | null,
): Promise<ChangeResult> {
  const one = (only: PayloadEntry, from: Resource) =>
    changeTogether(session, action, { entry: only, before: from, patience });
  if (!action.fieldByField) return one(entry, before);
  const missing = difference(action, entry.Payload, targetOf(action, entry, withTwins(action, before.body)));
  const fields = Object.keys(action.payload).filter((field) => own(missing, field) !== undefined);
  const [only] = fields;
  if (fields.length <= 1) return one(alone(entry, only), before);
  const results = new Map<string, ChangeResult>();
  let resource = before;
  for (const field of fields) {
    const result = await one(alone(entry, field), resource);
    results.set(field, result);
    if (result.body) resource = { path: before.path, body: result.body, etag: undefined };
  }
  return together(results, resource.body);
}

/** An entry of one field. */
function alone(entry: PayloadEntry, field: string | undefined): PayloadEntry {
  const value = field === undefined ? undefined : own(entry.Payload, field);
  return field === undefined || value === undefined ? entry : { ...entry, Payload: { [field]: value } };
}

/** What the changes of several fields came to. */
function together(results: ReadonlyMap<string, ChangeResult>, body: JsonObject): ChangeResult {
  const pending = Object.assign({}, ...[...results.values()].map((result) => result.pending ?? {})) as JsonObject;
  const all = { body, ...(Object.keys(pending).length > 0 && { pending }) };
  const failed = [...results].flatMap(([field, { failure }]) => (failure ? [{ field, failure }] : []));
  const [first] = failed;
  if (!first) return all;
  const done = [...results.keys()].filter((field) => !results.get(field)?.failure);
  const reasons = failed.map(({ field, failure }) =>
    failed.length + done.length > 1 ? `${field}: ${failure.message}` : failure.message,
  );
  const text = [...(done.length > 0 ? [`applied ${done.join(', ')}`] : []), ...reasons].join('; ');
  const isPermanent = failed.some(({ failure }) => failure.class === 'permanent');
  const outcome = done.length > 0 ? 'PartlyApplied' : first.failure.outcome;
  return { ...all, failure: new Failure(outcome, isPermanent ? 'permanent' : 'transient', text) };
}

/** What is to be changed, and how long the BMC may be away for it. */
interface Changing {
  readonly entry: PayloadEntry;
  readonly before: Resource;
  readonly patience: Patience | null;
}

/** Sends, and reads what became of it; sends again only what is still missing and may yet succeed. */
async function changeTogether(
  session: Session,
  action: Action,
  { entry, before, patience }: Changing,
): Promise<ChangeResult> {
  const seen = (body: JsonObject) => targetOf(action, entry, withTwins(action, body));
  const missingIn = (body: JsonObject) => difference(action, entry.Payload, seen(body));
  const belongs = (resource: Resource) =>
    idOf(resource) === idOf(before) && Object.keys(seen(resource.body)).length > 0;
  const lossesIn = (body: JsonObject) => vanished(action, entry, before.body, body);
  const isDone = (body: JsonObject) => Object.keys(missingIn(body)).length === 0 && lossesIn(body).length === 0;
  let fields = missingIn(before.body);
  let isShortened = false;
  let body = before.body;
  for (let attempt = 1; ; attempt += 1) {
    const patch = patchBody(action, entry, asSent(action, before.body, fields));
    const { refusal, needsReset } = await send(session, before, patch, belongs);
    const staged = refusal && (await stage(session, before, patch, refusal));
    if (staged) return { body, pending: fields };
    const accepted = !refusal || refusal.details.accepted === true;
    const look = () => readBack(session, before.path, accepted && !needsReset, isDone, action.readBackMs);
    const read = await patiently(session, accepted ? patience : null, look).catch((error) => {
      session.connection.signal.throwIfAborted();
      if (!refusal || !isFinal(refusal)) throw error;
      const { outcome, class: kind, message } = refusal; // what was refused counts, not why it could not be read
      return new Failure(outcome, kind, `${message}; not read back`);
    });
    if (read instanceof Failure) return { failure: read };
    body = read;
    fields = missingIn(body);
    const left = Object.keys(fields);
    if (left.length > 0 && needsReset) return { body, pending: fields };
    const longer: JsonObject | null = !refusal && !isShortened ? shortening(action, fields, seen(body)) : null;
    if (longer) {
      [fields, isShortened] = [longer, true];
      continue;
    }
    const again = refusal && !isFinal(refusal) && !refusal.details.running && attempt < sendsFor(refusal);
    if (left.length === 0 || !again) {
      const wanted = missingIn(before.body);
      const outcome = { wanted, old: seen(before.body), now: seen(body), left };
      const failure = left.length === 0 ? undefined : notApplied(outcome, refusal);
      const all = withLosses(failure, lossesIn(body));
      return { body, ...(all && { failure: all }) };
    }
    await pauseFor(session.connection, refusal, attempt);
  }
}

/**
 * Fields with nulls for what a service keeps at the end of a list: older firmware does not shorten one (DSP0266, 7.7).
 * Null where no list is too long.
 */
function shortening({ paddedLists = [] }: Action, fields: JsonObject, now: JsonObject): JsonObject | null {
  let isLonger = false;
  const shorten = (wanted: Json, current: Json | undefined): Json => {
    if (!isObject(wanted)) return wanted;
    const entries = Object.entries(wanted).map(([key, value]): [string, Json] => {
      const is = own(current, key);
      if (!paddedLists.includes(key) || !Array.isArray(value) || !Array.isArray(is)) return [key, value];
      const surplus = Math.max(0, unpadded(is).length - value.length);
      isLonger ||= surplus > 0;
      return [key, [...value, ...Array<null>(surplus).fill(null)]];
    });
    return Object.fromEntries(entries);
  };
  const all = Object.entries(fields).map(([field, value]): [string, Json] => [field, shorten(value, own(now, field))]);
  return isLonger ? Object.fromEntries(all) : null;
}

/**
 * What is read-only in a resource may be set in its settings resource, for the next reset (DSP0266, 7.10): true when it
 * is pending there.
 */
async function stage(session: Session, before: Resource, patch: JsonObject, refusal: Failure): Promise<boolean> {
  const path = settingsPath(before);
  if (refusal.details.status !== 400 || path === undefined) return false;
  return stageIn(session, await readResource(session, session.resolve(path, before.path)), patch);
}

/** Writes what shall hold after the next reset; true when it is pending there. */
async function stageIn(session: Session, settings: Resource, patch: JsonObject): Promise<boolean> {
  const { refusal } = await send(session, settings, patch, ({ path }) => path === settings.path);
  if (refusal) return false;
  const { body } = await readResource(session, settings.path);
  return Object.keys(patch).every((key) => JSON.stringify(own(body, key)) === JSON.stringify(own(patch, key)));
}

/** Fields that wait for a reset, and what an entry makes of them. */
export interface Restaging {
  readonly action: Action;
  readonly entry: PayloadEntry;
  /** The resource as it is now, where the entry's values hold. */
  readonly before: Resource;
  /** Called before anything is sent. */
  readonly record: () => Promise<void>;
}

/**
 * Writes what holds now over what waits for a reset: the standard has no way to drop it (V07). A service that shows
 * what waits is written to only where that is what OnlyIf says. Null: nothing waits there.
 */
export async function restage(
  session: Session,
  { action, entry, before, record }: Restaging,
): Promise<ChangeResult | null> {
  const path = settingsPath(before);
  const place = path === undefined ? before : await readResource(session, session.resolve(path, before.path));
  const waits = targetOf(action, entry, withTwins(action, place.body));
  const left = Object.entries(entry.Payload).filter(([field]) => {
    const onlyIf = own(entry.OnlyIf, field);
    return (
      path === undefined ||
      (onlyIf !== undefined && Object.keys(difference(action, { [field]: onlyIf }, waits)).length === 0)
    );
  });
  if (left.length === 0) return null;
  const fields = Object.fromEntries(left);
  const patch = patchBody(action, entry, asSent(action, before.body, fields));
  await record();
  if (path !== undefined) {
    if (await stageIn(session, place, patch)) return { body: before.body, pending: fields };
    return {
      body: before.body,
      failure: new Failure('NotApplied', 'permanent', 'what waits for a reset was not taken back'),
    };
  }
  const { refusal, needsReset } = await send(session, before, patch, (resource) => idOf(resource) === idOf(before));
  if (refusal) return { failure: refusal };
  const { body } = await readResource(session, before.path);
  return { body, ...(needsReset && { pending: fields }) };
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

/** What a BMC answered to a change. */
interface Sent {
  /** Undefined when it says that it is done. */
  readonly refusal: Failure | undefined;
  /** It says that the change takes effect at a reset. */
  readonly needsReset: boolean;
}

/** Sends one PATCH to its end, tasks included. */
async function send(
  session: Session,
  before: Resource,
  body: JsonObject,
  belongs: (resource: Resource) => boolean,
): Promise<Sent> {
  const { connection, quirks } = session;
  try {
    const answer = await sendPatch(session, before, body, belongs);
    if (answer.status === 202) return { refusal: await followTask(session, answer, before.path), needsReset: false };
    const refusal = refusalOf(answer, before.path, connection.clock.now());
    return { refusal, needsReset: !refusal && messagesOf(answer).some(({ id }) => RESET_REQUIRED.test(id)) };
  } catch (error) {
    connection.signal.throwIfAborted();
    const failure = asFailure(error);
    if (failure.details.unknown) quirks.ifMatch = null; // an If-Match has killed daemons (docs/redfish.md, Quirks)
    return { refusal: failure, needsReset: false };
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
