import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type Json, type JsonObject, own } from '../../definitions/json.ts';
import { after } from '../clock.ts';
import { answerFailure } from './answer-failure.ts';
import type { Answer } from './client.ts';
import { type Context, pauseFor } from './context.ts';
import { asFailure, Failure } from './failure.ts';
import { findManager, idOf, listed, type Resource, readResource } from './manager.ts';
import type { Memory } from './memory.ts';
import { complaintsOf, tell } from './message.ts';
import { sendPatch } from './precondition.ts';
import type { Session } from './session.ts';
import { difference, locate, patchBody, vanished } from './target.ts';
import { awaitTask } from './task.ts';

/** How one payload entry ended. */
export interface Applied {
  readonly entry: PayloadEntry;
  /** ManagerID, target, Old and New of each field (R34); null when nothing was read. */
  readonly shown: JsonObject | null;
  /** Absent on success. */
  readonly failure?: Failure;
  /** Whether something was sent. */
  readonly sent: boolean;
  /** Where to look once more before the run ends. */
  readonly path?: string;
}

/** The part of a run that one machine's session is used for. */
export interface Desk {
  readonly session: Session;
  readonly context: Context;
  readonly memory: Memory;
}

const MAX_SENDS = 3;
const READ_BACK_MS = 10_000;
const FIRST_READ_PAUSE_MS = 250;

/** Brings one entry about: read, check, compare, change what differs, read back (redfish.md 0). Never rejects. */
export async function applyEntry(desk: Desk, action: Action, entry: PayloadEntry): Promise<Applied> {
  let before: Resource | undefined;
  let shown: JsonObject | null = null;
  let sent = false;
  try {
    const { session, context, memory } = desk;
    before = await findManager(session, context, memory, entry.ManagerID);
    const old = locate(action, entry, before.body);
    shown = show(action, entry, old, old);
    if (Object.keys(difference(entry.Payload, old)).length === 0) return { entry, shown, sent };
    sent = true;
    const { held, failure } = await bringAbout(desk, action, entry, before);
    if (held) shown = show(action, entry, old, targetOf(action, entry, held));
    return { entry, shown, sent, path: before.path, ...(failure ? { failure } : {}) };
  } catch (error) {
    desk.context.signal.throwIfAborted();
    return { entry, shown, sent, failure: asFailure(error) };
  }
}

interface Ended {
  /** The manager as read last. */
  readonly held?: JsonObject;
  readonly failure?: Failure;
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
    held = await readBack(desk, action, entry, before.path, refusal === undefined);
    const left = Object.keys(difference(entry.Payload, targetOf(action, entry, held)));
    if (left.length === 0) return withLosses(action, entry, before.body, held);
    if (!refusal || refusal.class === 'permanent' || attempt >= MAX_SENDS) {
      return { held, failure: unapplied(action, entry, before.body, left, refusal) };
    }
    await pauseFor(desk.context, refusal, attempt);
  }
}

/** Sends one PATCH to its end, tasks included; the refusal, or undefined when the BMC says that it is done. */
async function send(
  desk: Desk,
  before: Resource,
  body: JsonObject,
  belongs: (resource: Resource) => boolean,
): Promise<Failure | undefined> {
  const { session, context, memory } = desk;
  try {
    const answer = await sendPatch(session, context, memory, before, body, belongs);
    const last = answer.status === 202 ? await awaitTask(session, context, answer) : answer;
    return last && refusalOf(last, before.path, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return asFailure(error);
  }
}

function refusalOf(answer: Answer, path: string, context: Context): Failure | undefined {
  if (answer.status >= 300 && answer.status !== 303) return answerFailure(answer, 'PATCH', path, context.clock.now());
  if (complaintsOf(answer).length === 0) return undefined;
  return new Failure('Refused', 'permanent', `PATCH ${path}: ${tell(answer)}`, { status: answer.status });
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

function targetOf(action: Action, entry: PayloadEntry, manager: JsonObject): JsonObject {
  const found = action.at(entry).reduce<Json | undefined>((at, key) => own(at, key), manager);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as JsonObject) : {};
}

function withLosses(action: Action, entry: PayloadEntry, before: JsonObject, held: JsonObject): Ended {
  const gone = vanished(action, entry, before, held);
  if (gone.length === 0) return { held };
  const message = `applied, but the BMC lost ${listed(gone)} with it`;
  return { held, failure: new Failure('PartlyApplied', 'permanent', message) };
}

function unapplied(
  action: Action,
  entry: PayloadEntry,
  before: JsonObject,
  left: readonly string[],
  refusal: Failure | undefined,
): Failure {
  const wanted = Object.keys(difference(entry.Payload, targetOf(action, entry, before)));
  const done = wanted.filter((field) => !left.includes(field));
  const why = refusal ? refusal.message : 'accepted, not applied';
  const kind = refusal?.class ?? 'permanent';
  if (done.length > 0) {
    const message = `${why}; applied ${done.join(', ')}, not ${left.join(', ')}`;
    return new Failure('PartlyApplied', kind, message);
  }
  return new Failure(refusal?.outcome ?? 'NotApplied', kind, `${why}; ${left.join(', ')} unchanged`);
}

/** Looks once more at what was applied: a value that did not last was not applied (redfish.md A19). */
export async function confirm({ session, context }: Desk, action: Action, applied: Applied): Promise<Applied> {
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

/** An entry as a log shows it: what it names, then each field before and after. */
export function show(action: Action, entry: PayloadEntry, old: JsonObject, now: JsonObject): JsonObject {
  const target = action.target ? { [action.target]: entry[action.target] ?? '' } : {};
  const values = Object.keys(entry.Payload).flatMap((field): [string, Json][] => [
    [`Old${field}`, own(old, field) ?? null],
    [`New${field}`, own(now, field) ?? null],
  ]);
  return { ManagerID: entry.ManagerID, ...target, ...Object.fromEntries(values) };
}
