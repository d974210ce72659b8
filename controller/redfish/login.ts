import { createHash } from 'node:crypto';
import { isObject, type JsonObject, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { asFailure, Failure, oneLine } from './failure.ts';
import type { Answer, Client } from './http/client.ts';
import { type Connection, request, withRetries } from './http/connection.ts';
import { classOf, complaintsOf, isPassing, waitAsked } from './messages.ts';
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
  /** Where it is listed, when it was opened without a word of where it is. */
  readonly listed?: string;
  readonly basic: boolean;
}

const DEFAULT_SESSIONS = '/redfish/v1/SessionService/Sessions';
/** Only such a path is ever POSTed to, and only one below it deleted: no BMC can send us to anything else. */
const SESSIONS_PATH = /^[^?]*\/Sessions\/*$/;
const SESSION_PATH = /^[^?]*\/Sessions\/+(Members\/+)?[^/?]+\/*$/;
const LIMIT_IDS = /^(RAC0218|SessionLimitExceeded|CreateLimitReachedForResource)$/;
/** A login or a logout may go on for so long after an abort: a session that nobody ends stays on the BMC. */
const GRACE_MS = 5_000;
/** A password that was refused is not tried again for so long, unless it changes: accounts are locked for that. */
const REFUSED_MS = 600_000;

function basicAccess({ username, password }: Login): Access {
  const value = Buffer.from(`${username}:${password}`).toString('base64');
  return { headers: { Authorization: `Basic ${value}` }, path: null, basic: true };
}

/**
 * Logs in once more or for the first time; transient refusals are tried again, a wrong password never is: accounts are
 * locked for that. `root` is the service root where it may be read without a login; without `login` nobody asks.
 * @throws Failure
 */
export async function logIn(
  connection: Connection,
  login: Login | undefined,
  quirks: Quirks,
  root: JsonObject | undefined,
): Promise<Access> {
  if (!login) return { headers: {}, path: null, basic: true };
  const refused = refusedBefore(connection, login, quirks);
  if (refused) throw refused;
  const collection = quirks.basic ? undefined : await sessionsPath(connection, root);
  if (!collection) {
    quirks.basic = true;
    return basicAccess(login);
  }
  const { client } = connection;
  const path = client.resolve(collection);
  const access = await withRetries(connection, () => askForSession(connection, login, quirks, path));
  if (!access.basic) connection.observe({ kind: 'session opened', machine: connection.machine });
  return access;
}

/** Keeps in mind that a BMC does not take this login, and gives the reason back. */
export function rememberRefusal({ clock }: Connection, login: Login, quirks: Quirks, reason: Failure): Failure {
  quirks.refused = { login: digestOf(login), at: clock.now(), reason: reason.message };
  return reason;
}

/** Why a login is not tried; undefined when it may be. */
function refusedBefore({ clock }: Connection, login: Login, quirks: Quirks): Failure | undefined {
  const { refused } = quirks;
  if (!refused) return undefined;
  const until = new Date(refused.at.getTime() + REFUSED_MS);
  if (refused.login !== digestOf(login) || clock.now() >= until) {
    quirks.refused = null;
    return undefined;
  }
  const time = until.toISOString().replace(/\.\d+Z$/, 'Z');
  const message = `${refused.reason}; not tried again before ${time}, unless the secret changes`;
  return new Failure('Refused', 'permanent', message, { status: 401 });
}

function digestOf({ username, password }: Login): string {
  return createHash('sha256').update(`${username}\0${password}`).digest('hex');
}

/** Where to log in: by the root's link, by its SessionService, by the path of the standard when the root is closed. */
async function sessionsPath(connection: Connection, root: JsonObject | undefined): Promise<string | undefined> {
  const { client } = connection;
  if (!root) return DEFAULT_SESSIONS;
  let path = own(own(own(root, 'Links'), 'Sessions'), '@odata.id');
  const service = own(own(root, 'SessionService'), '@odata.id');
  if (path === undefined && typeof service === 'string') {
    const answer = await request(connection, 'GET', client.resolve(service));
    path = own(own(answer.body, 'Sessions'), '@odata.id') ?? (answer.status === 404 ? undefined : DEFAULT_SESSIONS);
  }
  return typeof path === 'string' && SESSIONS_PATH.test(client.resolve(path)) ? path : undefined;
}

