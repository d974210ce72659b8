// Servers that are no OpenBMC at all, each with habits of its own: one sets the profile on each of them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createRaw } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { entry, fastClock, loopbackSecret, machineOf } from '../support/bmc.ts';

/** A small Redfish service that keeps one profile; habits replace what it answers to a request. */
interface Small {
  profile: string;
  readonly got: string[];
}
type Habit = (request: IncomingMessage, response: ServerResponse, small: Small, body: string) => boolean | undefined;

const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): true => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  return true;
};
const link = (path: string) => ({ '@odata.id': path });
const manager = (small: Small, id = 'bmc'): JsonObject => ({
  Id: id,
  Oem: { OpenBmc: { Fan: { Profile: small.profile, 'Profile@Redfish.AllowableValues': ['Quiet', 'Loud'] } } },
});

function usual(request: IncomingMessage, response: ServerResponse, small: Small, body: string): void {
  const { method = '', url = '' } = request;
  const path = url.replace(/\/$/, '');
  if (method === 'POST') {
    json(response, {}, 201, { 'X-Auth-Token': 't', Location: '/redfish/v1/SessionService/Sessions/7' });
  } else if (method === 'DELETE') response.writeHead(204).end();
  else if (method === 'PATCH') {
    small.profile = JSON.parse(body).Oem.OpenBmc.Fan.Profile;
    response.writeHead(204).end();
  } else if (path === '/redfish/v1') {
    const Sessions = link('/redfish/v1/SessionService/Sessions');
    json(response, { Managers: link('/redfish/v1/Managers'), Links: { Sessions } });
  } else if (path === '/redfish/v1/Managers') json(response, { Members: [link('/redfish/v1/Managers/bmc')] });
  else if (path === '/redfish/v1/Managers/bmc') json(response, manager(small));
  else response.writeHead(404).end();
}

