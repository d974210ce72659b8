import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectionLimits, networkOf } from '../../controller/server/connections.ts';
import { text } from '../../controller/server/http.ts';
import { type Listening, type ServerLimits, startServer } from '../../controller/server/http-server.ts';
import type { Route } from '../../controller/server/router.ts';
import { NO_TOKENS } from '../../controller/server/tokens.ts';
import { webhookRoute } from '../../controller/server/webhook.ts';
import { until } from '../support/service.ts';

const HEALTH: Route = { method: 'GET', path: '/healthz', audience: 'anyone', handle: () => text('ok') };
/** More than the system holds for a client that does not read. */
const LARGE_BODY = Buffer.alloc(16 << 20, 'x');
const LARGE: Route = {
  method: 'GET',
  path: '/large',
  audience: 'anyone',
  handle: () => ({ status: 200, body: LARGE_BODY }),
};
const ECHO: Route = {
  method: 'POST',
  path: '/echo',
  audience: 'anyone',
  handle: async (request) => text(String((await request.body()).length)),
};
const LIMITS: ServerLimits = {
  connections: { inAll: 20, perAddress: 10 },
  bodies: { each: 1 << 20, together: 4 << 20 },
  readingMs: 500,
  writes: { burst: 60, perSecond: 5 },
};

interface Crowd {
  readonly server: Listening;
  readonly failures: readonly unknown[];
  /** So many clients; each sends this. */
  clients(count: number, bytes?: string | Buffer): Socket[];
}

async function withCrowd(routes: readonly Route[], play: (crowd: Crowd) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const failed = (error: unknown) => failures.push(error);
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startServer({ listen, routes, tokens: NO_TOKENS, failed, limits: LIMITS });
  const sockets: Socket[] = [];
  const port = Number(new URL(server.origin).port);
  try {
    await play({
      server,
      failures,
      clients(count, bytes) {
        const made = Array.from({ length: count }, () => {
          const socket = connect(port, '127.0.0.1', () => bytes && socket.write(bytes));
          return socket.on('error', () => undefined);
        });
        sockets.push(...made);
        return made;
      },
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.close();
  }
}

const isOpen = (socket: Socket) => !socket.closed;
const post = (path: string, length: number, sent: number) =>
  Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`),
    Buffer.alloc(sent, 'x'),
  ]);

for (const [who, bytes] of [
  ['say nothing', ''],
  ['send half a head', 'GET / HTTP/1.1\r\nHost: loc'],
  ['send half a body', post('/echo', 1_000, 10)],
  ['do not read', 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n'],
] as const) {
  test(`#20.5 #20.6 200 clients that ${who}: few are held, and a health check is answered`, () =>
    withCrowd([HEALTH, LARGE, ECHO], async ({ server, clients, failures }) => {
      const crowd = clients(200, bytes).map((socket) => socket.pause());
      await until(() => crowd.every((socket) => !socket.connecting));
      assert.is((await fetch(`${server.origin}/healthz`)).status, 200);
      for (const socket of crowd) socket.resume();
      await until(() => crowd.filter(isOpen).length <= LIMITS.connections.perAddress);
      assert.is((await fetch(`${server.origin}/healthz`)).status, 200);
      assert.equal(failures, [], 'and nobody is told of errors');
    }));
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('#20.5 a client that says nothing is let go', () =>
  withCrowd([HEALTH], async ({ clients }) => {
    const [silent] = clients(1) as [Socket];
    silent.resume();
    await until(() => !isOpen(silent), 20_000);
  }));

/** Reads a body some time after it is all there. */
const LATE: Route = {
  method: 'POST',
  path: '/late',
  audience: 'anyone',
  async handle(request) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return text(String((await request.body()).length));
  },
};

