// A status that has arrived counts, whatever becomes of the body behind it: each kind of answer, broken off everywhere.
import { createServer as createRaw, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { Outcome } from '../../definitions/run.ts';
import { asked, entry, fastClock, loopbackSecret, startMachine } from '../support/bmc.ts';
import { MANAGER } from './acceptance.ts';

interface Case {
  readonly what: string;
  readonly faults: readonly Fault[];
  /** The answers that are broken off. */
  readonly cut: { readonly method: string; readonly path?: string; readonly times?: number; readonly skip?: number };
  readonly outcome: Outcome;
  readonly error?: RegExp;
  readonly counts: Readonly<Record<string, number>>;
  readonly password?: string;
}

const complaint = { error: { '@Message.ExtendedInfo': [{ MessageId: 'Base.1.0.Odd', Message: 'Odd.' }] } };
const answering = (method: string, status: number, more: Partial<Fault> = {}): Fault =>
  ({ kind: 'answer', method, status, body: complaint, ...more }) as Fault;

const CASES: readonly Case[] = [
  {
    what: '401 to a login: a wrong password is tried once',
    faults: [],
    cut: { method: 'POST' },
    password: 'wr0ng-pass',
    outcome: 'Refused',
    error: /^permanent: .*login refused/,
    counts: { POST: 1 },
  },
  {
    what: '403 to a login',
    faults: [answering('POST', 403)],
    cut: { method: 'POST' },
    outcome: 'Refused',
    counts: { POST: 1 },
  },
  {
    what: '201 to a login, its token and its Location in the headers: one session, and it is ended',
    faults: [],
    cut: { method: 'POST' },
    outcome: 'Applied',
    counts: { POST: 1, DELETE: 1 },
  },
  {
    what: '401 in mid-run: the session is renewed',
    faults: [{ kind: 'expire', method: 'PATCH', times: 1 }],
    cut: { method: 'PATCH', times: 1 },
    outcome: 'Applied',
    counts: { POST: 2, PATCH: 2 },
  },
  {
    what: '403 to a PATCH is final',
    faults: [answering('PATCH', 403)],
    cut: { method: 'PATCH' },
    outcome: 'Refused',
    error: /^permanent: .*insufficient privilege/,
    counts: { PATCH: 1 },
  },
  {
    what: '400 to a PATCH is final',
    faults: [answering('PATCH', 400)],
    cut: { method: 'PATCH' },
    outcome: 'Refused',
    error: /^permanent: .*400/,
    counts: { PATCH: 1 },
  },
  {
    what: '200 to a PATCH is read back',
    faults: [],
    cut: { method: 'PATCH' },
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    what: '202 to a PATCH: its task is in the headers',
    faults: [{ kind: 'task', end: 'Completed', polls: 1 }],
    cut: { method: 'PATCH' },
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    what: '412 to a PATCH: with the ETag',
    faults: [{ kind: 'if-match', status: 412, form: 'as sent' }],
    cut: { method: 'PATCH', times: 1 },
    outcome: 'Applied',
    counts: { PATCH: 2 },
  },
  {
    what: '503 to a PATCH: its Retry-After is kept',
    faults: [answering('PATCH', 503, { headers: { 'Retry-After': '2' }, times: 1 })],
    cut: { method: 'PATCH', times: 1 },
    outcome: 'Applied',
    counts: { PATCH: 2 },
  },
  {
    what: '403 to a GET is final',
    faults: [answering('GET', 403, { path: MANAGER })],
    cut: { method: 'GET', path: MANAGER },
    outcome: 'Refused',
    counts: { PATCH: 0 },
  },
  {
    what: '200 to a GET is no state: read again',
    faults: [],
    cut: { method: 'GET', path: MANAGER, times: 1 },
    outcome: 'Applied',
    counts: { PATCH: 1 },
  },
  {
    what: '200 to a logout: once',
    faults: [],
    cut: { method: 'DELETE' },
    outcome: 'Applied',
    counts: { DELETE: 1 },
  },
];

for (const { what, faults, cut, outcome, error, counts, password } of CASES) {
  for (const at of ['before', 'in', 'end'] as const) {
    test(`#22.16 ${what}; its body breaks off (${at})`, async () => {
      const { bmc, run, close } = await startMachine({ preset: 'openbmc', clock: fastClock() });
      bmc.faults.set(...faults, { kind: 'cut', at, ...cut });
      const env = password === undefined ? {} : { env: loopbackSecret(password) };
      const result = await run('PatchProfile', [entry('bmc', { Profile: 'Acoustic' })], env);
      assert.is(result.outcome, outcome, result.error ?? '');
      if (error) assert.match(result.error ?? '', error);
      for (const [method, count] of Object.entries(counts)) {
        assert.is(asked(bmc, method).length, count, `${method}: ${asked(bmc).join(', ')}`);
      }
      assert.is(bmc.sessions, 0, 'no session left');
      await close();
    });
  }
}

test('#22.16 a 401 whose body never ends, or is larger than any: one attempt', async () => {
  const heads: string[] = [];
  let body = (socket: Socket): void => void socket;
  const server = createRaw((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const [line = ''] = chunk.toString('utf8').split('\r\n');
      heads.push(line);
      if (line.startsWith('GET')) {
        const root = JSON.stringify({ Links: { Sessions: { '@odata.id': '/redfish/v1/SessionService/Sessions' } } });
        return void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${root.length}\r\n\r\n${root}`);
      }
      socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 9000000\r\n\r\n{');
      body(socket);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const Endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const { run, close } = await startMachine({ clock: fastClock(100) });
  for (const [Timeout, then] of [
    ['60s', (): void => undefined],
    ['5s', (): void => undefined],
    ['60s', (socket: Socket): void => void socket.write('x'.repeat(8_999_999))],
  ] as const) {
    heads.length = 0;
    body = then;
    const machine = { Endpoint, Timeout, TLS: { Insecure: true } };
    // a secret of its own each time: what was refused is remembered
    const env = loopbackSecret(`wr0ng-${Timeout}-${then.length}`);
    const result = await run('PatchProfile', [entry('bmc', { Profile: 'Acoustic' })], { machine, env });
    assert.is(result.outcome === 'Applied', false);
    assert.is(heads.filter((line) => line.startsWith('POST')).length, 1, `${Timeout}: ${heads.join()} ${result.error}`);
  }
  server.close();
  await close();
});

test.run();
