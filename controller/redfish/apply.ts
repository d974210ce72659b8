import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { answerFailure } from './answer-failure.ts';
import { type Context, pauseFor } from './conversation.ts';
import { asFailure, Failure } from './failure.ts';
import type { Answer } from './http/client.ts';
import { difference, locate, patchBody } from './locate.ts';
import { findManager, idOf, listed, listManagers, type Resource, readResource } from './manager.ts';
import { complaintsOf, tell } from './messages.ts';
import { type Ended, show, targetOf, unapplied, withLosses } from './outcome.ts';
import { sendPatch } from './patch.ts';
import type { Quirks } from './quirks.ts';
import type { Session } from './session.ts';
import { awaitTask } from './task.ts';

/** How one payload entry ended. */
export interface EntryOutcome {
  readonly entry: PayloadEntry;
  /** ManagerID, target, Old and New of each field (R34); null when nothing was read. */
  readonly shown: JsonObject | null;
  /** Absent on success. */
  readonly failure?: Failure;
  /** Whether something was sent. */
  readonly sent: boolean;
  /** Cut off by the Timeout or a stop. */
  readonly cut?: boolean;
  /** Where to look once more before the run ends. */
  readonly path?: string;
}

/** The part of a run that one machine's session is used for. */
export interface Desk {
  readonly session: Session;
  readonly context: Context;
  readonly quirks: Quirks;
}

const MAX_SENDS = 5;
/** When it says itself when to come back, the machine's Timeout is the limit. */
const MAX_SENDS_ASKED = 30;
const MAX_SENDS_AFTER_FAILURE = 3;
const READ_BACK_MS = 10_000;
const FIRST_READ_PAUSE_MS = 250;

/** Brings one entry about: read, check, compare, change what differs, read back. Never rejects. */
export async function applyEntry(desk: Desk, action: Action, entry: PayloadEntry): Promise<EntryOutcome> {
  const { session, context, quirks } = desk;
  let shown: JsonObject | null = null;
  let sent = false;
  try {
    const before = await findManager(session, context, quirks, entry.ManagerID);
    const old = await locateOrHint(desk, action, entry, before.body);
    shown = show(action, entry, old, old);
    if (Object.keys(difference(entry.Payload, old)).length === 0) return { entry, shown, sent };
    sent = true;
    shown = show(action, entry, old, {}); // what is there now is unknown until it is read back
    const { held, failure } = await bringAbout(desk, action, entry, before);
    shown = show(action, entry, old, targetOf(action, entry, held));
    return { entry, shown, sent, path: before.path, ...(failure ? { failure } : {}) };
  } catch (error) {
    const cut = context.signal.aborted;
    const { outcome, class: kind, message } = asFailure(error);
    const text = sent ? `sent, but not read back: ${message}` : message;
    return { entry, shown, sent, cut, failure: new Failure(outcome, kind, text) };
  }
}

/** Finds the target; where a manager has no fan data, the failure says which one of the BMC has. */
async function locateOrHint(
  { session, context }: Desk,
  action: Action,
  entry: PayloadEntry,
  manager: JsonObject,
): Promise<JsonObject> {
  try {
    return locate(action, entry, manager);
  } catch (error) {
    if (!(error instanceof Failure) || !error.details.noFan) throw error;
    const others = await listManagers(session, context).catch(() => []);
    const able = others.filter(({ body }) => own(own(own(body, 'Oem'), 'OpenBmc'), 'Fan') !== undefined).map(idOf);
    const hint = able.length > 0 ? `; manager ${listed(able)} has` : '';
    throw new Failure(error.outcome, error.class, error.message + hint);
  }
}

