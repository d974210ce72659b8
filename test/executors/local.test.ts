import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBmc } from '../../controller/demo/bmc.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { asked, entry, PASSWORD, startMachine } from '../support/bmc.ts';
import { createFakeClock } from '../support/clock.ts';

const FAN = 'Oem/OpenBmc/Fan';

const ACTIONS: readonly [string, PayloadEntry, string, JsonObject][] = [
  [
    'PatchProfile',
    entry('bmc', { Profile: 'PowerSaver' }),
    `${FAN}/Profile`,
    { OldProfile: 'Performance', NewProfile: 'PowerSaver' },
  ],
  [
    'PatchManager',
    entry('bmc', { ServiceIdentification: 'rack-7' }),
    'ServiceIdentification',
    { OldServiceIdentification: '', NewServiceIdentification: 'rack-7' },
  ],
  [
    'PatchFanController',
    entry('bmc', { Multiplier: 1.2 }, { FanControllerID: 'cpu_fan_controller' }),
    `${FAN}/FanControllers/cpu_fan_controller/Multiplier`,
    { FanControllerID: 'cpu_fan_controller', OldMultiplier: 1, NewMultiplier: 1.2 },
  ],
  [
    'PatchFanZone',
    entry('bmc', { MinThermalOutput: 35 }, { FanZoneID: 'cpu_zone' }),
    `${FAN}/FanZones/cpu_zone/MinThermalOutput`,
    { FanZoneID: 'cpu_zone', OldMinThermalOutput: 20, NewMinThermalOutput: 35 },
  ],
  [
    'PatchPidController',
    entry('bmc', { SetPoint: 60 }, { PidControllerID: 'dimm_temp_controller' }),
    `${FAN}/PidControllers/dimm_temp_controller/SetPoint`,
    { PidControllerID: 'dimm_temp_controller', OldSetPoint: 65, NewSetPoint: 60 },
  ],
];

for (const [action, payload, path, shown] of ACTIONS) {
  test(`R36 ${action} is read, sent, read back and told`, async () => {
    const { bmc, run, close } = await startMachine();
    const [field = ''] = Object.keys(payload.Payload);
    const result = await run(action, [payload]);
    assert.equal(result, {
      machine: 'node-1',
      outcome: 'Applied',
      entries: [{ ManagerID: 'bmc', ...shown }],
      error: null,
    });
    assert.equal(bmc.get(path), payload.Payload[field]);
    const again = await run(action, [payload]);
    assert.is(again.outcome, 'Unchanged', 'R35');
    assert.is(asked(bmc, 'PATCH').length, 1, 'R35: what is right already is not sent');
    assert.is(bmc.sessions, 0);
    await close();
  });
}

test('R27 all managers of a machine are tried, in payload order, one session for all', async () => {
  const { bmc, run, close } = await startMachine({ managers: ['bmc', 'bmc2'] });
  const payload = ['bmc', 'nope', 'bmc2'].map((id) => entry(id, { Profile: 'Balanced' }));
  const result = await run('PatchProfile', payload);
  assert.is(result.outcome, 'PartlyApplied');
  assert.is(result.error, 'permanent: manager nope: no such manager; it has bmc, bmc2');
  assert.equal(
    result.entries.map((each) => each['ManagerID']),
    ['bmc', 'bmc2'],
  );
  assert.is(asked(bmc, 'POST').length, 1);
  assert.is(bmc.sessions, 0);
  await close();
});

test('an unreachable BMC, a bad password, a wrong certificate are clear failures', async () => {
  const { bmc, run, close } = await startMachine();
  const payload = [entry('bmc', { Profile: 'Balanced' })];
  const gone = await startBmc();
  await gone.close();
  const unreachable = await run('PatchProfile', payload, { machine: { Endpoint: gone.endpoint } });
  assert.is(unreachable.outcome, 'Unreachable');
  assert.match(unreachable.error ?? '', /^transient: manager bmc: .*connection refused/);

  const env = { BMCRON_LAB_USERNAME: 'root', BMCRON_LAB_PASSWORD: 'wr0ng', BMCRON_LAB_ENDPOINTS: '127.0.0.0/8' };
  const password = await run('PatchProfile', payload, { env });
  assert.is(password.outcome, 'Refused');
  assert.match(
    password.error ?? '',
    /^permanent: manager bmc: login refused: 401, this user name and password are not taken$/,
  );

  for (const [TLS, words] of [
    [{}, /self-signed; give the machine TLS.Fingerprint/],
    [{ Fingerprint: `sha256:${'0'.repeat(64)}` }, /not the pinned sha256:0000/],
  ] as const) {
    const certificate = await run('PatchProfile', payload, { machine: { TLS } });
    assert.is(certificate.outcome, 'Unreachable');
    assert.match(certificate.error ?? '', words);
    assert.match(certificate.error ?? '', /^permanent/);
  }
  assert.is(bmc.get(`${FAN}/Profile`) as Json, 'Performance');
  await close();
});

test('#15.1 R36 a wait that is over past the Timeout: the BMC cannot help it, the value is confirmed', async () => {
  const clock = createFakeClock('2026-03-10T22:00:00Z');
  const { bmc, run, close } = await startMachine({ clock, settleMs: 1_500, machine: { Timeout: '20s' } });
  const wait = async (until: Date) => clock.advance(new Date(until.getTime() + 60_000));
  const result = await run('PatchProfile', [entry('bmc', { Profile: 'PowerSaver' })], { wait });
  assert.equal([result.outcome, result.error, bmc.sessions], ['Applied', null, 0]);
  await close();
});

test('#15.1 the Timeout goes on after the wait: a second look that hangs ends with it', async () => {
  const clock = createFakeClock('2026-03-10T22:00:00Z');
  const { bmc, run, close } = await startMachine({ clock, settleMs: 1_500, machine: { Timeout: '20s' } });
  const wait = async (until: Date) => {
    clock.advance(new Date(until.getTime() + 60_000));
    bmc.faults.set({ kind: 'hang', method: 'GET' });
    setTimeout(() => clock.advance(new Date(until.getTime() + 60_000 + 18_500)), 50);
  };
  const result = await run('PatchProfile', [entry('bmc', { Profile: 'PowerSaver' })], { wait });
  assert.equal([result.machine, clock.now().toISOString()], ['node-1', '2026-03-10T22:01:20.000Z']);
  await close();
});

test('#15.1 R36 a value that did not last is found by the look after the wait', async () => {
  const { bmc, run, close } = await startMachine({ settleMs: 1_500 });
  const wait = async () => bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
  const { outcome, entries } = await run('PatchProfile', [entry('bmc', { Profile: 'PowerSaver' })], { wait });
  assert.equal([outcome, entries[0]?.['NewProfile']], ['NotApplied', 'Balanced']);
  await close();
});

test('#15.3 R43 what is said before the wait holds no secret', async () => {
  const { run, close } = await startMachine({ settleMs: 1_500 });
  let seen: unknown;
  const wait = async (_until: Date, result: unknown) => {
    seen = result;
  };
  await run('PatchManager', [entry('bmc', { ServiceIdentification: PASSWORD })], { wait });
  assert.is(JSON.stringify(seen).includes(PASSWORD), false);
  assert.match(JSON.stringify(seen), 'NewServiceIdentification');
  await close();
});

test.run();
