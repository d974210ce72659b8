import type { JsonObject } from '../../../definitions/values/json.ts';
import type { Account, AccountSession } from './accounts.ts';
import { etagOf, notFound, type Reply, refuse } from './answer.ts';
import type { Fault } from './faults.ts';
import { message } from './messages.ts';
import { complaints, readBody } from './request.ts';
import type { Asked, BmcState } from './state.ts';

const SESSIONS = '/redfish/v1/SessionService/Sessions';
const COLLECTION = 'GET, HEAD, POST';
const MEMBER = 'DELETE, GET, HEAD';

/** A login: credentials in, token and path of the session out. */
export function login(state: BmcState, asked: Asked, allow = COLLECTION): Reply {
  const variant = state.faults.strike('login', asked.method, asked.path);
  if (variant?.basic && !state.accounts.basic(asked.headers['authorization'] ?? '')) {
    return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="redfish"' }, body: 'Unauthorized Access' };
  }
  const read = readBody(asked.headers['content-type'], asked.body);
  if ('refusal' in read) return refuse(400, allow, read.refusal);
  const { UserName, Password } = read.value;
  const wrong = complaints(read.value, { UserName: 'string', Password: 'string', SessionType: 'string' });
  const missing = ['Password', 'UserName'].filter((key) => read.value[key] === undefined || read.value[key] === '');
  wrong.push(...missing.map((key) => message('PropertyMissing', key)));
  if (wrong.length > 0) return refuse(400, allow, ...wrong);
  const account = state.accounts.check(String(UserName), String(Password));
  if (!account) {
    return refuse(401, allow, message('ResourceAtUriUnauthorized', SESSIONS, 'Invalid username or password'));
  }
  const limit = state.faults.strike('session-limit', asked.method, asked.path);
  if (limit && state.accounts.all().filter((each) => !each.hidden).length >= limit.max) {
    return refuse(503, allow, message('SessionLimitExceeded'));
  }
  return welcome(state.accounts.login(account), asked, allow, variant);
}

type Variant = Extract<Fault, { kind: 'login' }>;

function welcome(session: AccountSession, asked: Asked, allow: string, variant: Variant | undefined): Reply {
  const path = `${SESSIONS}/${session.id}`;
  const where = variant?.location;
  const cookies = asked.headers['x-requested-with'] !== undefined;
  return {
    status: variant?.status ?? 201,
    allow,
    odata: true,
    headers: {
      ...(variant?.token === false || cookies ? {} : { 'X-Auth-Token': session.token }),
      ...(cookies ? { 'Set-Cookie': cookiesOf(session.token) } : {}),
      ...(where === undefined
        ? { Location: path }
        : where === 'double'
          ? { Location: `${SESSIONS}//${session.id}` }
          : where === 'absolute'
            ? { Location: asked.origin + path }
            : {}),
    },
    body:
      variant?.status === 204 || where === 'nowhere'
        ? undefined
        : where === 'message'
          ? { message: `created ${path}` }
          : resource(session),
  };
}

function cookiesOf(token: string): readonly string[] {
  return [
    `XSRF-TOKEN=${token}; Path=/; SameSite=Strict; Secure`,
    `BMCWEB-SESSION=${token}; Path=/; SameSite=Strict; Secure; HttpOnly`,
  ];
}

function resource(session: AccountSession): JsonObject {
  return {
    '@odata.id': `${SESSIONS}/${session.id}`,
    '@odata.type': '#Session.v1_7_0.Session',
    ClientOriginIPAddress: '127.0.0.1',
    Description: 'Manager User Session',
    Id: session.id,
    Name: 'User Session',
    Roles: [session.account.role],
    UserName: session.account.username,
  };
}

/** GET of the sessions that there are. */
export function listSessions(state: BmcState): Reply {
  const members = state.accounts.all().map(({ id }) => ({ '@odata.id': `${SESSIONS}/${id}` }));
  const body: JsonObject = {
    '@odata.id': SESSIONS,
    '@odata.type': '#SessionCollection.SessionCollection',
    Description: 'Session Collection',
    Members: members,
    'Members@odata.count': members.length,
    Name: 'Session Collection',
  };
  return {
    status: 200,
    allow: COLLECTION,
    odata: true,
    etag: etagOf(body),
    headers: schema('SessionCollection'),
    body,
  };
}

/** GET or DELETE of one session; others' sessions are an administrator's business. */
export function oneSession(state: BmcState, asked: Asked, id: string, account: Account): Reply {
  const session = state.accounts.get(id);
  const link = asked.method === 'DELETE' ? {} : schema('Session/Session');
  if (!session) return { ...notFound(MEMBER, 'Session', id), headers: link };
  if (asked.method !== 'DELETE') {
    const body = resource(session);
    return { status: 200, allow: MEMBER, odata: true, etag: etagOf(body), headers: link, body };
  }
  const own = session.account.username === account.username;
  if (!own && account.role !== 'Administrator') return refuse(403, MEMBER, message('InsufficientPrivilege'));
  state.accounts.delete(id);
  const body = { '@Message.ExtendedInfo': [message('Success')] };
  return { status: 200, allow: MEMBER, odata: true, etag: etagOf(body), body };
}

function schema(name: string): Readonly<Record<string, string>> {
  return { Link: `</redfish/v1/JsonSchemas/${name}.json>; rel=describedby` };
}