async function askForSession(
  connection: Connection,
  login: Login,
  quirks: Quirks,
  collection: string,
): Promise<Access> {
  const { client, clock, secrets } = connection;
  const basic = basicAccess(login);
  const answer = await postLogin(connection, login, quirks, collection);
  const { status } = answer;
  const token = answer.header('x-auth-token');
  if (token) secrets.add(token);
  const path = status < 300 ? sessionPath(client, answer, collection) : null;
  const place = path === null ? { path, listed: answer.path } : { path };
  if (status < 300 && token) return { headers: { 'X-Auth-Token': token }, ...place, basic: false };
  if (status < 300) await endSession(connection, { ...basic, ...place }); // cookies only
  if (status < 300 || [404, 405, 501].includes(status)) {
    quirks.basic = true;
    return basic;
  }
  if (complaintsOf(answer).some(({ id }) => LIMIT_IDS.test(id))) return basic;
  const failure = loginFailure(answer, clock.now());
  throw failure.class === 'transient' ? failure : rememberRefusal(connection, login, quirks, failure);
}

/** Why a login failed, in our own words: an answer to a password may repeat it, so nothing of it is quoted. */
function loginFailure(answer: Answer, now: Date): Failure {
  const { status } = answer;
  const details = { status, waitMs: waitAsked(answer, now) };
  if (classOf(answer) === 'transient') {
    const why = complaintsOf(answer).find(({ id }) => isPassing(id))?.id;
    const outcome = status >= 500 || status === 429 ? 'NotApplied' : 'Refused';
    return new Failure(outcome, 'transient', `the login is answered ${status}${why ? ` ${why}` : ''}`, details);
  }
  const expired = complaintsOf(answer).some(({ id }) => id === 'PasswordChangeRequired');
  const why = expired ? 'the password has expired and must be changed' : 'this user name and password are not taken';
  return new Failure('Refused', 'permanent', `login refused: ${status}, ${why}`, details);
}

/**
 * Posts the login; with Basic too where the server guards the login itself. Such a one says that access is denied and
 * asks for Basic, of a login without a password as well: it has not looked at the body, and the password is tried once.
 */
async function postLogin(connection: Connection, login: Login, quirks: Quirks, path: string): Promise<Answer> {
  const full = { UserName: login.username, Password: login.password };
  const { headers: basic } = basicAccess(login);
  const grace = graceAfter(connection);
  const post = (headers: Access['headers'], body: JsonObject) =>
    request(connection, 'POST', path, { body, headers, signal: grace.signal, onlyTo: SESSIONS_PATH });
  try {
    const answer = await post(quirks.basicLogin ? basic : {}, full);
    if (quirks.basicLogin || !isGuarded(answer) || !isGuarded(await post({}, {}))) return answer;
    quirks.basicLogin = true;
    return await post(basic, full);
  } finally {
    grace.done();
  }
}

function isGuarded(answer: Answer): boolean {
  if (answer.status !== 401 || !/basic/i.test(answer.header('www-authenticate') ?? '')) return false;
  return answer.text.trim() === 'Unauthorized Access' || complaintsOf(answer).some(({ id }) => id === 'AccessDenied');
}

/** A signal that follows an abort of the run a little later, so that what was begun on the BMC can be ended. */
function graceAfter({ signal, clock }: Connection): { readonly signal: AbortSignal; done(): void } {
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

/** Ends a session; never rejects, and works after an abort too. Says when one may be left. */
export async function endSession(connection: Connection, { path, listed, headers }: Access): Promise<void> {
  if (path === null && listed === undefined) return;
  const { client, clock, machine, observe, secrets } = connection;
  const done = new AbortController();
  const late = new AbortController();
  clock.sleep(after(clock, GRACE_MS), done.signal).then(
    () => late.abort(),
    () => undefined,
  );
  const ask = { headers, signal: late.signal };
  const end = async (at: string): Promise<string | null> => {
    const { status } = await client.send('DELETE', at, { ...ask, onlyTo: SESSION_PATH });
    const single = at.replace(/\/{2,}/g, '/');
    if (status >= 400 && single !== at) return await end(single); // `…/Sessions//ID`
    return status < 300 || [401, 404, 410].includes(status) ? null : `DELETE ${at} is answered ${status}`;
  };
  const tellLeft = (reason: string) =>
    observe({ kind: 'session left', machine, reason: oneLine(secrets.scrub(reason)) });
  try {
    const at = path ?? onlyMember(client, await client.send('GET', listed ?? '', ask));
    const left = at === null ? 'the BMC does not say where' : await end(at).catch(() => end(at));
    if (left === null) observe({ kind: 'session closed', machine });
    else tellLeft(left);
  } catch (error) {
    tellLeft(asFailure(error).message);
  } finally {
    done.abort('done');
  }
}

/** The session that a collection lists, when there is one alone: it is the one that asks. */
function onlyMember(client: Client, answer: Answer): string | null {
  const members = own(answer.body, 'Members');
  const [member, ...others] = Array.isArray(members) ? members : [];
  const reference = own(member, '@odata.id');
  if (others.length > 0 || typeof reference !== 'string') return null;
  const base = client.origin + answer.path;
  const path = URL.canParse(reference, base) ? new URL(reference, base).pathname : '';
  return SESSION_PATH.test(path) ? path : null;
}
