import type { Account } from './accounts.ts';
import { etagOf, notFound, type Reply, refuse } from './answer.ts';
import { changeManager, getManager, managerNow } from './manager.ts';
import { message } from './messages.ts';
import { type OtherResource, otherResources } from './other-resources.ts';
import { complaints, page, readBody, readQuery, select } from './request.ts';
import { listSessions, login, oneSession } from './session-routes.ts';
import type { Asked, BmcState } from './state.ts';

const ROOT = '/redfish/v1';
const SESSIONS = `${ROOT}/SessionService/Sessions`;
const OPEN_TO_ALL = new Set([
  `GET ${ROOT}`,
  `GET ${ROOT}/odata`,
  'GET /redfish',
  `POST ${SESSIONS}`,
  `POST ${SESSIONS}/Members`,
]);

interface Route {
  readonly allow: string;
  /** The ETag of the resource now, for If-Match. */
  readonly etag?: () => string;
  /** Methods that need an administrator. */
  readonly privileged?: string;
  answer(account: Account | undefined): Reply;
}

/** Answers a request as bmcweb would: who asks, what for, may they, is it still what they saw, then the work. */
export function handle(state: BmcState, asked: Asked): Reply {
  const path = asked.path.length > 1 && asked.path.endsWith('/') ? asked.path.slice(0, -1) : asked.path;
  const account = authenticate(state, asked);
  if (!account && !OPEN_TO_ALL.has(`${asked.method} ${path}`)) return unauthorized(asked);
  const route = find(state, { ...asked, path });
  if (!route) {
    const below = path.startsWith('/redfish');
    return below ? notFound('', '', path.slice(path.lastIndexOf('/') + 1)) : { status: 404 };
  }
  const { allow } = route;
  if (!allow.split(', ').includes(asked.method)) {
    return refuse(405, allow, message(asked.method === 'DELETE' ? 'ResourceCannotBeDeleted' : 'OperationNotAllowed'));
  }
  return denied(state, asked, path, route, account) ?? conditional(asked, route, route.answer(account));
}

function authenticate(state: BmcState, { headers }: Asked): Account | undefined {
  const token = headers['x-auth-token'];
  const session = token ? state.accounts.byToken(token) : undefined;
  return session?.account ?? state.accounts.basic(headers['authorization'] ?? '');
}

function unauthorized({ headers }: Asked): Reply {
  if (headers['x-requested-with']) return { status: 401 };
  if (headers['accept']?.includes('text/html')) {
    return { status: 401, body: 'No authentication provided, and no login UI present to forward to.' };
  }
  return { status: 401, headers: { 'WWW-Authenticate': 'Basic' } };
}

/** What stands in the way of a request that found its resource. */
function denied(state: BmcState, asked: Asked, path: string, route: Route, account?: Account): Reply | undefined {
  const { allow } = route;
  if (account && route.privileged === asked.method && account.role !== 'Administrator') return { status: 403, allow };
  if (account && state.faults.present('password-expired') && !path.startsWith(`${SESSIONS}`) && path !== ROOT) {
    const place = `${ROOT}/AccountService/Accounts/${account.username}`;
    return { ...refuse(403, allow, message('PasswordChangeRequired', place)), odata: false };
  }
  const version = asked.headers['odata-version'];
  if (version && version !== '4.0') {
    return { ...refuse(412, allow, message('PreconditionFailed')), odata: false };
  }
  return asked.method === 'POST' ? undefined : mismatched(state, asked, route);
}

/** If-Match is compared as it stands: a weak tag, a list or one without quotes is another tag (bmcweb). */
function mismatched(state: BmcState, asked: Asked, route: Route): Reply | undefined {
  const given = asked.headers['if-match'];
  const wanted = state.faults.strike('if-match', asked.method, asked.path);
  if (!given) {
    if (!wanted || asked.method !== 'PATCH') return undefined;
    const id = wanted.status === 428 ? 'PreconditionRequired' : 'PreconditionFailed';
    return refuse(wanted.status, route.allow, message(id));
  }
  const etag = route.etag?.() ?? '';
  const right = wanted?.form === 'unquoted' ? etag.replaceAll('"', '') : wanted?.form === 'none' ? '' : etag;
  return given === right || (given === '*' && !wanted)
    ? undefined
    : refuse(412, route.allow, message('PreconditionFailed'));
}

/** If-None-Match works where the answer still has its headers: on everything but a manager (bmcweb). */
function conditional(asked: Asked, route: Route, answer: Reply): Reply {
  const same = asked.headers['if-none-match'];
  if (asked.method !== 'GET' || !same || same !== answer.etag || !answer.allow) return answer;
  return { status: 304, allow: route.allow, odata: true, etag: answer.etag };
}

