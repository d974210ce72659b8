import { type Json, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { Failure } from './failure.ts';
import type { Answer } from './http/client.ts';
import { type Connection, withRetries } from './http/connection.ts';
import { describe, waitAsked } from './messages.ts';
import type { Session } from './session.ts';

const POLL_MS = 1_000;
const LONGEST_POLL_MS = 30_000;
const GOOD = new Set(['Completed', 'CompletedOK']);
const BAD = new Set(['Exception', 'Killed', 'Cancelled', 'Canceled', 'Interrupted', 'Suspended']);

/** Follows an accepted change to its end: the last answer; undefined when only a read can show. @throws Failure */
export async function awaitTask(session: Session, accepted: Answer): Promise<Answer | undefined> {
  const { connection } = session;
  const monitor = accepted.header('location') ?? text(own(accepted.body, 'TaskMonitor'));
  const self = text(own(accepted.body, '@odata.id'));
  let path = monitor ?? self;
  if (path === undefined) return undefined;
  let answer = accepted;
  for (let poll = 1; ; poll += 1) {
    await pause(connection, answer, poll);
    const at: string = session.resolve(path);
    answer = await withRetries(connection, () => readState(session, at));
    if (answer.status === 404 || answer.status === 410) {
      if (self === undefined || path === self) return undefined;
      path = self;
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
