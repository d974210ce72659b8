import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLoopback, namesLoopback, readListenAddress } from '../../controller/server/listen-address.ts';
import { createRate } from '../../controller/server/rate.ts';
import { readTokens, TokensError } from '../../controller/server/tokens.ts';
import { forgeOf } from '../../definitions/values/forge.ts';
import { JOBS, job, openTestService, type TestService, until } from '../support/service.ts';

const SECRET = 'a shared secret';
let server: TestService;
let room: string;
test.before(async () => {
  room = await mkdtemp(join(tmpdir(), 'bmcron-hook-'));
  await writeFile(join(room, 'secret'), `${SECRET}\n`, { mode: 0o600 });
  server = await openTestService({ push: false, serving: { hookSecret: join(room, 'secret') } });
});
test.after(async () => {
  await server.stop();
  await rm(room, { recursive: true, force: true });
});

/** The first line of the answer to raw bytes. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.serving.origin);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}

function get(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(server.serving.origin + path, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

const HOSTS: readonly (readonly [string, number])[] = [
  ['localhost:8080', 200],
  ['127.0.0.1', 200],
  ['[::1]:80', 200],
  ['evil.example', 421],
  ['127.0.0.1.evil.example', 421],
  ['localhost.evil.example:80', 421],
];
for (const [host, status] of HOSTS) {
  test(`DNS rebinding: Host ${host} is ${status}`, async () => assert.is(await get(JOBS, { host }), status));
}

const LINES: readonly (readonly [string, RegExp])[] = [
  ['GET /page/../../package.json HTTP/1.1', / 404 /],
  ['GET /page/..%2f..%2fpackage.json HTTP/1.1', / 404 /],
  ['GET /page/%2e%2e/%2e%2e/etc/passwd HTTP/1.1', / 404 /],
  ['GET /MultiFish/v1/JobService/Jobs/__proto__ HTTP/1.1', / 404 /],
  ['GET /MultiFish/v1/JobService/Jobs/%00 HTTP/1.1', / 404 /],
  ['GET /MultiFish/v1/JobService/Jobs/%zz HTTP/1.1', / 404 /],
  ['GET http://elsewhere/ HTTP/1.1', / 400 /],
  ['TRACE / HTTP/1.1', / 405 /],
  ['GET //etc/passwd HTTP/1.1', / 404 /],
  ['nonsense', / 400 /],
];
for (const [line, expected] of LINES) {
  test(`${line} is ${expected.source.trim()}`, async () => {
    assert.match(await raw(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`), expected);
  });
}

for (const [what, head] of [
  ['two Host headers, of which one is good', 'Host: localhost\r\nhost: evil.example'],
  ['two Host headers that are the same', 'Host: localhost\r\nHost: localhost'],
  ['a Host with a blank', 'Host: local host'],
  ['no Host', 'Accept: */*'],
] as const) {
  test(`#20.7 ${what}: 400`, async () => {
    assert.match(await raw(`GET /healthz HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\n`), / 400 /);
  });
}

for (const target of ['http://localhost/healthz', 'HTTP://127.0.0.1/', 'localhost:80', '*', '/healthz#part']) {
  test(`#20.7 the target ${target} is 400`, async () => {
    assert.match(await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`), / 400 /);
  });
}

for (const [what, body] of [
  ['lists', '['.repeat(200_000) + ']'.repeat(200_000)],
  ['objects', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
  ['one list too many', '['.repeat(101) + ']'.repeat(101)],
] as const) {
  test(`#20.7 JSON that is nested too deep, ${what}: 400, which says so`, async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await server.ask(JOBS, { method: 'POST', token: 'sesame', headers, body });
    assert.is(answer.status, 400);
    assert.match(await answer.text(), /nested deeper than 100 levels/);
  });
}

test('#20 a body that is encoded is not taken for what it says: 415', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const answer = await server.ask(JOBS, { method: 'POST', token: 'sesame', headers, body: '{}' });
  assert.equal([answer.status, answer.headers.get('accept-encoding')], [415, 'identity']);
  assert.match(await answer.text(), /the body is encoded \(gzip\): send it as it is/);
});

test('a header that is too large, and a body that is', async () => {
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), / 431 /);
  const token = 'sesame';
  const large = await server.ask(JOBS, { method: 'POST', token, body: 'x'.repeat(1_100_000) });
  assert.is(large.status, 415);
  const headers = { 'content-type': 'application/json' };
  assert.is(
    (await server.ask(JOBS, { method: 'POST', token, headers, body: `"${'x'.repeat(1_100_000)}"` })).status,
    413,
  );
});

