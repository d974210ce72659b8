import { isObject, type Json, type JsonObject } from '../../definitions/values/json.ts';
import { answerFailure } from './answer-failure.ts';
import { type Context, withRetries } from './conversation.ts';
import { Failure } from './failure.ts';
import type { Answer, Client } from './http/client.ts';
import { type Access, type Desk, endSession, type Login, logIn, type Talk } from './login.ts';
import { tell } from './messages.ts';
import type { Quirks } from './quirks.ts';

/** A logged-in conversation with one BMC. */
export interface Session {
  /** The service root, the only path that is known beforehand. */
  readonly root: JsonObject;
  /** Sends with the session's credentials; logs in again once when the session was lost. */
  send(
    method: 'GET' | 'PATCH',
    path: string,
    sent?: { body?: Json; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** A path of this BMC for a reference that it gave. */
  resolve(reference: string, base?: string): string;
  /** Logs out; never rejects, takes a few seconds at most, works after an abort too. */
  close(): Promise<void>;
}

const ROOT = '/redfish/v1/';

/** Logs in to a BMC: by session where it has them, else by Basic. A wrong password is tried once. */
export async function openSession(
  client: Client,
  login: Login | undefined,
  context: Context,
  quirks: Quirks,
): Promise<Session> {
  const talk = createTalk(client, context);
  const desk: Desk = { talk, client, login, context, quirks };
  const open = await withRetries(context, () => readRoot(desk, {}));
  let access = await logIn(desk, open);
  let renewed = false;
  let dead: Failure | undefined;
  const refused = (answer: Answer): Failure => {
    quirks.basic = false;
    const what = access.basic ? 'Basic login' : 'a fresh session';
    dead = new Failure('Refused', 'permanent', `login refused: ${what} is answered ${tell(answer)}`, { status: 401 });
    return dead;
  };
  const send: Session['send'] = async (method, path, sent = {}) => {
    if (dead) throw dead; // a password that was refused is not tried again, for whichever manager
    const once = () => talk(method, path, { ...sent, headers: { ...sent.headers, ...access.headers } });
    const answer = await once();
    if (answer.status !== 401) return answer;
    if (access.basic || renewed) throw refused(answer);
    renewed = true; // a second loss in one run is no accident any more
    access = await renew(desk, open, access);
    const again = await once();
    if (again.status === 401) throw refused(again);
    return again;
  };
  const close = async () => {
    await endSession(desk, access);
    client.close();
  };
  try {
    context.signal.throwIfAborted();
    const root = open ?? (await withRetries(context, () => readRoot(desk, access.headers)));
    if (root) return { root, send, resolve: client.resolve, close };
    throw new Failure('Refused', 'permanent', `login refused: GET ${ROOT}: 401`, { status: 401 });
  } catch (error) {
    await close();
    throw error;
  }
}

/** A new session; the old one is ended with it, should it be there after all. */
async function renew(desk: Desk, root: unknown, old: Access): Promise<Access> {
  const access = await logIn(desk, root);
  if (old.path !== access.path) await endSession(desk, { ...access, path: old.path });
  return access;
}

function createTalk(client: Client, context: Context): Talk {
  return async (method, path, sent = {}) => {
    const started = context.clock.now().getTime();
    const report = (status: number | null) => {
      const ms = context.clock.now().getTime() - started;
      context.observe({ kind: 'request', machine: context.machine, method, path, status, ms });
    };
    try {
      const answer = await client.send(method, path, { signal: context.signal, ...sent });
      context.met.answered = true;
      report(answer.status);
      return answer;
    } catch (error) {
      report(null);
      throw error;
    }
  };
}

/** The service root; undefined where it may not be read without a login. */
async function readRoot({ talk, context }: Desk, headers: Access['headers']): Promise<JsonObject | undefined> {
  const slashed = await talk('GET', ROOT, { headers });
  const answer = slashed.status === 404 ? await talk('GET', ROOT.slice(0, -1), { headers }) : slashed;
  const { status, body } = answer;
  if (status === 401 || (status === 403 && Object.keys(headers).length === 0)) return undefined;
  if (status === 200 && isObject(body)) return body;
  if (status === 404) throw new Failure('Unsupported', 'permanent', `it has no Redfish service: GET ${ROOT}: 404`);
  throw answerFailure(answer, 'GET', ROOT, context.clock.now());
}
