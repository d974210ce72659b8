import { type Json, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { Failure } from './failure.ts';
import type { Answer } from './http/client.ts';
import { type Connection, withRetries } from './http/connection.ts';
import { describe, waitAsked } from './messages.ts';
import type { Session } from './session.ts';

const POLL_MS = 1_000;
const LONGEST_POLL_MS = 30_000;
/** Statuses of a monitor that say nothing of its task. */
const SILENT = new Set([403, 404, 405, 410]);
const GOOD = new Set(['Completed', 'CompletedOK']);
const BAD = new Set(['Exception', 'Killed', 'Cancelled', 'Canceled', 'Interrupted', 'Suspended']);

/**
 * Follows an accepted change to its end: the last answer; undefined when only a read can show. A place that does not
 * tell, or that is forbidden, is left for the next one that the BMC has named. @throws Failure
 */
export async function awaitTask(session: Session, accepted: Answer): Promise<Answer | undefined> {
  const { connection } = session;
  const [first, ...others] = placesOf(session, accepted);
  if (first === undefined) return undefined;
  let path = first;
  let answer = accepted;
  for (let poll = 1; ; poll += 1) {
    await pause(connection, answer, poll);
    const at = path;
    answer = await withRetries(connection, () => readState(session, at));
    if (SILENT.has(answer.status)) {
      const next = others.shift();
      if (next === undefined) return notTold(answer);
      path = next;
      continue;
    }
    const state = text(own(answer.body, 'TaskState'));
    if (state !== undefined && BAD.has(state)) {
      throw new Failure('NotApplied', 'permanent', `its task ended in ${state}: ${describe(answer)}`);
    }
    const running = answer.status === 202 || answer.status === 503 || answer.status === 429;
    if (!running && (state === undefined || GOOD.has(state))) return answer;
  }
}

/**
 * Looks once at the task by which something was accepted: why it failed; null while it has not, as far as is told.
 * Nothing is waited for: a shutdown is a task that takes minutes.
 */
export async function glanceAtTask(session: Session, accepted: Answer): Promise<string | null> {
  const [place] = placesOf(session, accepted);
  if (place === undefined) return null;
  const answer = await session.send('GET', place);
  const state = text(own(answer.body, 'TaskState'));
  const hasFailed = state === undefined ? answer.status >= 400 && !SILENT.has(answer.status) : BAD.has(state);
  const passes = answer.status === 503 || answer.status === 429 || answer.status === 401;
  return hasFailed && !passes ? `its task ended in ${state ?? 'an error'}: ${describe(answer)}` : null;
}

/** Where a task may be asked after, the likeliest first. A BMC may know itself by another name: the path counts. */
function placesOf({ connection }: Session, { header, body, path }: Answer): string[] {
  const { origin } = connection.client;
  const named = [
    header('location'),
    own(body, 'TaskMonitor'),
    own(body, '@odata.id'),
    own(own(body, 'Task'), '@odata.id'),
  ];
  const places = named.flatMap((reference) => {
    if (typeof reference !== 'string' || !URL.canParse(reference, origin + path)) return [];
    const { protocol, pathname, search } = new URL(reference, origin + path);
    return /^https?:$/.test(protocol) && pathname !== path ? [pathname + search] : [];
  });
  return [...new Set(places)];
}

/** A task that has gone leaves the rest to a read; one that must not be looked at is told besides. */
function notTold(answer: Answer): undefined {
  if (answer.status === 404 || answer.status === 410) return undefined;
  const message = `accepted, and its task cannot be followed: ${describe(answer)}`;
  throw new Failure('NotApplied', 'permanent', message);
}

/** What a monitor answers; one that answers well and breaks off has not said what became of the task. */
async function readState(session: Session, path: string): Promise<Answer> {
  const answer = await session.send('GET', path);
  if (answer.cut && answer.status === 200) throw answer.cut;
  return answer;
}

async function pause({ clock, deadline, signal }: Connection, answer: Answer, poll: number): Promise<void> {
  const growing = Math.min(LONGEST_POLL_MS, POLL_MS * 2 ** Math.min(poll - 1, 5));
  const until = after(clock, waitAsked(answer, clock.now()) ?? growing);
  if (until > deadline) {
    throw new Failure('NotApplied', 'transient', 'its task had not ended in time', { running: true });
  }
  await clock.sleep(until, signal);
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