test('every answer forbids frames, sniffing, other pages and caches', async () => {
  for (const path of ['/', '/healthz', JOBS, '/nothing']) {
    const { headers } = await server.ask(path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.is(headers.get('x-content-type-options'), 'nosniff');
    assert.is(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.is(headers.get('cache-control'), 'no-store');
    assert.is(headers.get('access-control-allow-origin'), null);
  }
});

test('writing needs a good token; guessing is slowed down', async () => {
  const post = (token?: string) => server.ask(JOBS, { method: 'POST', body: '{}', ...(token && { token }) });
  assert.is((await post()).status, 401);
  const statuses: number[] = [];
  for (let guess = 0; guess < 25; guess += 1) statuses.push((await post(`guess-${guess}`)).status);
  assert.is(statuses[0], 401);
  assert.is(statuses.at(-1), 429);
});

test('--no-push: a write says that it cannot be, and nothing is half done', async () => {
  const headers = { 'content-type': 'application/json' };
  const answer = await server.ask(JOBS, { method: 'POST', token: 'sesame', headers, body: JSON.stringify(job()) });
  assert.is(answer.status, 403);
  assert.match(await answer.text(), /--no-push/);
});

test('a push hook nudges when it is signed, and only then', async () => {
  const body = '{"ref":"refs/heads/main"}';
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const send = (headers: Record<string, string>) => server.ask('/hooks/git', { method: 'POST', body, headers });
  assert.is((await send({})).status, 403);
  assert.is((await send({ 'x-hub-signature-256': signature.replace(/.$/, 'x') })).status, 403);
  const passes = () => server.events.filter(({ event }) => event === 'passed').length;
  const before = passes();
  assert.is((await send({ 'x-hub-signature-256': signature })).status, 202);
  await until(() => passes() > before);
});

test('not on loopback, reading needs a token, too', async () => {
  const open = await openTestService({ serving: { listen: '0.0.0.0:0' } });
  try {
    const port = new URL(open.serving.origin).port;
    const ask = (path: string, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
    for (const path of [JOBS, '/page/state', '/page/events', '/openapi.json']) assert.is((await ask(path)).status, 401);
    for (const path of ['/healthz', '/metrics', '/']) assert.is((await ask(path)).status, 200);
    assert.is((await ask(JOBS, { authorization: 'Bearer sesame' })).status, 200);
  } finally {
    await open.stop();
  }
});

test('a token file says which line is wrong, and not what it holds', () => {
  const digest = 'a'.repeat(64);
  assert.is(readTokens(`# c\n\nalice ${digest}\n`).size, 1);
  for (const line of ['alice', `alice ${digest} x`, 'alice secret-token', `../x ${digest}`, `a<b ${digest}`]) {
    try {
      readTokens(`bob ${digest}\n${line}\n`);
      assert.unreachable(line);
    } catch (error) {
      assert.instance(error, TokensError);
      assert.match((error as Error).message, /^line 2 /);
      assert.not.match((error as Error).message, /secret-token/);
    }
  }
});

test('a rate refills with time', () => {
  let now = 0;
  const rate = createRate({ burst: 2, perSecond: 1, now: () => now });
  assert.equal([rate.take('a'), rate.take('a'), rate.take('a'), rate.take('b')], [0, 0, 1, 0]);
  now = 1_000;
  assert.equal([rate.take('a'), rate.take('a')], [0, 1]);
});

const ADDRESSES: readonly (readonly [string, string | null])[] = [
  ['127.0.0.1:8080', '127.0.0.1 8080'],
  ['[::1]:80', '::1 80'],
  [':9090', '0.0.0.0 9090'],
  ['localhost:1', 'localhost 1'],
  ['8080', null],
  ['a:99999', null],
  ['[zz]:1', null],
];
for (const [text, expected] of ADDRESSES) {
  test(`--listen ${text} is ${expected}`, () => {
    const address = readListenAddress(text);
    assert.is(address && `${address.host} ${address.port}`, expected);
  });
}

test('what is loopback', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.x', '']) assert.not.ok(isLoopback(host), host);
  assert.not.ok(namesLoopback(undefined));
});

const COMMITS: readonly (readonly [string | null, string | null])[] = [
  ['https://github.com/o/r.git', 'https://github.com/o/r/commit/'],
  ['git@github.com:o/r.git', 'https://github.com/o/r/commit/'],
  ['ssh://git@gitlab.example.org:2222/g/s/r.git', 'https://gitlab.example.org/g/s/r/-/commit/'],
  ['https://bitbucket.org/o/r', 'https://bitbucket.org/o/r/commits/'],
  ['https://codeberg.org/o/r', 'https://codeberg.org/o/r/commit/'],
  ['https://git.example.org/o/r', null],
  ['/srv/fleet.git', null],
  ['https://github.com/o/r"onclick=x', null],
  [null, null],
];
for (const [url, expected] of COMMITS) {
  test(`commits of ${url} are at ${expected}`, () => assert.is(forgeOf(url)?.commits ?? null, expected));
}

test.run();
