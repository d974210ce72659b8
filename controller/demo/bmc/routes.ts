import { own } from '../../../definitions/values/json.ts';
import { changeManager, getManager, managerNow } from '../bmcweb/manager.ts';
import { type BoardResource, readOnly } from '../machine/resource.ts';
import type { Account, Role } from './accounts.ts';
import { etagOf, notFound, type Reply, refuse } from './answer.ts';
import { message } from './messages.ts';
import { inOwnWords, shownTag, tagged } from './own-words.ts';
import { readQuery } from './request.ts';
import { actOn, changeResource, readResource, shownNow } from './resource-routes.ts';
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
  /** The least role that may PATCH or POST; absent: any. */
  readonly role?: Role;
  answer(account: Account | undefined): Reply;
}

/** Answers a request as its preset's BMC would. */
export function handle(state: BmcState, asked: Asked): Reply {
  return inOwnWords(respond(state, asked), state.preset.habits);
}

/** Who asks, what for, may they, is it still what they saw, then the work: bmcweb's order. */
function respond(state: BmcState, asked: Asked): Reply {
  const path = asked.path.length > 1 && asked.path.endsWith('/') ? asked.path.slice(0, -1) : asked.path;
  const account = authenticate(state, asked);
  if (!account && !OPEN_TO_ALL.has(`${asked.method} ${path}`)) return unauthorized(asked);
  if ((account || asked.method === 'POST') && state.restarts.refusals > 0) {
    state.restarts.refusals -= 1;
    return unauthorized(asked);
  }
  const route = find(state, { ...asked, path });
  if (!route) {
    const below = path.startsWith('/redfish');
    return below ? notFound('', '', path.slice(path.lastIndexOf('/') + 1)) : { status: 404 };
  }
  const { allow } = route;
  if (!allow.split(', ').includes(asked.method)) {
    return refuse(405, allow, message(asked.method === 'DELETE' ? 'ResourceCannotBeDeleted' : 'OperationNotAllowed'));
  }
  const refusal = denied(state, asked, path, route, account);
  return refusal ?? conditional(asked, route, tagged(route.answer(account), state.preset.habits));
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
  const writes = asked.method === 'PATCH' || asked.method === 'POST';
  if (account && writes && route.role && !mayAs(account.role, route.role)) return { status: 403, allow };
  if (account && state.faults.present('password-expired') && !path.startsWith(`${SESSIONS}`) && path !== ROOT) {
    const place = `${ROOT}/AccountService/Accounts/${account.username}`;
    return { ...refuse(403, allow, message('PasswordChangeRequired', place)), odata: false };
  }
  const version = asked.headers['odata-version'];
  if (version && version !== '4.0') {
    return { ...refuse(412, allow, message('PreconditionFailed')), odata: false };
  }
  if (asked.method !== 'POST') return mismatched(state, asked, route);
  const strict = state.preset.habits.actionsRefuseIfMatch && path.includes('/Actions/');
  return strict && asked.headers['if-match'] ? refuse(412, allow, message('PreconditionFailed')) : undefined;
}

function mayAs(role: Role, least: Role): boolean {
  return role === 'Administrator' || role === least;
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
  const etag = shownTag(route.etag?.() ?? '', state.preset.habits);
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
  if (given) return treeRoute(state, asked, readOnly(given));
  const manager = /^\/redfish\/v1\/Managers\/([^/]+)$/.exec(path)?.[1];
  if (manager && !state.tree.has(path)) return managerRoute(state, asked, manager);
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
  const resource = state.tree.get(path);
  return resource && treeRoute(state, asked, resource);
}

function managerRoute(state: BmcState, asked: Asked, encodedID: string): Route {
  const id = decode(encodedID);
  const manager = state.managers.get(id);
  return {
    allow: 'GET, PATCH',
    role: 'Administrator',
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

function treeRoute(state: BmcState, asked: Asked, resource: BoardResource): Route {
  const { allow, role = 'Operator' } = resource;
  const only = onlyMember(asked, resource);
  if (only !== undefined) {
    const route = find(state, { ...asked, path: only, query: '' });
    if (route) return route;
  }
  return {
    allow,
    role,
    etag: () => etagOf(shownNow(resource)),
    answer() {
      if (asked.method === 'PATCH') return changeResource(state, asked, resource);
      return asked.method === 'POST' ? actOn(state, asked, resource) : readResource(asked, resource);
    },
  };
}

/** The path of a collection's one member, when `?only` asks for it. */
function onlyMember(asked: Asked, { body }: BoardResource): string | undefined {
  const members = body['Members'];
  if (!Array.isArray(members) || members.length !== 1 || !readQuery(asked.query).only) return undefined;
  return String(own(members[0], '@odata.id'));
}