for (const path of ['/echo', '/late']) {
  for (const [what, sent] of [
    ['after what they said', 'hello'],
    ['in the middle of it', 'hel'],
    ['before it', ''],
  ] as const) {
    test(`#20 clients of ${path} that leave ${what} are no failure of the service`, () =>
      withCrowd([HEALTH, ECHO, LATE], async ({ server, failures, clients }) => {
        const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n`;
        const left = clients(8, head + sent).map((socket) => {
          socket.once('connect', () => setTimeout(() => socket.resetAndDestroy(), 20));
          return new Promise((resolve) => socket.once('close', resolve));
        });
        await Promise.all(left);
        await new Promise((resolve) => setTimeout(resolve, 200)); // twice as long as it takes to read late
        assert.ok((await fetch(`${server.origin}/healthz`)).ok);
        assert.equal(failures.map(String), []);
      }));
  }
}

test('#20.6 a client that asks and does not read is let go, one that reads is not', () =>
  withCrowd([LARGE], async ({ server, clients }) => {
    const [deaf] = clients(1, 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n') as [Socket];
    deaf.pause();
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // three times as long as it may take
    let read = 0;
    deaf.on('data', (chunk) => (read += chunk.length));
    deaf.resume();
    await until(() => !isOpen(deaf));
    assert.ok(read < LARGE_BODY.length, `${read} bytes`);
    assert.is((await (await fetch(`${server.origin}/large`)).text()).length, LARGE_BODY.length);
  }));

test('#20.6 unfinished bodies together are bounded, and what they held is free again', () =>
  withCrowd([HEALTH, ECHO], async ({ server, clients }) => {
    const crowd = clients(8, post('/echo', 1 << 20, (1 << 20) - 1));
    const answers = new Map<Socket, string>();
    for (const socket of crowd) socket.on('data', (chunk) => answers.set(socket, String(chunk)));
    await until(() => answers.size >= 4);
    for (const answer of answers.values()) assert.match(answer, /^HTTP\/1\.1 503 /);
    for (const socket of crowd) socket.destroy();
    const body = Buffer.alloc(1 << 20, 'x');
    await until(async () => {
      const answer = await fetch(`${server.origin}/echo`, { method: 'POST', body });
      return answer.status === 200 && (await answer.text()) === `${1 << 20}\n`;
    });
  }));

test('#20.6 hooks: of what forges send nothing is kept, and without a signature nothing is read', () =>
  withCrowd(
    [
      webhookRoute(
        'a shared secret',
        () => undefined,
        () => 0,
      ),
    ],
    async ({ server }) => {
      const send = (bytes: number, headers: Record<string, string>) =>
        fetch(`${server.origin}/hooks/git`, { method: 'POST', body: Buffer.alloc(bytes, 'x'), headers });
      const signed = { 'x-hub-signature-256': 'sha256=00' };
      const before = process.memoryUsage().arrayBuffers;
      assert.is((await send(20 << 20, signed)).status, 403);
      assert.is((await send((25 << 20) + 1, signed).catch(() => ({ status: 413 }))).status, 413);
      assert.is((await send(10, {})).status, 403);
      await until(() => {
        collectGarbage(); // what the client of this very process sent
        return process.memoryUsage().arrayBuffers - before < 8 << 20;
      });
    },
  ));

test('#20.6 guessing the secret of hooks is slowed down as guessing tokens is; who knows it is not', () =>
  withCrowd(
    [
      webhookRoute(
        'a shared secret',
        () => undefined,
        () => 0,
      ),
    ],
    async ({ server }) => {
      const send = async (token: string) => {
        const headers = { 'x-gitlab-token': token };
        const { status, headers: answer } = await fetch(`${server.origin}/hooks/git`, { method: 'POST', headers });
        return [status, answer.get('retry-after')];
      };
      const statuses = [];
      for (let guess = 0; guess < 22; guess += 1) statuses.push((await send(`guess ${guess}`))[0]);
      assert.equal(statuses, [...Array.from({ length: 20 }, () => 403), 429, 429]);
      assert.equal(await send('wrong'), [429, '5']);
      assert.equal(await send('a shared secret'), [202, null]);
    },
  ));

for (const [files, inAll, perAddress] of [
  [256, 64, 32],
  [1_024, 256, 128],
  [1_000_000, 1_024, 512],
  [40, 16, 8],
] as const) {
  test(`#20.5 with ${files} files: ${inAll} connections, ${perAddress} of an address`, () => {
    assert.equal(connectionLimits(files), { inAll, perAddress });
  });
}

for (const [address, network] of [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1:2:3:4', 'fe80:0:0:0'],
] as const) {
  test(`#20.5 ${address} is counted as ${network}`, () => assert.is(networkOf(address), network));
}

test.run();
