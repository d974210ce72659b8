// Acceptance cases A30, A31, A37, A38 and A40: who may, whom we trust, who waits for whom, what is found.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { MachineTLS } from '../../definitions/machine.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { asked, entry, fastClock, loopbackSecret, machineOf, PASSWORD, startMachine } from '../support/bmc.ts';
import { temporary } from '../support/temporary-folder.ts';

const balanced = [entry('bmc', { Profile: 'Balanced' })];
const never = new AbortController().signal;

test('A30 a wrong password is tried once, by session or by Basic, for however many managers', async () => {
  for (const sessions of [true, false]) {
    const { bmc, run, close } = await startMachine({ managers: ['bmc', 'bmc2', 'bmc3'] });
    if (!sessions) bmc.faults.set({ kind: 'answer', method: 'POST', status: 405 });
    const payload = ['bmc', 'bmc2', 'bmc3'].map((id) => entry(id, { Profile: 'Balanced' }));
    const result = await run('PatchProfile', payload, { env: loopbackSecret('wr0ng-pass') });
    assert.is(result.outcome, 'Refused');
    assert.match(result.error ?? '', /^permanent: manager bmc, bmc2, bmc3: login refused/);
    assert.not.match(JSON.stringify(result), /wr0ng/);
    const guarded = asked(bmc).filter((each) => each !== 'GET /redfish/v1/' && (sessions || !each.startsWith('POST')));
    assert.is(guarded.length, 1, guarded.join());
    await close();
  }
});

test('A31 an account without the privilege', async () => {
  const operator = { username: 'root2', password: PASSWORD, role: 'Operator' as const };
  const { bmc, run, close } = await startMachine({ accounts: [operator] });
  const result = await run('PatchProfile', balanced, { env: { ...loopbackSecret(), BMCRON_LAB_USERNAME: 'root2' } });
  assert.is(result.outcome, 'Refused');
  assert.match(result.error ?? '', /^permanent: .*insufficient privilege: 403/);
  assert.is(asked(bmc, 'PATCH').length, 1);
  assert.is(bmc.sessions, 0);
  await close();
});

const zeros = `sha256:${'0'.repeat(64)}`;

for (const [what, tls, trusted] of [
  ['nothing said', () => ({}), false],
  ['its fingerprint', (bmc) => ({ Fingerprint: bmc.fingerprint }), true],
  ['another fingerprint', () => ({ Fingerprint: zeros }), false],
  ['insecure', () => ({ Insecure: true }), true],
  ['another fingerprint beats insecure', () => ({ Insecure: true, Fingerprint: zeros }), false],
  ['its authority', () => ({ CA: 'good-ca' }), true],
  ['another authority', () => ({ CA: 'other-ca' }), false],
  ['another authority beats insecure', () => ({ CA: 'other-ca', Insecure: true }), false],
  ['its authority and fingerprint', (bmc) => ({ CA: 'good-ca', Fingerprint: bmc.fingerprint }), true],
  ['its authority, another fingerprint', () => ({ CA: 'good-ca', Fingerprint: zeros }), false],
] as readonly [string, (bmc: { fingerprint: string }) => MachineTLS, boolean][]) {
  test(`A37 TLS: ${what} is ${trusted ? 'trusted' : 'refused, and nothing is sent'}`, async () => {
    const bmc = await startBmc({ password: PASSWORD, ownCertificate: true });
    const other = await startBmc({ ownCertificate: true });
    const dir = temporary({ 'good-ca': bmc.certificate, 'other-ca.pem': other.certificate });
    const credentials = createCredentials({ dir: dir.path, env: loopbackSecret() });
    const executor = createLocalExecutor({ random: Math.random, credentials, clock: systemClock, settleMs: 0 });
    const machine = machineOf(bmc, { TLS: tls(bmc) });
    const part = { run: 'r', job: 'j', action: 'PatchProfile', machine, payload: balanced };
    const result = await executor.execute(part, never);
    assert.is(result.outcome, trusted ? 'Applied' : 'Unreachable', result.error ?? '');
    if (!trusted) assert.match(result.error ?? '', /^permanent: manager bmc: TLS to https:\/\/127/);
    if (!trusted) assert.is(bmc.requests.length, 0);
    await Promise.all([bmc.close(), other.close()]);
    dir.remove();
  });
}

test('A37 a pinned certificate that changes is refused, also in mid-run', async () => {
  const { bmc, run, close } = await startMachine({ ownCertificate: true });
  assert.is((await run('PatchProfile', balanced)).outcome, 'Applied');
  await bmc.changeCertificate();
  const before = bmc.requests.length;
  const result = await run('PatchProfile', [entry('bmc', { Profile: 'Custom' })]);
  assert.is(result.outcome, 'Unreachable');
  assert.match(result.error ?? '', /not the pinned sha256:/);
  assert.is(bmc.requests.length, before);
  await close();
});

