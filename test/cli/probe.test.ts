import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { probe } from '../../controller/cli/probe.ts';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, startBmc } from '../../controller/demo/bmc.ts';
import { loopbackSecret, PASSWORD } from '../support/bmc.ts';
import { temporary } from '../support/temporary-folder.ts';

const JOB = (name: string, machine: string, profile: string) => `Name: ${name}
Machines: [${machine}]
Action: PatchProfile
Payload: { ManagerID: bmc, Payload: { Profile: ${profile} } }
Schedule: { Type: Once, Time: 22:00:00 }
`;

const machine = (id: string, bmc: Pick<Bmc, 'endpoint' | 'fingerprint'>, more = '') => `# ${id}, left of the door
ID: ${id}   # as on the sticker
Type: Extend
Endpoint: ${bmc.endpoint}
CredentialsRef: lab
TLS: { Fingerprint: "${bmc.fingerprint}" }
Timeout: 10s
${more}`;

async function fleet() {
  const bmc = await startBmc({ password: PASSWORD });
  const gone = await startBmc();
  await gone.close();
  const dir = temporary({
    'machines/rack1.yaml': `${machine('node-1', bmc, 'Managers:\n  bmc:\n    # measured in March\n    Profiles: [Performance]\n')}---\n${machine('node-2', gone)}`,
    'jobs/fits.yaml': JOB('Fits', 'node-1', 'Balanced').replace('Balanced', 'Performance'),
    'jobs/not.yaml': JOB('Not', 'node-2', 'Custom'),
  });
  const said = { out: '', err: '' };
  const ask = (options: { machines?: string[]; format?: 'text' | 'json'; write?: boolean }) => {
    said.out = '';
    said.err = '';
    return probe({
      folder: dir.path,
      machines: options.machines ?? [],
      format: options.format ?? 'text',
      write: options.write ?? false,
      pin: false,
      yes: false,
      ask: async () => false,
      credentials: createCredentials({ env: loopbackSecret() }),
      clock: systemClock,
      signal: new AbortController().signal,
      out: { write: (text: string) => (said.out += text) },
      err: { write: (text: string) => (said.err += text) },
    });
  };
  const end = async () => {
    await bmc.close();
    dir.remove();
  };
  return { bmc, dir, said, ask, end };
}

test('probe tells what each BMC has, which jobs fit, and who did not answer', async () => {
  const { bmc, said, ask, end } = await fleet();
  assert.is(await ask({}), 1);
  assert.match(said.out, /node-1 {2}reachable\n {2}bmc {2}firmware 2\.18\.0\n {4}Profiles +Performance, Balanced/);
  assert.match(said.out, /FanZones +cpu_zone, sys_zone/);
  assert.match(said.out, / {4}system {2}SetPowerState {2}.*GracefulShutdown/);
  assert.match(said.out, /job fits: fits/);
  assert.match(said.out, /node-2 {2}transient: .*connection refused/);
  assert.is(await ask({ machines: ['node-1'], format: 'json' }), 0);
  const [told] = JSON.parse(said.out);
  assert.equal(Object.keys(told), [
    'machine',
    'reachable',
    'managers',
    'systems',
    'chassis',
    'offers',
    'identity',
    'jobs',
    'error',
    'certificate',
  ]);
  assert.equal(told.jobs, [{ job: 'fits', error: null }]);
  assert.ok(told.offers.Systems.system.SetPowerState.includes('GracefulShutdown'), JSON.stringify(told.offers));
  assert.ok(told.offers.Systems.system.PatchSystem.includes('AssetTag'));
  assert.equal(told.offers.Chassis.Baseboard.SetPowerLimit, ['LimitInWatts']);
  assert.equal(told.managers[0].PidControllers, ['cpu_temp_controller', 'dimm_temp_controller']);
  assert.is(await ask({ machines: ['nodd-1'] }), 1);
  assert.match(said.err, /no valid machine/);
  assert.is(bmc.sessions, 0);
  assert.ok(bmc.requests.every(({ method }) => method !== 'PATCH'));
  await end();
});

