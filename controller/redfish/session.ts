import { isObject, type JsonObject } from '../../definitions/values/json.ts';
import { Failure } from './failure.ts';
import type { Answer, Sent } from './http/client.ts';
import { type Connection, request, withRetries } from './http/connection.ts';
import { type Access, endSession, type Login, logIn, rememberRefusal } from './login.ts';
import { answerFailure } from './messages.ts';
import type { Quirks } from './quirks.ts';

/** A logged-in conversation with one BMC. */
export interface Session {
  readonly connection: Connection;
  readonly quirks: Quirks;
  /** The service root, the only resource whose path is known beforehand. */
  readonly root: JsonObject;
  /**
   * Sends with the session's credentials; logs in again once when the session was lost. A POST is sent once.
   * @throws Failure
   */
  send(method: 'GET' | 'PATCH' | 'POST', path: string, sent?: Pick<Sent, 'body' | 'headers'>): Promise<Answer>;
  /** Logs out until something is sent again. */
  rest(): Promise<void>;
  /** How often it was lost and logged in anew. */
  readonly renewals: number;
  /** Lets a login be tried once more after it was refused. */
  forgive(): void;
  /** A path of this BMC for a reference that it gave. @throws Failure when it points to another server */
  resolve(reference: string, base?: string): string;
  /** Logs out; never rejects, takes a few seconds at most, works after an abort too. */
  close(): Promise<void>;
}

interface SessionState {
  readonly connection: Connection;
  readonly login: Login | undefined;
  readonly quirks: Quirks;
  /** The service root as it is read without a login, where that is allowed. */
  readonly openRoot: JsonObject | undefined;
  /** Undefined while it is logged out. */
  access: Access | undefined;
  /** The session was lost once, and there is a new one. */
  renewed: boolean;
  renewals: number;
  /** The login was refused: nothing more is sent. */
  refused: Failure | undefined;
}

const ROOT = '/redfish/v1/';
const NO_LOGIN = 'it asks for a login (401), and its machine has no CredentialsRef: name the secret there';

/** Logs in to a BMC: by session where it has them, else by Basic. A wrong password is tried once. @throws Failure */
export async function openSession(connection: Connection, login: Login | undefined, quirks: Quirks): Promise<Session> {
  const openRoot = await withRetries(connection, () => readRoot(connection, {}));
  const access = await logIn(connection, login, quirks, openRoot);
  const state: SessionState = {
    connection,
    login,
    quirks,
    openRoot,
    access,
    renewed: false,
    renewals: 0,
    refused: undefined,
  };
  try {
    connection.signal.throwIfAborted();
    const root = openRoot ?? (await withRetries(connection, () => readRoot(connection, access.headers)));
    if (!root) {
      const message = login ? `login refused: GET ${ROOT}: 401` : NO_LOGIN;
      const refused = new Failure('Refused', 'permanent', message, { status: 401 });
      throw login && access.basic ? rememberRefusal(connection, login, quirks, refused) : refused;
    }
    return {
      connection,
      quirks,
      root,
      send: (method, path, sent = {}) => sendLoggedIn(state, method, path, sent),
      resolve: connection.client.resolve,
      get renewals() {
        return state.renewals;
      },
      async rest() {
        const { access: old } = state;
        state.access = undefined;
        if (old) await endSession(connection, old);
      },
      forgive() {
        state.refused = undefined;
        state.renewed = false;
        quirks.refused = null;
      },
      async close() {
        if (state.access) await endSession(connection, state.access);
      },
    };
  } catch (error) {
    await endSession(connection, access);
    throw error;
  }
}

async function sendLoggedIn(
  state: SessionState,
  method: 'GET' | 'PATCH' | 'POST',
  path: string,
  sent: Pick<Sent, 'body' | 'headers'>,
): Promise<Answer> {
  if (state.refused) throw state.refused; // a password that was refused is not tried again, for whichever manager
  state.access ??= await logIn(state.connection, state.login, state.quirks, state.openRoot);
  const isOnce = method === 'POST';
  const once = ({ headers }: Access) => {
    if (method !== 'GET') state.connection.fence();
    return request(state.connection, method, path, {
      ...sent,
      headers: { ...sent.headers, ...headers },
      ...(isOnce && { once: true }),
    });
  };
  const answer = await once(state.access);
  if (answer.status !== 401 || isOnce) return answer;
  if (state.access.basic || state.renewed) throw refuse(state);
  state.renewed = true; // a second loss in one run is no accident any more
  const again = await once(await renew(state, state.access));
  if (again.status === 401) throw refuse(state);
  return again;
}

/** A new session; the old one is ended with it, should it be there after all. */
async function renew(state: SessionState, old: Access): Promise<Access> {
  const access = await logIn(state.connection, state.login, state.quirks, state.openRoot);
  if (old.path !== access.path) await endSession(state.connection, { ...access, path: old.path });
  state.access = access;
  state.renewals += 1;
  return access;
}

/** What such an answer says is not quoted: it may repeat the password. */
function refuse(state: SessionState): Failure {
  state.quirks.basic = false;
  const what = state.access?.basic ? 'Basic login' : 'a fresh session';
  const message = state.login ? `login refused: ${what} is answered 401` : NO_LOGIN;
  state.refused = new Failure('Refused', 'permanent', message, { status: 401 });
  const { connection, login, quirks, access } = state;
  return login && access?.basic ? rememberRefusal(connection, login, quirks, state.refused) : state.refused;
}

/** The service root; undefined where it may not be read without a login. */
async function readRoot(connection: Connection, headers: Access['headers']): Promise<JsonObject | undefined> {
  const slashed = await request(connection, 'GET', ROOT, { headers });
  const answer = slashed.status === 404 ? await request(connection, 'GET', ROOT.slice(0, -1), { headers }) : slashed;
  const { status, body } = answer;
  if (status === 401 || (status === 403 && Object.keys(headers).length === 0)) return undefined;
  if (status === 200 && isObject(body)) return body;
  if (status === 404) throw new Failure('Unsupported', 'permanent', `it has no Redfish service: GET ${ROOT}: 404`);
  throw answerFailure(answer, 'GET', ROOT, connection.clock.now());
}
