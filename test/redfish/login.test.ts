// One attempt with a wrong password, for however many jobs; and no session that stays on a BMC in silence.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { asked, entry, fastClock, loopbackSecret, machineOf, PASSWORD, startMachine } from '../support/bmc.ts';
import { SESSIONS } from './acceptance.ts';

const balanced = [entry('bmc', { Profile: 'Balanced' })];
const never = new AbortController().signal;

for (const sessions of [true, false]) {
  test(`#22.26 six jobs with a wrong password are one login ${sessions ? 'by session' : 'by Basic'}`, async () => {
    const { bmc, machine, close } = await startMachine();
    if (!sessions) bmc.faults.set({ kind: 'answer', method: 'POST', status: 405 });
    const secret = { ...loopbackSecret('wr0ng-pony') };
    let now = new Date('2026-03-10T10:00:00Z');
    const clock = { ...systemClock, now: () => now, sleep: () => new Promise<void>(() => undefined) };
    const credentials = createCredentials({ env: secret });
    const executor = createLocalExecutor({ credentials, clock, random: () => 0.5, settleMs: 0 });
    const attempts = () => asked(bmc).filter((each) => /^POST/.test(each) || /Managers/.test(each)).length;
    const posts = sessions ? 0 : 1; // the 405 that says that there are no sessions
    const run = (job: string) =>
      executor.execute({ run: `${job}@now`, job, action: 'PatchProfile', machine, payload: balanced }, never);
    const first = await run('a');
    assert.match(first.error ?? '', /^permanent: manager bmc: login refused: .*401/);
    for (const job of ['b', 'c', 'd', 'e', 'f']) {
      const { outcome, error } = await run(job);
      assert.is(outcome, 'Refused');
      assert.match(error ?? '', /401.*; not tried again before 2026-03-10T10:10:00Z, unless the secret changes$/);
    }
    assert.is(attempts(), 1 + posts);
    now = new Date('2026-03-10T10:09:59Z');
    await run('g');
    assert.is(attempts(), 1 + posts, 'ten minutes are not over');
    now = new Date('2026-03-10T10:10:00Z');
    assert.match((await run('h')).error ?? '', /login refused/);
    assert.ok(attempts() > 1 + posts, 'ten minutes are over');
    Object.assign(secret, loopbackSecret());
    assert.is((await run('i')).outcome === 'Refused', false, 'another secret counts at once');
    await close();
  });
}

for (const body of [undefined, 'Unauthorized', { error: { message: 'Incorrect username or password' } }]) {
  test(`#22.26 401 with WWW-Authenticate: Basic makes no second try (${JSON.stringify(body)})`, async () => {
    const { bmc, run, close } = await startMachine();
    const headers = { 'WWW-Authenticate': 'Basic realm="bmc"' };
    bmc.faults.set({ kind: 'answer', method: 'POST', status: 401, headers, ...(body === undefined ? {} : { body }) });
    const { error } = await run('PatchProfile', balanced, { env: loopbackSecret('wr0ng-pony') });
    assert.match(error ?? '', /login refused: 401/);
    assert.equal(
      asked(bmc).filter((each) => !each.startsWith('GET /redfish/v1/')),
      [`POST ${SESSIONS}`],
    );
    await close();
  });
}

test('#22.26 a guarded login is asked without a password first; where it is looked at, it is sent once', async () => {
  const passwords: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    request.on('end', () => {
      if (request.method !== 'POST') {
        return void response.end(JSON.stringify({ Links: { Sessions: { '@odata.id': SESSIONS } } }));
      }
      const looked = request.headers.authorization !== undefined;
      passwords.push(`${looked ? 'looked' : 'guarded'} ${/wr0ng/.test(text)}`);
      response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end('Unauthorized Access');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const machine = machineOf({ endpoint, fingerprint: '' });
  const credentials = createCredentials({ env: loopbackSecret('wr0ng-pony') });
  const executor = createLocalExecutor({ credentials, clock: fastClock(), random: () => 0.5 });
  for (const job of ['a', 'b']) {
    const { error } = await executor.execute(
      { run: job, job, action: 'PatchProfile', machine, payload: balanced },
      never,
    );
    assert.match(error ?? '', /login refused: 401/);
  }
  assert.equal(passwords, ['guarded true', 'guarded false', 'looked true']);
  server.close();
  server.closeAllConnections();
});

test('#22.25 a Location of …/Sessions//ID is a session, and is ended', async () => {
  const { bmc, run, events, close } = await startMachine();
  bmc.faults.set({ kind: 'login', location: 'double', status: 204 });
  assert.is((await run('PatchProfile', balanced)).outcome, 'Applied');
  assert.is(bmc.sessions, 0);
  assert.not.ok(events.some(({ kind }) => kind === 'session left'));
  await close();
});

test('#22.25 a session that is named nowhere is found in the collection when it is alone there', async () => {
  const { bmc, run, close } = await startMachine();
  bmc.faults.set({ kind: 'login', location: 'nowhere' });
  assert.is((await run('PatchProfile', balanced)).outcome, 'Applied');
  assert.is(bmc.sessions, 0);
  await close();
});

for (const [what, faults] of [
  ['is named nowhere and is not alone', [{ kind: 'login', location: 'nowhere' }]],
  ['has neither a token nor a place', [{ kind: 'login', location: 'nowhere', token: false }]],
  ['cannot be ended', [{ kind: 'answer', method: 'DELETE', status: 500, body: PASSWORD }]],
] as const) {
  test(`#22.25 a session that ${what} is told`, async () => {
    const { bmc, run, events, close } = await startMachine();
    const other = await fetchToken(bmc.endpoint);
    const before = bmc.sessions;
    bmc.faults.set(...faults);
    const { outcome } = await run('PatchProfile', balanced);
    assert.is(outcome, 'Applied');
    assert.ok(other && bmc.sessions > before, 'one is left');
    const left = events.filter(({ kind }) => kind === 'session left');
    assert.is(left.length, 1, JSON.stringify(events));
    assert.not.match(JSON.stringify(left), new RegExp(PASSWORD));
    await close();
  });
}

/** Somebody else's session. */
async function fetchToken(endpoint: string): Promise<boolean> {
  const { Agent, request } = await import('node:https');
  const agent = new Agent({ rejectUnauthorized: false });
  const options = { method: 'POST', agent, headers: { 'Content-Type': 'application/json' } };
  return await new Promise((resolve, reject) => {
    const sent = request(endpoint + SESSIONS, options, (answer) => resolve(answer.resume().statusCode === 201));
    sent.on('error', reject);
    sent.end(JSON.stringify({ UserName: 'root', Password: PASSWORD }));
  });
}

test.run();
