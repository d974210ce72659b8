// Whatever a manifest says and whatever a BMC answers: nothing is created or deleted but our own session, nothing goes
// to another origin, no credentials go anywhere else, and a result comes back that holds no secret.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import { managerResource } from '../../controller/demo/bmcweb/manager-resource.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject } from '../../definitions/values/json.ts';
import { fastClock, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';
import { asked } from './hostile-manifests.ts';

const RUNS = 300;
const TOKEN = 'hostile-token-77';

interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server that answers whatever it is told to, and keeps what it got. */
async function serve(reply: (got: Got) => Reply): Promise<{ server: Server; origin: string; got: Got[] }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: '' };
      got.push({ ...seen, body: Buffer.concat(chunks).toString('utf8') });
      const { status, headers, body } = reply(seen);
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

const trap = await serve(() => ({ status: 200, headers: { 'X-Auth-Token': TOKEN }, body: '{}' }));
let script: readonly Reply[] = [];
let at = 0;
const hostile = await serve((got) => {
  const reply = script[at++ % Math.max(1, script.length)];
  if (!reply) return { status: 500, headers: {}, body: '' };
  return reply.status === 299 ? plausible(got) : reply;
});

const RESET = {
  target: '/redfish/v1/Systems/1/Actions/Reset',
  'ResetType@Redfish.AllowableValues': ['On', 'ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart'],
};
const Actions = { '#ComputerSystem.Reset': RESET, '#Manager.Reset': RESET };
const SYSTEM = {
  Id: '1',
  PowerState: 'On',
  Actions,
  AssetTag: 'old',
  IndicatorLED: 'Off',
  PowerRestorePolicy: 'AlwaysOff',
  PowerMode: 'Static',
};
const NETWORK_PROTOCOL = {
  Id: 'NetworkProtocol',
  NTP: { ProtocolEnabled: true, NTPServers: ['a', 'b', 'c'] },
  SSH: { ProtocolEnabled: true },
};

/** Now and then the truth, so that a run gets far enough to do harm. */
function plausible({ method, path }: Got): Reply {
  const json = (body: unknown, headers = {}): Reply => ({ status: 200, headers, body: JSON.stringify(body) });
  if (method === 'POST' && path.includes('/Actions/')) return { status: 204, headers: {}, body: '' };
  if (method === 'POST') {
    return {
      status: 201,
      headers: { 'X-Auth-Token': TOKEN, Location: '/redfish/v1/SessionService/Sessions/a' },
      body: '',
    };
  }
  if (path.endsWith('/NetworkProtocol')) return json(NETWORK_PROTOCOL);
  if (/\/(Systems|Chassis)\/1$/.test(path)) return json(SYSTEM, { ETag: '"a"' });
  const [, collection] = /\/(Systems|Chassis)$/.exec(path) ?? [];
  if (collection) return json({ Members: [{ '@odata.id': `/redfish/v1/${collection}/1` }] });
  if (path.includes('/Managers/'))
    return json(
      {
        ...managerResource('demo', 'bmc'),
        Actions,
        NetworkProtocol: { '@odata.id': '/redfish/v1/Managers/bmc/NetworkProtocol' },
      },
      { ETag: '"a"' },
    );
  if (path.endsWith('/Managers')) return json({ Members: [{ '@odata.id': '/redfish/v1/Managers/bmc' }] });
  const Links = { Sessions: { '@odata.id': '/redfish/v1/SessionService/Sessions' } };
  const collections = ['Managers', 'Systems', 'Chassis'].map((name) => [name, { '@odata.id': `/redfish/v1/${name}` }]);
  return json({ Links, ...Object.fromEntries(collections) });
}

const reference = fc.constantFrom(
  `${trap.origin}/redfish/v1/Managers`,
  `//${new URL(trap.origin).host}/redfish/v1/SessionService/Sessions`,
  `http://root:${PASSWORD}@${new URL(trap.origin).host}/x`,
  '\\\\evil\\redfish',
  '/redfish/v1/Managers',
  '/redfish/v1/Managers/bmc',
  '/redfish/v1/Managers/bmc/Oem/OpenBmc/Fan/PidControllers/cpu_temp_controller',
  '/redfish/v1/Managers/bmc?x=/SessionService/Sessions',
  '/redfish/v1/Managers/bmc?x=/SessionService/Sessions/1',
  '/redfish/v1/SessionService/Sessions',
  '/redfish/v1/SessionService/Sessions/..%2f..%2fManagers/bmc',
  '/redfish/v1/SessionService/Sessions/../../Managers/bmc',
  '/redfish/v1/AccountService/Accounts/root',
  '',
  'javascript:alert(1)',
);
const link = reference.map((path) => ({ '@odata.id': path }));
const weird = fc.oneof(reference, fc.constantFrom(null, 1, '__proto__', [], {}, 'Starting', 'bmc'), link);
const fan = fc.record({
  Profile: fc.constantFrom<Json>('Performance', null, 5),
  'Profile@Redfish.AllowableValues': fc.constantFrom<Json>([], ['Balanced'], null, 'Balanced'),
  FanZones: fc.constantFrom<Json>({ cpu_zone: { MinThermalOutput: 1 } }, { cpu_zone: null }, [], null, {}),
  PidControllers: fc.constantFrom<Json>({ cpu_temp_controller: { SetPoint: null } }, { constructor: {} }, {}),
});
const body = fc.oneof(
  fc.record({ Managers: weird, Links: fc.record({ Sessions: weird }), SessionService: weird, Sessions: weird }),
  fc.record({ Id: weird, Members: fc.oneof(fc.array(weird), weird), 'Members@odata.nextLink': weird, Status: weird }),
  fc.record({ Id: fc.constantFrom('bmc', 'x'), Oem: fc.record({ OpenBmc: fc.record({ Fan: fan }) }) }),
  fc.record({
    TaskState: fc.constantFrom('Running', 'Completed', 'Exception'),
    '@odata.id': weird,
    TaskMonitor: weird,
  }),
  fc.record({ error: fc.record({ '@Message.ExtendedInfo': fc.oneof(fc.array(weird), weird), message: weird }) }),
  weird,
);
const reply: fc.Arbitrary<Reply> = fc
  .oneof(
    { weight: 8, arbitrary: fc.constant({ status: 299, headers: {}, body: '' }) },
    fc.record({
      status: fc.constantFrom(
        0,
        200,
        200,
        201,
        202,
        204,
        301,
        302,
        303,
        307,
        308,
        400,
        401,
        403,
        404,
        406,
        412,
        428,
        500,
        503,
      ),
      headers: fc
        .record(
          { Location: reference, 'X-Auth-Token': fc.constant(TOKEN), ETag: fc.constantFrom('"x"', 'W/"y"', '') },
          { requiredKeys: [] },
        )
        .map((headers) => ({ 'Retry-After': '1', 'WWW-Authenticate': 'Basic', ...headers }) as Record<string, string>),
      body: fc.oneof(
        body.map((value) => JSON.stringify(value)),
        fc.constantFrom('', '404', '<html>', '{', '['.repeat(100_000)),
      ),
    }),
  )
  .map((each) => (each.status === 204 ? { ...each, body: '' } : each));