test('A38 a port that says nothing, one that speaks plain HTTP, one that closes at once', async () => {
  const silent = createServer(() => undefined);
  const rude = createServer((socket) => socket.destroy());
  const plain = createServer(
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const { run, close } = await startMachine({ clock: fastClock(40) });
  for (const server of [silent, rude, plain]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const port = (server: typeof silent) => (server.address() as { port: number }).port;
  for (const [Endpoint, words] of [
    [`https://127.0.0.1:${port(silent)}`, /transient: .*no connection within 10 s/],
    [`https://127.0.0.1:${port(rude)}`, /transient: .*connection lost/],
    [`https://127.0.0.1:${port(plain)}`, /permanent: .*TLS to/],
  ] as const) {
    const result = await run('PatchProfile', balanced, { machine: { Endpoint, TLS: { Insecure: true } } });
    assert.is(result.outcome, 'Unreachable');
    assert.match(result.error ?? '', words);
  }
  for (const server of [silent, rude, plain]) server.close();
  await close();
});

const gb300 = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'redfish', 'gb300.json.gz'))).toString('utf8'),
) as Readonly<Record<string, JsonObject>>;

/** The managers of a GB300, with what a test wants otherwise. */
function gb300With(more: Readonly<Record<string, JsonObject>> = {}): Readonly<Record<string, JsonObject>> {
  const wanted = [
    '/redfish/v1',
    '/redfish/v1/Managers',
    '/redfish/v1/Managers/BMC_0',
    '/redfish/v1/Managers/HGX_BMC_0',
  ];
  const chosen = wanted.map((path): [string, JsonObject] => [path, gb300[path] ?? {}]);
  return { ...Object.fromEntries(chosen), ...more };
}

const MANAGERS = '/redfish/v1/Managers';
const page = (members: readonly string[] | null, next?: string): JsonObject => ({
  '@odata.id': MANAGERS,
  Members: members?.map((id) => ({ '@odata.id': `${MANAGERS}/${id}` })) ?? null,
  'Members@odata.count': 2,
  ...(next ? { 'Members@odata.nextLink': next } : {}),
});
const zone0 = [entry('BMC_0', { FailSafePercent: 90 }, { FanZoneID: 'Zone0' })];

for (const [what, resources] of [
  ['as it is', {}],
  ['paged', { [MANAGERS]: page(['HGX_BMC_0'], `${MANAGERS}/more`), [`${MANAGERS}/more`]: page(['BMC_0']) }],
  ['with a page that comes again', { [MANAGERS]: page(['HGX_BMC_0', 'BMC_0'], MANAGERS) }],
  ['with ghosts', { [MANAGERS]: page(['ghost', 'HGX_BMC_0', 'BMC_0']) }],
  [
    'with Members null on the first page',
    { [MANAGERS]: page(null, `${MANAGERS}/x`), [`${MANAGERS}/x`]: page(['BMC_0']) },
  ],
] as const) {
  test(`A40 GB300, its managers ${what}`, async () => {
    const { bmc, run, close } = await startMachine({ managers: [], resources: gb300With(resources) });
    const result = await run('PatchFanZone', zone0);
    assert.is(result.outcome, 'Applied', result.error ?? '');
    assert.is(bmc.sessions, 0);
    await close();
  });
}

test('A40 GB300: the wrong manager names the one with fans; A04 without profiles nothing is sent', async () => {
  const { bmc, run, close } = await startMachine({ managers: [], resources: gb300With() });
  const wrong = await run('PatchFanZone', [entry('HGX_BMC_0', { FailSafePercent: 90 }, { FanZoneID: 'Zone0' })]);
  assert.is(wrong.error, 'permanent: manager HGX_BMC_0 Zone0: it has no Oem.OpenBmc.Fan; manager BMC_0 has');
  const absent = await run('PatchFanZone', [entry('bmc', { FailSafePercent: 90 }, { FanZoneID: 'Zone0' })]);
  assert.is(absent.error, 'permanent: manager bmc Zone0: no such manager; it has BMC_0, HGX_BMC_0');
  const profile = await run('PatchProfile', [entry('BMC_0', { Profile: 'Performance' })]);
  assert.is(profile.outcome, 'Unsupported');
  assert.is(asked(bmc, 'PATCH').length, 0);
  await close();
});

test('A39 an @odata.id with a foreign host is not followed; one with the own origin is', async () => {
  for (const [host, outcome] of [
    ['https://10.255.255.1', 'Refused'],
    ['//10.255.255.1', 'Refused'],
    ['own', 'Applied'],
  ] as const) {
    const spare = await startBmc();
    await spare.close();
    const port = Number(new URL(spare.endpoint).port);
    const origin = host === 'own' ? spare.endpoint : host;
    const resources = { [MANAGERS]: { Members: [{ '@odata.id': `${origin}${MANAGERS}/bmc` }] } };
    const { run, close } = await startMachine({ port, resources });
    const result = await run('PatchProfile', balanced);
    assert.is(result.outcome, outcome, result.error ?? '');
    await close();
  }
});

test('A40 a BMC that is starting is waited for', async () => {
  const { bmc, run, close } = await startMachine({ clock: fastClock() });
  bmc.faults.set({ kind: 'starting' });
  setTimeout(() => bmc.faults.clear(), 300);
  const result = await run('PatchProfile', balanced);
  assert.is(result.outcome, 'Applied');
  bmc.faults.set({ kind: 'starting' });
  const still = await run('PatchProfile', balanced, { machine: { Timeout: '10s' } });
  assert.is(still.outcome, 'NotApplied');
  assert.match(still.error ?? '', /^transient: manager bmc: it is still starting/);
  await close();
});

test.run();