async function serve(habit: Habit): Promise<{ server: Server; origin: string; small: Small }> {
  const small: Small = { profile: 'Loud', got: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      small.got.push(`${request.method} ${request.url}`);
      const body = Buffer.concat(chunks).toString('utf8');
      if (!habit(request, response, small, body)) usual(request, response, small, body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, small };
}

const at = (request: IncomingMessage, path: string) => request.url?.replace(/\/$/, '') === path;
const ROOT = '/redfish/v1';

interface Case {
  readonly what: string;
  readonly habit: Habit;
  readonly id?: string;
  readonly outcome?: Outcome;
  readonly error?: RegExp;
}

const CASES: readonly Case[] = [
  { what: 'nothing odd', habit: () => false },
  {
    what: 'a service root that wants a login',
    habit: (request, response) =>
      at(request, ROOT) && !request.headers['x-auth-token'] && json(response, {}, 401, { 'WWW-Authenticate': 'x' }),
  },
  {
    what: 'no slash at the end of the service root',
    habit: (request, response) => request.url === `${ROOT}/` && json(response, {}, 404),
  },
  {
    what: 'sessions found through SessionService',
    habit: (request, response) => {
      if (at(request, ROOT)) {
        return json(response, { Managers: link(`${ROOT}/Managers`), SessionService: link(`${ROOT}/SessionService`) });
      }
      return at(request, `${ROOT}/SessionService`) && json(response, { Sessions: link(`${ROOT}/Login/Sessions/`) });
    },
  },
  {
    what: 'no sessions at all',
    habit: (request, response) => {
      if (at(request, ROOT)) return json(response, { Managers: link(`${ROOT}/Managers`) });
      return !request.headers.authorization && json(response, {}, 401, { 'WWW-Authenticate': 'Basic' });
    },
  },
  {
    what: 'references as plain texts, relative, with a fragment',
    habit: (request, response) => {
      if (at(request, ROOT)) return json(response, { Managers: 'Managers' });
      return at(request, `${ROOT}/Managers`) && json(response, { Members: [`${ROOT}/Managers/bmc#/x`] });
    },
  },
  {
    what: '#22.27 its managers under Links.Members',
    habit: (request, response) =>
      at(request, `${ROOT}/Managers`) && json(response, { Links: { Members: [link(`${ROOT}/Managers/bmc`)] } }),
  },
  {
    what: '#22.27 its managers as links.Member of an old draft',
    habit: (request, response) =>
      at(request, `${ROOT}/Managers`) && json(response, { links: { Members: [{ href: `${ROOT}/Managers/bmc` }] } }),
  },
  {
    what: 'an ID with odd characters',
    id: 'Böse BMC (1)/a',
    habit: (request, response, small) => {
      const path = `${ROOT}/Managers/B%C3%B6se%20BMC%20%281%29%2Fa`;
      if (at(request, `${ROOT}/Managers`)) return json(response, { Members: [link(path)] });
      return request.method === 'GET' && at(request, path) && json(response, manager(small, 'Böse BMC (1)/a'));
    },
  },
  {
    what: 'a manager without Id',
    habit: (request, response, small) =>
      request.method === 'GET' &&
      at(request, `${ROOT}/Managers/bmc`) &&
      json(response, { ...manager(small), Id: null as unknown as string }),
  },
  {
    what: 'a body behind a byte order mark, with no content type',
    habit: (request, response, small) => {
      if (request.method !== 'GET' || !at(request, `${ROOT}/Managers/bmc`)) return false;
      response.writeHead(200).end(`\uFEFF${JSON.stringify(manager(small))}`);
      return true;
    },
  },
  {
    what: '406 to whoever wants no compression',
    habit: (request, response) =>
      request.headers['accept-encoding'] === 'identity' && json(response, { error: {} }, 406),
  },
  {
    what: 'connections that end after each answer',
    habit: (_, response) => {
      response.shouldKeepAlive = false;
      return false;
    },
  },
  {
    what: 'a body larger than any manager',
    habit: (request, response) => {
      if (request.method !== 'GET' || !at(request, `${ROOT}/Managers/bmc`)) return false;
      response.writeHead(200).end(`{"a":"${'x'.repeat(6_000_000)}"}`);
      return true;
    },
    outcome: 'Refused',
    error: /permanent: .*more than 4 MiB/,
  },
  {
    what: 'a body nested without end',
    habit: (request, response) => {
      if (request.method !== 'GET' || !at(request, `${ROOT}/Managers/bmc`)) return false;
      response.writeHead(200).end(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
      return true;
    },
    outcome: 'Unreachable',
    error: /transient: .*200 without a JSON object/,
  },
  {
    what: '200 with the body 404',
    habit: (request, response) => at(request, `${ROOT}/Managers/bmc`) && json(response, 404),
    outcome: 'Unreachable',
    error: /without a JSON object/,
  },
  {
    what: 'a read-only manager that tells what it allows',
    habit: (request, response) =>
      request.method === 'PATCH' && json(response, { message: 'no' }, 405, { Allow: 'GET' }),
    outcome: 'Refused',
    error: /permanent: .*405, it allows GET/,
  },
  {
    what: 'errors of messages without texts',
    habit: (request, response) =>
      request.method === 'PATCH' &&
      json(
        response,
        { error: { '@Message.ExtendedInfo': [{ MessageId: 'iLO.2.14.Weird', MessageArgs: ['a'] }] } },
        400,
      ),
    outcome: 'Refused',
    error: /permanent: .*400 Weird \(a\)/,
  },
  {
    what: 'a message that is an object, at the root',
    habit: (request, response) =>
      request.method === 'PATCH' &&
      json(response, { '@Message.ExtendedInfo': { Message: 'Too\u0007 hot.', MessageId: 'X.TooHot' } }, 400),
    outcome: 'Refused',
    error: /400 TooHot: Too hot;/,
  },
  {
    what: 'an error in HTML',
    habit: (request, response) => {
      if (request.method !== 'PATCH') return false;
      response.writeHead(400, { 'Content-Type': 'text/html' }).end('<html><b>Bad</b> day</html>');
      return true;
    },
    outcome: 'Refused',
    error: /400 Bad day;/,
  },
  {
    what: 'no Redfish service',
    habit: (_, response) => json(response, {}, 404),
    outcome: 'Unsupported',
    error: /permanent: .*no Redfish service/,
  },
];

async function setQuiet(origin: string, id = 'bmc') {
  const credentials = createCredentials({ env: loopbackSecret() });
  const executor = createLocalExecutor({ random: Math.random, credentials, clock: fastClock(), settleMs: 0 });
  const machine = machineOf({ endpoint: origin, fingerprint: '' });
  const payload = [entry(id, { Profile: 'Quiet' })];
  return await executor.execute({ run: 'r', job: 'j', action: 'PatchProfile', machine, payload }, never);
}
const never = new AbortController().signal;

for (const { what, habit, id, outcome = 'Applied', error } of CASES) {
  test(`a server with ${what}`, async () => {
    const { server, origin, small } = await serve(habit);
    const result = await setQuiet(origin, id);
    assert.is(result.outcome, outcome, `${result.error} ${small.got.join(', ')}`);
    if (error) assert.match(result.error ?? '', error);
    assert.is(small.profile, outcome === 'Applied' ? 'Quiet' : 'Loud');
    const count = (method: string) => small.got.filter((each) => each.startsWith(method)).length;
    assert.ok(count('DELETE') >= Math.min(1, count('POST')), 'logged out');
    server.close();
    server.closeAllConnections();
  });
}

test('a server of HTTP/1.0 that closes after each answer and gives no length', async () => {
  const small: Small = { profile: 'Loud', got: [] };
  const server = createRaw((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (!text.includes('\r\n\r\n') || body.length < length) return;
      const [method, url] = head.split(' ');
      const answers: Record<string, unknown> = {
        [`${ROOT}/`]: { Managers: link(`${ROOT}/Managers`) },
        [`${ROOT}/Managers`]: { Members: [link(`${ROOT}/Managers/bmc`)] },
        [`${ROOT}/Managers/bmc`]: manager(small),
      };
      if (method === 'PATCH') small.profile = 'Quiet';
      socket.end(`HTTP/1.0 200 OK\r\n\r\n${method === 'PATCH' ? '' : JSON.stringify(answers[url ?? ''] ?? {})}`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const result = await setQuiet(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.is(result.outcome, 'Applied', result.error ?? '');
  server.close();
});

test.run();