function find(state: BmcState, asked: Asked): Route | undefined {
  const { path, method } = asked;
  const given = state.resources.get(path);
  if (given) return reading(asked, { allow: 'GET', body: given });
  const manager = /^\/redfish\/v1\/Managers\/([^/]+)$/.exec(path)?.[1];
  if (manager) return managerRoute(state, asked, manager);
  if (path === `${SESSIONS}/Members`) {
    return { allow: 'DELETE, GET, HEAD, POST', answer: () => login(state, asked, 'DELETE, GET, HEAD, POST') };
  }
  if (path === SESSIONS) {
    return { allow: 'GET, HEAD, POST', answer: () => (method === 'POST' ? login(state, asked) : listSessions(state)) };
  }
  const session = /^\/redfish\/v1\/SessionService\/Sessions\/([^/]+)$/.exec(path)?.[1];
  if (session) {
    return {
      allow: 'DELETE, GET, HEAD',
      answer: (account) => (account ? oneSession(state, asked, session, account) : { status: 401 }),
    };
  }
  const [, kind, task] = /^\/redfish\/v1\/TaskService\/(Tasks|TaskMonitors)\/([^/]+)$/.exec(path) ?? [];
  if (task) return { allow: 'GET', answer: () => state.tasks.answer(kind as 'Tasks' | 'TaskMonitors', task) };
  return resetRoute(state, asked) ?? otherRoute(state, asked);
}

function managerRoute(state: BmcState, asked: Asked, encodedID: string): Route {
  const id = decode(encodedID);
  const manager = state.managers.get(id);
  return {
    allow: 'GET, PATCH',
    privileged: 'PATCH',
    ...(manager ? { etag: () => etagOf(managerNow(state, manager)) } : {}),
    answer: () => (asked.method === 'PATCH' ? changeManager(state, asked, id) : getManager(state, asked, id)),
  };
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** A reset is checked and accepted; this board goes on as it was. */
function resetRoute(state: BmcState, asked: Asked): Route | undefined {
  const id = /^\/redfish\/v1\/Managers\/([^/]+)\/Actions\/Manager\.Reset$/.exec(asked.path)?.[1];
  if (!id || !state.managers.has(decode(id))) return undefined;
  return {
    allow: 'POST',
    privileged: 'POST',
    answer() {
      const read = readBody(asked.headers['content-type'], asked.body);
      const value = 'refusal' in read ? {} : read.value;
      const wrong = complaints(value, { ResetType: 'string' });
      if (wrong.length > 0) return refuse(400, 'POST', ...wrong);
      const type = value['ResetType'];
      if (type === undefined) return refuse(400, 'POST', message('PropertyMissing', 'ResetType'));
      if (type === 'GracefulRestart' || type === 'ForceRestart') return { status: 204, allow: 'POST', odata: true };
      return refuse(400, 'POST', message('ActionParameterNotSupported', String(type), 'ResetType'));
    },
  };
}

function otherRoute(state: BmcState, asked: Asked): Route | undefined {
  const now = `${state.clock.now().toISOString().slice(0, 19)}+00:00`;
  const other = otherResources([...state.managers.keys()], now).get(asked.path);
  const tasks = asked.path === `${ROOT}/TaskService/Tasks`;
  if (tasks) return reading(asked, { allow: 'GET', body: TASKS });
  const { only } = readQuery(asked.query);
  if (asked.path === `${ROOT}/Managers` && only && state.managers.size === 1) {
    const [id = ''] = state.managers.keys();
    return managerRoute(state, { ...asked, query: '' }, id);
  }
  return other && reading(asked, other);
}

const TASKS = {
  '@odata.id': `${ROOT}/TaskService/Tasks`,
  '@odata.type': '#TaskCollection.TaskCollection',
  Members: [],
  'Members@odata.count': 0,
  Name: 'Task Collection',
};

function reading(asked: Asked, { allow, body, schema, plain }: OtherResource): Route {
  return {
    allow,
    etag: () => etagOf(body),
    answer() {
      const query = readQuery(asked.query);
      if (query.refusal) return refuse(query.refusal.status, allow, query.refusal.message);
      const paged = page(body, query);
      const shown = query.select ? select(paged, query.select) : paged;
      const headers = schema ? { Link: `</redfish/v1/JsonSchemas/${schema}.json>; rel=describedby` } : undefined;
      return { status: 200, allow, odata: !plain, etag: etagOf(shown), body: shown, ...(headers ? { headers } : {}) };
    },
  };
}