/** One that knows nothing yet: a login that one run saw refused would end all that come within ten minutes. */
const newExecutor = () =>
  createLocalExecutor({
    credentials: createCredentials({ env: loopbackSecret() }),
    clock: fastClock(100),
    random: () => 0,
    settleMs: 50,
  });

/** The one way that a PATCH may look: to what the action names, with fields of the payload, no null anywhere. */
function checkPatch(action: string, payload: readonly PayloadEntry[], text: string): void {
  const sent = JSON.parse(text) as JsonObject;
  const { at, twins = {}, paddedLists = [] } = ACTIONS.get(action) as Action;
  // null removes: it stands only where a list is to become shorter
  assert.not.match(paddedLists.length > 0 ? text.replace(/(,null)+\]/g, ']') : text, /null/);
  const isAsked = (entry: PayloadEntry, key: string, each: Json) =>
    JSON.stringify(entry.Payload[key]) === JSON.stringify(each).replace(/(,null)+\]/g, ']') ||
    Object.entries(twins).some(([field, { property }]) => property === key && entry.Payload[field] !== undefined);
  const fits = payload.some((entry) => {
    let inner: Json | undefined = sent;
    for (const key of at(entry)) {
      if (!isObject(inner) || Object.keys(inner).join() !== key) return false;
      inner = inner[key];
    }
    return isObject(inner) && Object.entries(inner).every(([key, each]) => isAsked(entry, key, each));
  });
  assert.ok(fits, `a PATCH that nobody asked for: ${text}`);
}

/** The one way that an action may be posted: a reset type that the manifest allows, and nothing beside it (B38). */
function checkPost(name: string, payload: readonly PayloadEntry[], text: string): void {
  const { course } = ACTIONS.get(name) as Action;
  const { ResetType: type, ...others } = JSON.parse(text) as JsonObject;
  assert.equal(others, {});
  const isAllowed = payload.some(({ Payload: { PowerState, Force, Graceful, ResetType, Fallback } }) => {
    if (ResetType !== undefined) return type === ResetType || type === Fallback;
    if (PowerState === 'On') return type === 'On' || type === 'ForceOn';
    return type === 'GracefulShutdown' || (type === 'ForceOff' && (Force === true || Graceful === '0s'));
  });
  assert.ok(course && isAllowed, `a POST that nobody asked for: ${text}`);
}

test(`${RUNS} hostile BMCs and manifests`, async () => {
  let patches = 0;
  let resets = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 12 }), asked, async (replies, { action, payload }) => {
      script = replies;
      at = 0;
      hostile.got.length = 0;
      const machine = { ...machineOf({ endpoint: hostile.origin, fingerprint: '' }), Timeout: '20s' };
      const part = { run: 'r', job: 'j', action, machine, payload };
      const result = await newExecutor().execute(part, new AbortController().signal);
      assert.is(trap.got.length, 0, 'another origin was asked');
      assert.not.match(JSON.stringify(result), new RegExp(`${PASSWORD}|${TOKEN}`));
      if (result.error !== null) assert.match(result.error, /^(permanent|transient): (manager|system|chassis)/);
      let posts = 0;
      for (const { method, path, headers, body: text } of hostile.got) {
        assert.ok(['GET', 'POST', 'PATCH', 'DELETE'].includes(method), method);
        if (method === 'POST' && !/^[^?]*\/Sessions\/?$/.test(path)) {
          checkPost(action, payload, text);
          posts += 1;
        }
        if (method === 'DELETE') assert.match(path, /^[^?]*\/Sessions\/(Members\/)?[^/?]+\/?$/);
        if (method === 'PATCH') checkPatch(action, payload, text);
        if (method === 'PATCH') patches += 1;
        assert.is(headers.host, new URL(hostile.origin).host);
      }
      if (ACTIONS.get(action)?.course?.kind === 'Event')
        assert.ok(posts <= payload.length, 'R59: an event was sent twice');
      resets += posts;
    }),
    { numRuns: RUNS },
  );
  assert.ok(patches > 0, 'no run got as far as a PATCH: the test shows nothing');
  assert.ok(resets > 0, 'no run got as far as a reset: the test shows nothing');
  console.log(`${patches} PATCHes and ${resets} resets among them`);
  for (const { server } of [hostile, trap]) {
    server.close();
    server.closeAllConnections();
  }
});

test.run();
