import { isObject, type Json, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { answerFailure } from './answer-failure.ts';
import { type Context, withRetries } from './conversation.ts';
import { Failure } from './failure.ts';
import type { Answer, Client, Method } from './http/client.ts';
import { complaintsOf, tell } from './messages.ts';
import type { Quirks } from './quirks.ts';

/** A name and a password. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** How requests show who asks. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** Where the session is; null for Basic, and where the BMC does not say. */
  readonly path: string | null;
  readonly basic: boolean;
}

/** Sends a request and reports it. */
export type Talk = (
  method: Method,
  path: string,
  sent?: { body?: Json; headers?: Readonly<Record<string, string>>; signal?: AbortSignal; onlyTo?: RegExp },
) => Promise<Answer>;

/** What logging in needs at every step. */
export interface Desk {
  readonly talk: Talk;
  readonly client: Client;
  /** Undefined: nobody asks. */
  readonly login: Login | undefined;
  readonly context: Context;
  readonly quirks: Quirks;
}

const DEFAULT_SESSIONS = '/redfish/v1/SessionService/Sessions';
/** Only such a path is ever POSTed to, and only one below it deleted: no BMC can send us to anything else. */
const SESSIONS_PATH = /^[^?]*\/Sessions\/?$/;
const SESSION_PATH = /^[^?]*\/Sessions\/(Members\/)?[^/?]+\/?$/;
const LIMIT_IDS = /^(RAC0218|SessionLimitExceeded|CreateLimitReachedForResource)$/;
/** So long after an abort a login or a logout may still take: a session that nobody ends stays on the BMC. */
const GRACE_MS = 5_000;

function basicAccess({ username, password }: Login): Access {
  const value = Buffer.from(`${username}:${password}`).toString('base64');
  return { headers: { Authorization: `Basic ${value}` }, path: null, basic: true };
}

/** Logs in once more or for the first time; transient refusals are tried again, a wrong password never is. */
export async function logIn(desk: Desk, root: unknown): Promise<Access> {
  const { client, login, context, quirks } = desk;
  if (!login) return { headers: {}, path: null, basic: true };
  const collection = quirks.basic ? undefined : await sessionsPath(desk, root);
  if (!collection) {
    quirks.basic = true;
    return basicAccess(login);
  }
  const access = await withRetries(context, () => askForSession(desk, login, client.resolve(collection)));
  if (!access.basic) context.observe({ kind: 'session opened', machine: context.machine });
  return access;
}

/** Where to log in: by the root's link, by its SessionService, by the path of the standard when the root is closed. */
async function sessionsPath({ talk, client }: Desk, root: unknown): Promise<string | undefined> {
  if (!root) return DEFAULT_SESSIONS;
  let path = own(own(own(root, 'Links'), 'Sessions'), '@odata.id');
  const service = own(own(root, 'SessionService'), '@odata.id');
  if (path === undefined && typeof service === 'string') {
    const answer = await talk('GET', client.resolve(service));
    path = own(own(answer.body, 'Sessions'), '@odata.id') ?? (answer.status === 404 ? undefined : DEFAULT_SESSIONS);
  }
  return typeof path === 'string' && SESSIONS_PATH.test(client.resolve(path)) ? path : undefined;
}

async function askForSession(desk: Desk, login: Login, collection: string): Promise<Access> {
  const { client, context, quirks } = desk;
  const basic = basicAccess(login);
  const answer = await postLogin(desk, login, collection, basic);
  const { status } = answer;
  const token = answer.header('x-auth-token');
  const path = status < 300 ? sessionPath(client, answer, collection) : null;
  if (token) context.secrets.add(token);
  if (status < 300 && token) return { headers: { 'X-Auth-Token': token }, path, basic: false };
  if (status < 300 && path !== null) await endSession(desk, { ...basic, path }); // cookies only: of no use here
  if (status < 300 || [404, 405, 501].includes(status)) {
    quirks.basic = true;
    return basic;
  }
  if (complaintsOf(answer).some(({ id }) => LIMIT_IDS.test(id))) return basic;
  if (status === 401) throw new Failure('Refused', 'permanent', `login refused: ${tell(answer)}`, { status });
  throw answerFailure(answer, 'POST', collection, context.clock.now());
}

/** Posts the login; with Basic too where the server guards the login itself and so has not looked at the body. */
async function postLogin({ talk, context, quirks }: Desk, login: Login, path: string, basic: Access): Promise<Answer> {
  const body = { UserName: login.username, Password: login.password };
  const grace = graceAfter(context);
  const post = (headers: Readonly<Record<string, string>>) =>
    talk('POST', path, { body, headers, signal: grace.signal, onlyTo: SESSIONS_PATH });
  try {
    const answer = await post(quirks.basicLogin ? basic.headers : {});
    const challenged = answer.status === 401 && /basic/i.test(answer.header('www-authenticate') ?? '');
    if (!challenged || quirks.basicLogin) return answer;
    quirks.basicLogin = true;
    return await post(basic.headers);
  } finally {
    grace.done();
  }
}

/** A signal that follows an abort of the run a little later, so that what was begun on the BMC can be ended. */
function graceAfter({ signal, clock }: Context): { readonly signal: AbortSignal; done(): void } {
  const late = new AbortController();
  const done = new AbortController();
  const begin = () => {
    clock.sleep(after(clock, GRACE_MS), done.signal).then(
      () => late.abort(signal.reason),
      () => undefined,
    );
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: late.signal,
    done() {
      signal.removeEventListener('abort', begin);
      done.abort('done');
    },
  };
}

/** Where the new session is, as far as the BMC says: in Location, in the body, or somewhere in a sentence. */
function sessionPath(client: Client, answer: Answer, collection: string): string | null {
  const id = own(answer.body, 'Id');
  const prose = Object.values(isObject(answer.body) ? answer.body : {})
    .flatMap((value) => (typeof value === 'string' ? value.split(/\s+/) : []))
    .find((word) => word.startsWith('/') && SESSION_PATH.test(word));
  const guessed = typeof id === 'string' ? `${collection.replace(/\/$/, '')}/${encodeURIComponent(id)}` : undefined;
  for (const candidate of [answer.header('location'), own(answer.body, '@odata.id'), prose, guessed]) {
    if (typeof candidate !== 'string' || !URL.canParse(candidate, client.origin + answer.path)) continue;
    // a BMC may know itself by another name; the path is what counts, and it is asked of this origin alone
    const { pathname } = new URL(candidate, client.origin + answer.path);
    if (SESSION_PATH.test(pathname)) return pathname;
  }
  return null;
}

/** Ends a session; never rejects, and works after an abort too. */
export async function endSession({ client, context }: Desk, { path, headers }: Access): Promise<void> {
  if (path === null) return;
  const done = new AbortController();
  const late = new AbortController();
  context.clock.sleep(after(context.clock, GRACE_MS), done.signal).then(
    () => late.abort(),
    () => undefined,
  );
  const attempt = () => client.send('DELETE', path, { headers, signal: late.signal, onlyTo: SESSION_PATH });
  await attempt().catch(() => attempt().catch(() => undefined));
  done.abort('done');
  context.observe({ kind: 'session closed', machine: context.machine });
}
