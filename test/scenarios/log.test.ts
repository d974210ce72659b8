import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../definitions/values/json.ts';
import { daily, machine, once, text } from '../support/manifests.ts';
import { onWire } from '../support/wire.ts';
import { scenario } from './scenario.ts';

const START = '2026-02-09T12:00:00Z';
const RUN = '2026-02-09T15:43:49Z';

scenario('L01', async (create, { manifest = {}, file = '', log = {} }) => {
  await onWire(create, { now: START, files: { 'jobs/job1.yaml': text(manifest) } }, async (system) => {
    system.bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
    system.bmc.faults.set({ kind: 'slow', ms: 1234, method: 'PATCH' });
    await system.advance(RUN);
    await system.waiting('bmc', 1);
    await system.advance(1234);
    await system.ended(1);
    await system.advance(60_000);
    assert.equal(system.logs(), [`logs/2026/02/09/${file}`]);
    const found = system.log(system.logs()[0] ?? '');
    assert.equal(found, log);
    assert.equal(Object.keys(found), Object.keys(log));
  });
});

scenario('L02', async (create, { file = '' }) => {
  const system = await create({ now: START, files: { 'jobs/job1.yaml': once({ Name: 'job1', Time: '15:43:49' }) } });
  system.bmcs.behave('machine-1', { takesMs: 50, error: 'transient: connection refused' });
  await system.advance('2026-02-09T15:45:00Z');
  assert.equal(system.logs(), [`logs/2026/02/09/${file}`]);
  const found = system.log(system.logs()[0] ?? '');
  const keys = ['JobID', 'MachineID', 'Action', 'Status', 'Timestamp', 'ExecutionTime', 'Result', 'Error'];
  assert.equal(Object.keys(found), keys);
  assert.equal([found.Status, found.Result, found.ExecutionTime], ['failed', null, '0.050s']);
  assert.match(found.Error ?? '', 'connection refused');
});

scenario('L03', async (create) => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    const job = once({ Name: 'job1', Time: '00:43:49' }); // 15:43:49 UTC
    const system = await create({
      now: START,
      files: { 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n', 'jobs/job1.yaml': job },
    });
    await system.advance('2026-02-09T15:45:00Z');
    const [path = ''] = system.logs();
    assert.match(path, '20260209_154349');
    assert.is(system.log(path).Timestamp, RUN);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

scenario('L04', async (create) => {
  const job = daily({ Machines: ['machine-1', 'machine-2', 'machine-3'] });
  const system = await create({ files: { 'jobs/nightly.yaml': job } });
  await system.advance('2026-03-12T10:00:00Z');
  assert.is(system.logs().length, 6);
});

scenario('L05', async (create) => {
  const system = await create({ now: RUN, files: { 'jobs/job1.yaml': daily() } });
  await system.trigger('job1', 'first');
  await system.trigger('job1', 'second');
  await system.advance(60_000);
  const name = 'logs/2026/02/09/job1_machine-1_PatchProfile_20260209_154349_success';
  assert.equal(system.logs(), [`${name}.json`, `${name}_2.json`].sort());
});

scenario('L06', async (create) => {
  const files = { 'machines/racks.yaml': machine('rack_1'), 'jobs/job_123.yaml': daily({ Machines: ['rack_1'] }) };
  const system = await create({ files });
  await system.advance('2026-03-10T22:01:00Z');
  const [path = ''] = system.logs();
  assert.is(path, 'logs/2026/03/10/job_123_rack_1_PatchProfile_20260310_220000_success.json');
  const { JobID, MachineID } = system.log(path);
  assert.equal([JobID, MachineID], ['job_123', 'rack_1']);
});

/** Action → its payload, and the second ID of its target. */
const ACTIONS: readonly (readonly [string, JsonObject, JsonObject?])[] = [
  ['PatchProfile', { Profile: 'Balanced' }],
  ['PatchManager', { ServiceIdentification: 'rack 7' }],
  ['PatchFanController', { Multiplier: 1.5, StepUp: 2 }, { FanControllerID: 'cpu_fan_controller' }],
  ['PatchFanZone', { MinThermalOutput: 35 }, { FanZoneID: 'cpu_zone' }],
  ['PatchPidController', { SetPoint: 61 }, { PidControllerID: 'dimm_temp_controller' }],
];

scenario('L08', async (create) => {
  const jobs = ACTIONS.map(([Action, Payload, target = {}], index) => {
    const more = { Action, Payload: [{ ManagerID: 'bmc', ...target, Payload }] };
    return [`jobs/${Action}.yaml`, daily({ Name: Action, Time: `11:0${index}:00`, more })] as const;
  });
  await onWire(create, { files: Object.fromEntries(jobs) }, async (system) => {
    for (const [index] of ACTIONS.entries()) {
      await system.advance(`2026-03-10T11:0${index}:00Z`);
      await system.ended(index + 1);
    }
    await system.advance('2026-03-10T12:00:00Z');
    for (const [Action, Payload, target = {}] of ACTIONS) {
      const path = system.logs().find((each) => each.includes(Action)) ?? '';
      const result = system.log(path).Result as JsonObject;
      const fields = Object.keys(Payload).flatMap((field) => [`Old${field}`, `New${field}`]);
      assert.equal(Object.keys(result), ['ManagerID', ...Object.keys(target), ...fields], Action);
      for (const [field, value] of Object.entries(Payload)) {
        assert.is(result[`New${field}`], value, Action);
        assert.is.not(result[`Old${field}`], value, Action);
      }
    }
  });
});

scenario('L09', async (create) => {
  const old = { 'logs/2025/02/03/a_b_PatchProfile_20250203_220000_success.json': '{}\n' };
  const system = await create({ files: { ...old, 'jobs/nightly.yaml': daily() } });
  for (let day = 11; day < 14; day += 1) {
    await system.advance(`2026-03-${day}T10:00:00Z`);
    await system.stop();
    await system.start();
  }
  assert.ok(system.logs().includes(Object.keys(old)[0] ?? ''));
  assert.is(system.logs().length, 4);
});

test.run();
