import type { Action } from '../../definitions/actions/action.ts';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { difference } from './compare.ts';
import { type Patience, patiently } from './course/patience.ts';
import { Failure } from './failure.ts';
import { readResource } from './manager.ts';
import { type EntryOutcome, targetOf } from './outcome.ts';
import type { Session } from './session.ts';
import { withTwins } from './target/twins.ts';

const READ_BACK_MS = 10_000;

const FIRST_READ_PAUSE_MS = 250;

/** The resource after a change; read with growing pauses until it is `done`, once only when the BMC has refused. */
export async function readBack(
  session: Session,
  path: string,
  accepted: boolean,
  done: (resource: JsonObject) => boolean,
  withinMs = READ_BACK_MS,
): Promise<JsonObject> {
  const { clock, deadline, signal } = session.connection;
  const until = after(clock, withinMs);
  for (let pauseMs = FIRST_READ_PAUSE_MS; ; pauseMs *= 2) {
    const { body } = await readResource(session, path);
    const next = after(clock, pauseMs);
    if (done(body) || !accepted || next > until || next > deadline) return body;
    await clock.sleep(next, signal);
  }
}

/** Looks once more at what was applied: a value that did not last was not applied (case A19). @throws Failure */
export async function confirm(
  session: Session,
  action: Action,
  applied: EntryOutcome,
  patience: Patience | null,
): Promise<EntryOutcome> {
  const { entry, fields, path } = applied;
  if (applied.failure || !applied.sent || applied.staged || path === undefined) return applied;
  const { body } = await patiently(session, patience, () => readResource(session, path));
  const now = targetOf(action, entry, withTwins(action, body));
  const lost = Object.keys(difference(action, entry.Payload, now));
  if (lost.length === 0) return applied;
  const failure = new Failure('NotApplied', 'permanent', `applied, but ${lost.join(', ')} did not last`);
  const values = lost.map((field): [string, Json] => [`New${field}`, own(now, field) ?? null]);
  return { ...applied, failure, fields: { ...fields, ...Object.fromEntries(values) } };
}
