import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import { sendRaw } from './recorded.ts';

const basic = (password: string) =>
  ['Authorization', `Basic ${Buffer.from(`root:${password}`).toString('base64')}`] as const;
const get = (path: string) => ({ method: 'GET', path, headers: [basic('0penBmc')], body: undefined });

test('many BMCs in one process share a certificate; one may have its own, and change it', async () => {
  const bmcs = await Promise.all(Array.from({ length: 100 }, () => startBmc()));
  assert.is(new Set(bmcs.map(({ fingerprint }) => fingerprint)).size, 1);
  assert.is(new Set(bmcs.map(({ endpoint }) => endpoint)).size, 100);
  const own = await startBmc({ ownCertificate: true });
  const before = own.fingerprint;
  assert.match(before, /^sha256:[0-9a-f]{64}$/);
  assert.is.not(before, bmcs[0]?.fingerprint);
  const { endpoint } = own;
  await own.changeCertificate();
  assert.is.not(own.fingerprint, before);
  assert.is(own.endpoint, endpoint);
  await Promise.all([...bmcs, own].map((bmc) => bmc.close()));
});

test('what it holds can be asked, changed, and read over its own line', async () => {
  const bmc = await startBmc();
  bmc.put('ServiceIdentification', 'by hand');
  assert.is(bmc.get('ServiceIdentification'), 'by hand');
  assert.is(bmc.state()['bmc']?.['ServiceIdentification'], 'by hand');
  const answer = await sendRaw(bmc.endpoint, undefined, get('/redfish/v1/Managers/bmc'));
  assert.is(JSON.parse(answer?.text ?? '{}').ServiceIdentification, 'by hand');
  assert.match(answer?.text ?? '', /"MinThermalOutput": 20\.0/, 'doubles as bmcweb prints them');
  await bmc.close();
});

test('requests are kept without what is secret, and not without end', async () => {
  const bmc = await startBmc({ plain: true });
  assert.match(bmc.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (let count = 0; count < 1100; count += 1) await sendRaw(bmc.endpoint, undefined, get('/redfish/v1'));
  assert.is(bmc.requests.length, 1000);
  assert.equal(Object.keys(bmc.requests[0] ?? {}), ['method', 'path', 'time']);
  await bmc.close();
});

test('a restart forgets sessions and keeps values', async () => {
  const bmc = await startBmc();
  const login = Buffer.from(JSON.stringify({ UserName: 'root', Password: '0penBmc' }));
  const sent = { method: 'POST', path: '/redfish/v1/SessionService/Sessions', body: login };
  const headers = [['Content-Type', 'application/json']] as const;
  assert.is((await sendRaw(bmc.endpoint, undefined, { ...sent, headers }))?.status, 201);
  assert.is(bmc.sessions, 1);
  bmc.put('ServiceIdentification', 'kept');
  await bmc.restart();
  assert.is(bmc.sessions, 0);
  assert.is(bmc.get('ServiceIdentification'), 'kept');
  assert.is((await sendRaw(bmc.endpoint, undefined, get('/redfish/v1')))?.status, 200);
  await bmc.close();
});

test('faults strike the requests they are for, so often as said, and can be cleared', async () => {
  const bmc = await startBmc();
  const ask = async () => (await sendRaw(bmc.endpoint, undefined, get('/redfish/v1/Managers')))?.status;
  bmc.faults.set({ kind: 'answer', status: 503, path: 'Managers', skip: 1, times: 2 });
  assert.equal([await ask(), await ask(), await ask(), await ask()], [200, 503, 503, 200]);
  bmc.faults.set({ kind: 'drop' });
  assert.is(await ask(), undefined);
  bmc.faults.clear();
  assert.is(await ask(), 200);
  await bmc.close();
});

test('#17.4 two BMCs of one preset are two machines', async () => {
  const bmcs = await Promise.all([1, 2].map(() => startBmc({ preset: 'ilo' })));
  for (const name of ['SerialNumber', 'UUID']) {
    assert.is(new Set(bmcs.map((bmc) => bmc.read('/redfish/v1/Systems/1')?.[name])).size, 2, name);
  }
  assert.is(
    bmcs[0]?.read('/redfish/v1/Chassis/1')?.['SerialNumber'],
    bmcs[0]?.read('/redfish/v1/Systems/1')?.['SerialNumber'],
  );
  await Promise.all(bmcs.map((bmc) => bmc.close()));
});

test('a process that is left with a closed BMC ends', () => {
  const code = "import('./controller/demo/bmc.ts').then(({ startBmc }) => startBmc()).then((bmc) => bmc.close())";
  execFileSync(process.execPath, ['--import', 'tsx', '-e', code], { timeout: 30_000 });
});

test.run();
