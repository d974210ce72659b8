import { isObject, type Json, type JsonObject, own } from '../../definitions/json.ts';
import { after } from '../clock.ts';
import { answerFailure } from './answer-failure.ts';
import type { Answer, Client, Method } from './client.ts';
import { type Context, withRetries } from './context.ts';
import { Failure } from './failure.ts';
import type { Memory } from './memory.ts';
import { complaintsOf, tell } from './message.ts';

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

/** What logging in needs at every step. */
interface Desk {
  readonly talk: Talk;
  readonly client: Client;
  /** Undefined: nobody asks. */
  readonly login: Login | undefined;
  readonly context: Context;
  readonly memory: Memory;
}

/** Logs in to a BMC: by session where it has them, else by Basic. A wrong password is tried once. */
export async function openSession(
  client: Client,
  login: Login | undefined,
  context: Context,
  memory: Memory,
): Promise<Session> {
  const talk = createTalk(client, context);
  const desk: Desk = { talk, client, login, context, memory };
  const open = await withRetries(context, () => readRoot(talk, {}));
  let access = await logIn(desk, open);
  let renewed = false;
  const send: Session['send'] = async (method, path, sent = {}) => {
    const once = () => talk(method, path, { ...sent, headers: { ...sent.headers, ...access.headers } });
    const answer = await once();
    if (answer.status !== 401) return answer;
    if (access.basic || renewed) throw unauthorized(answer, access.basic ? 'Basic login' : 'a fresh session');
    renewed = true; // a second loss in one run is no accident any more
    access = await logIn(desk, open);
    const again = await once();
    if (again.status === 401) throw unauthorized(again, 'a fresh session');
    return again;
  };
  const close = () => logOut(desk, access);
  try {
    const root = open ?? (await withRetries(context, () => readRoot(talk, access.headers))) ?? {};
    return { root, send, resolve: client.resolve, close };
  } catch (error) {
    await close();
    throw error;
  }
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

/** The service root may be read without a login; where it may not, it is read again after the login. */
async function readRoot(talk: Talk, headers: Readonly<Record<string, string>>): Promise<JsonObject | undefined> {
  const slashed = await talk('GET', ROOT, { headers });
  const answer = slashed.status === 404 ? await talk('GET', ROOT.slice(0, -1), { headers }) : slashed;
  if (answer.status === 401) return undefined;
  if (answer.status === 200 && isObject(answer.body)) return answer.body;
  throw answerFailure(answer, 'GET', ROOT, new Date(0));
}

function basicAccess({ username, password }: Login): Access {
  const value = Buffer.from(`${username}:${password}`).toString('base64');
  return { headers: { Authorization: `Basic ${value}` }, path: null, basic: true };
}

/** Logs in once more or for the first time; transient refusals are tried again, a wrong password never is. */
async function logIn(desk: Desk, root: JsonObject | undefined): Promise<Access> {
  const { client, login, context, memory } = desk;
  if (!login) return { headers: {}, path: null, basic: true };
  if (memory.basic) return basicAccess(login);
  const collection = await sessionsPath(desk, root);
  if (!collection) return basicAccess(login);
  const access = await withRetries(context, () => askForSession(desk, login, client.resolve(collection)));
  memory.basic = access.basic;
  if (!access.basic) context.observe({ kind: 'session opened', machine: context.machine, basic: false });
  return access;
}

/** Where to log in: by the root's link, by its SessionService, by the path of the standard when the root is closed. */
async function sessionsPath({ talk, client }: Desk, root: JsonObject | undefined): Promise<string | undefined> {
  if (!root) return DEFAULT_SESSIONS;
  const direct = own(own(own(root, 'Links'), 'Sessions'), '@odata.id');
  const service = own(own(root, 'SessionService'), '@odata.id');
  let path = direct;
  if (path === undefined && typeof service === 'string') {
    const answer = await talk('GET', client.resolve(service));
    path = own(own(answer.body, 'Sessions'), '@odata.id') ?? (answer.status === 401 ? DEFAULT_SESSIONS : undefined);
  }
  return typeof path === 'string' && SESSIONS_PATH.test(client.resolve(path)) ? path : undefined;
}

async function askForSession(desk: Desk, login: Login, collection: string): Promise<Access> {
  const { talk, context, memory } = desk;
  const body = { UserName: login.username, Password: login.password };
  const basic = basicAccess(login);
  let answer = await talk('POST', collection, { body, headers: memory.basicLogin ? basic.headers : {} });
  const challenged = answer.status === 401 && /basic/i.test(answer.header('www-authenticate') ?? '');
  if (challenged && !memory.basicLogin) {
    memory.basicLogin = true; // it did not look at the body: some servers guard the login itself
    answer = await talk('POST', collection, { body, headers: basic.headers });
  }
  const token = answer.header('x-auth-token');
  if (answer.status < 300 && token) {
    return { headers: { 'X-Auth-Token': token }, path: sessionPath(desk, answer, collection), basic: false };
  }
  if (answer.status < 300 || [404, 405, 501].includes(answer.status)) return basic;
  if (complaintsOf(answer).some(({ id }) => LIMIT_IDS.test(id))) return basic;
  if (answer.status === 401)
    throw new Failure('Refused', 'permanent', `login refused: ${tell(answer)}`, { status: 401 });
  throw answerFailure(answer, 'POST', collection, context.clock.now());
}

/** Where the new session is, as far as the BMC says: in Location, in the body, or somewhere in a sentence. */
function sessionPath({ client }: Desk, answer: Answer, collection: string): string | null {
  const id = own(answer.body, 'Id');
  const prose = Object.values(isObject(answer.body) ? answer.body : {})
    .flatMap((value) => (typeof value === 'string' ? value.split(/\s+/) : []))
    .find((word) => SESSION_PATH.test(word) && word.includes('/'));
  const guessed = typeof id === 'string' ? `${collection.replace(/\/$/, '')}/${encodeURIComponent(id)}` : undefined;
  for (const candidate of [answer.header('location'), own(answer.body, '@odata.id'), prose, guessed]) {
    if (typeof candidate !== 'string') continue;
    const path = safely(() => client.resolve(candidate, answer.path));
    if (path && SESSION_PATH.test(path)) return path;
  }
  return null;
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Logging out has a limit of its own, so that it happens after an abort and at the end of the Timeout too. */
async function logOut({ client, context }: Desk, access: Access): Promise<void> {
  if (access.path !== null) {
    const done = new AbortController();
    const late = new AbortController();
    context.clock.sleep(after(context.clock, LOGOUT_MS), done.signal).then(
      () => late.abort(),
      () => undefined,
    );
    const attempt = () => client.send('DELETE', access.path ?? '', { headers: access.headers, signal: late.signal });
    await attempt().catch(() => attempt().catch(() => undefined));
    done.abort();
    context.observe({ kind: 'session closed', machine: context.machine, basic: false });
  }
  client.close();
}