/** Sends, and reads what became of it; sends again only what is still missing and may yet succeed. */
async function bringAbout(desk: Desk, action: Action, entry: PayloadEntry, before: Resource): Promise<Ended> {
  let held = before.body;
  for (let attempt = 1; ; attempt += 1) {
    const fields = difference(entry.Payload, targetOf(action, entry, held));
    const belongs = (resource: Resource) =>
      idOf(resource) === idOf(before) && Object.keys(targetOf(action, entry, resource.body)).length > 0;
    const refusal = await send(desk, before, patchBody(action, entry, fields), belongs);
    if (refusal && [401, 403, 404, 405].includes(refusal.details.status ?? 0)) return { held, failure: refusal };
    held = await readBack(desk, action, entry, before.path, !refusal || refusal.details.accepted === true);
    const left = Object.keys(difference(entry.Payload, targetOf(action, entry, held)));
    if (left.length === 0) return withLosses(action, entry, before.body, held);
    if (!refusal || refusal.class === 'permanent' || refusal.details.running || attempt >= sendsFor(refusal)) {
      return { held, failure: unapplied(action, entry, before.body, left, refusal) };
    }
    await pauseFor(desk.context, refusal, attempt);
  }
}

/** A BMC that says "not now" has done nothing; one that failed has perhaps done half, and is not pressed. */
function sendsFor({ details }: Failure): number {
  if (details.waitMs !== undefined) return MAX_SENDS_ASKED;
  return details.status === 503 || details.status === 429 ? MAX_SENDS : MAX_SENDS_AFTER_FAILURE;
}

/** Sends one PATCH to its end, tasks included; the refusal, or undefined when the BMC says that it is done. */
async function send(
  desk: Desk,
  before: Resource,
  body: JsonObject,
  belongs: (resource: Resource) => boolean,
): Promise<Failure | undefined> {
  const { session, context, quirks } = desk;
  try {
    const answer = await sendPatch(session, context, quirks, before, body, belongs);
    const last = answer.status === 202 ? await awaitTask(session, context, answer) : answer;
    return last && refusalOf(last, before.path, context);
  } catch (error) {
    context.signal.throwIfAborted();
    const failure = asFailure(error);
    if (failure.details.unknown) quirks.ifMatch = null; // an If-Match has killed daemons (docs/redfish.md, Quirks)
    return failure;
  }
}

function refusalOf(answer: Answer, path: string, context: Context): Failure | undefined {
  if (answer.status >= 300 && answer.status !== 303) return answerFailure(answer, 'PATCH', path, context.clock.now());
  if (complaintsOf(answer).length === 0) return undefined;
  return new Failure('Refused', 'permanent', `PATCH ${path}: ${tell(answer)}`, {
    status: answer.status,
    accepted: own(answer.body, 'error') === undefined,
  });
}

/** Reads until everything is as wanted, with growing pauses; once only when the BMC has refused already. */
async function readBack(
  { session, context }: Desk,
  action: Action,
  entry: PayloadEntry,
  path: string,
  patient: boolean,
): Promise<JsonObject> {
  const until = after(context.clock, READ_BACK_MS);
  for (let pauseMs = FIRST_READ_PAUSE_MS; ; pauseMs *= 2) {
    const { body } = await readResource(session, context, path);
    const left = difference(entry.Payload, targetOf(action, entry, body));
    const next = after(context.clock, pauseMs);
    if (Object.keys(left).length === 0 || !patient || next > until || next > context.deadline) return body;
    await context.clock.sleep(next, context.signal);
  }
}

/** Looks once more at what was applied: a value that did not last was not applied (case A19). */
export async function confirm(
  { session, context }: Desk,
  action: Action,
  applied: EntryOutcome,
): Promise<EntryOutcome> {
  const { entry, shown, path } = applied;
  if (applied.failure || !applied.sent || path === undefined) return applied;
  const { body } = await readResource(session, context, path);
  const now = targetOf(action, entry, body);
  const lost = Object.keys(difference(entry.Payload, now));
  if (lost.length === 0) return applied;
  const failure = new Failure('NotApplied', 'permanent', `applied, but ${lost.join(', ')} did not last`);
  const values = lost.map((field): [string, Json] => [`New${field}`, own(now, field) ?? null]);
  return { ...applied, failure, shown: { ...shown, ...Object.fromEntries(values) } };
}