test('probe --write edits the inventory in place: comments, order and other documents stay', async () => {
  const { dir, said, ask, end } = await fleet();
  const path = join(dir.path, 'machines/rack1.yaml');
  const before = readFileSync(path, 'utf8');
  await ask({ write: true });
  const after = readFileSync(path, 'utf8');
  assert.is(said.err, 'wrote machines/rack1.yaml\n');
  assert.match(after, /^# node-1, left of the door\nID: node-1 +# as on the sticker\nType: Extend\n/);
  assert.match(after, /# measured in March\n {4}Profiles: \[ ?Performance, Balanced, PowerSaver, Custom ?\]\n/);
  assert.match(after, /FanZones: \[ ?cpu_zone, sys_zone ?\]/);
  assert.is(after.slice(after.indexOf('---')), before.slice(before.indexOf('---')), 'the other document');
  await ask({ write: true, machines: ['node-1'] });
  assert.is(said.err, '', 'what is there already is not written again');
  assert.is(readFileSync(path, 'utf8'), after);
  await end();
});

test('probe --write writes who a machine is, and what is there already stays as it is written', async () => {
  const { bmc, dir, said, ask, end } = await fleet();
  const path = join(dir.path, 'machines/rack1.yaml');
  const says = (SerialNumber: string) => {
    const UUID = '38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5';
    bmc.faults.clear();
    bmc.faults.set({
      kind: 'answer',
      method: 'GET',
      path: '/Systems/system',
      status: 200,
      body: { SerialNumber, UUID },
    });
  };
  says('  CZ1 ');
  await ask({ machines: ['node-1'], write: true });
  assert.match(said.out, /\n {2}identity {2}SerialNumber CZ1, UUID 38a5cd3c/);
  const written = readFileSync(path, 'utf8');
  assert.match(written, /Identity:\s+\{? ?SerialNumber: CZ1,?\s+UUID: 38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5/);
  await ask({ machines: ['node-1'], write: true });
  assert.is(said.err, '');
  assert.is(readFileSync(path, 'utf8'), written);
  says('To Be Filled By O.E.M.');
  await ask({ machines: ['node-1'], write: true });
  assert.match(readFileSync(path, 'utf8'), /SerialNumber: CZ1/, 'a placeholder takes nothing away');
  await end();
});

test('#20 R44 what a BMC calls itself is no escape sequence, in text, JSON and inventory', async () => {
  const { bmc, dir, said, ask, end } = await fleet();
  const path = join(dir.path, 'machines/rack1.yaml');
  const Id = 'bm\u001b]0;OWNED\u0007\u202ec\u009b2J';
  const body = { '@odata.id': '/redfish/v1/Managers/bmc', Id, FirmwareVersion: '\u001b[2J1' };
  bmc.faults.set({ kind: 'answer', method: 'GET', path: '/Managers/bmc', status: 200, body });
  for (const format of ['text', 'json'] as const) {
    await ask({ machines: ['node-1'], format });
    assert.match(said.out, 'OWNED');
    assert.not.match(said.out.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
  }
  await ask({ machines: ['node-1'], write: true });
  assert.not.match(readFileSync(path, 'utf8'), 'OWNED');
  await end();
});

for (const [what, pages] of [
  ['one page', [1_001]],
  ['a page after another', [600, 401]],
] as const) {
  test(`#20.9a a BMC that lists too many managers, ${what}: none of them is asked`, async () => {
    const { bmc, said, ask, end } = await fleet();
    for (const [page, count] of pages.entries()) {
      const Members = Array.from({ length: count }, (_, each) => ({
        '@odata.id': `/redfish/v1/Managers/m${page}-${each}`,
      }));
      const next = page + 1 < pages.length ? { 'Members@odata.nextLink': `/redfish/v1/Managers?page=${page + 1}` } : {};
      bmc.faults.set({
        kind: 'answer',
        method: 'GET',
        path: '/Managers',
        times: 1,
        status: 200,
        body: { Members, ...next },
      });
    }
    assert.is(await ask({ machines: ['node-1'] }), 1);
    assert.match(said.out, /permanent: it lists 1001 managers or more: none is asked, 1000 at most are/);
    assert.is(bmc.requests.filter(({ path }) => path.includes('/Managers/')).length, 0);
    assert.is(bmc.sessions, 0);
    await end();
  });
}
test('#22.27 an empty answer of a BMC that boots exits 1 and empties no inventory', async () => {
  const { bmc, dir, ask, said, end } = await fleet();
  const path = join(dir.path, 'machines/rack1.yaml');
  const before = readFileSync(path, 'utf8');
  bmc.faults.set({ kind: 'answer', method: 'GET', path: '/Managers', status: 200, body: { Members: [] } });
  assert.is(await ask({ machines: ['node-1'], write: true }), 1);
  assert.match(said.out, /node-1 {2}transient: it lists no managers/);
  assert.is(readFileSync(path, 'utf8'), before);
  bmc.faults.clear();
  bmc.put('Oem/OpenBmc/Fan/Profile', undefined);
  bmc.put('Oem/OpenBmc/Fan/Profile@Redfish.AllowableValues', []);
  assert.is(await ask({ machines: ['node-1'], write: true }), 0);
  assert.match(readFileSync(path, 'utf8'), /measured in March\n {4}Profiles: \[Performance\]/);
  assert.match(readFileSync(path, 'utf8'), /FanZones/);
  await end();
});

test.run();
