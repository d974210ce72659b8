import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PASSWORD } from '../support/bmc.ts';
import { daily, once } from '../support/manifests.ts';
import { onWire } from '../support/wire.ts';
import { scenario } from './scenario.ts';

const THREE = { Machines: ['machine-1', 'machine-2', 'machine-3'] };

scenario('X01', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once(THREE) } });
  await stage.turn('2026-03-10T14:01:00Z');
  const logs = stage.logs().map((path) => stage.log(path));
  assert.equal(
    logs.map((log) => log.MachineID),
    THREE.Machines,
  );
  assert.ok(logs.every((log) => log.Status === 'success'));
  assert.is(stage.status('update').Status, 'Completed');
});

scenario('X03', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once(THREE) } });
  for (const machine of THREE.Machines) stage.bmcs.behave(machine, { error: 'permanent: refused' });
  await stage.turn('2026-03-10T14:01:00Z');
  assert.equal(
    stage.logs().map((path) => stage.log(path).Status),
    ['failed', 'failed', 'failed'],
  );
  const { Status, LastRun } = stage.status('update');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed], ['Failed', 0, 3]);
});

scenario('X04', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once(THREE) } });
  stage.bmcs.behave('machine-1', { error: 'transient: no route to host' });
  await stage.turn('2026-03-10T14:01:00Z');
  for (const machine of ['machine-2', 'machine-3'])
    assert.equal(stage.bmcs.get(machine), { Profile: 'Performance' }, machine);
  const { Status, LastRun } = stage.status('update');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed], ['Failed', 2, 1]);
  assert.match(LastRun?.FailedMachines[0] ?? '', /^machine-1: transient/);
});

scenario('X05', async (set) => {
  const Payload = ['bmc', 'bmc2'].map((ManagerID, index) => {
    return { ManagerID, Payload: { Profile: index === 0 ? 'Performance' : 'Balanced' } };
  });
  const files = { 'jobs/update.yaml': once({ more: { Payload } }) };
  await onWire(set, { files, managers: ['bmc', 'bmc2'] }, async (stage) => {
    stage.bmc.put('Oem/OpenBmc/Fan/Profile', 'PowerSaver');
    await stage.turn('2026-03-10T14:00:00Z');
    await stage.ended(1);
    await stage.turn(60_000);
    const patched = stage.bmc.requests.filter((each) => each.method === 'PATCH').map((each) => each.path);
    assert.equal(patched, ['/redfish/v1/Managers/bmc', '/redfish/v1/Managers/bmc2']);
    const [path = '', ...others] = stage.logs();
    assert.equal(others, []);
    const entries = stage.log(path).Result as { ManagerID: string; NewProfile: string }[];
    assert.equal(
      entries.map((each) => [each.ManagerID, each.NewProfile]),
      [
        ['bmc', 'Performance'],
        ['bmc2', 'Balanced'],
      ],
    );
  });
});

scenario('X08', async (set) => {
  await onWire(set, { files: { 'jobs/update.yaml': once() }, timeout: '30s' }, async (stage) => {
    stage.bmc.faults.set({ kind: 'hang' });
    await stage.turn('2026-03-10T14:00:00Z');
    await stage.waiting('executor', 1);
    await stage.turn('2026-03-10T14:00:29.999Z');
    assert.equal(stage.of('finished'), []);
    await stage.turn('2026-03-10T14:00:30Z');
    await stage.ended(1);
    assert.is(stage.service.runner.running, 0, 'the worker is released');
    await stage.turn(60_000);
    const log = stage.log(stage.logs()[0] ?? '');
    assert.is(log.Status, 'failed');
    assert.match(log.Error ?? '', 'transient');
    assert.match(log.Error ?? '', /Timeout of 30s/);
  });
});

scenario('X09', async (set) => {
  await onWire(set, { files: { 'jobs/update.yaml': once() }, password: 'wr0ng-pony' }, async (stage) => {
    await stage.turn('2026-03-10T14:00:00Z');
    await stage.ended(1);
    await stage.turn(60_000);
    const log = stage.log(stage.logs()[0] ?? '');
    assert.is(log.Status, 'failed');
    assert.match(log.Error ?? '', '401');
    for (const secret of ['wr0ng-pony', PASSWORD, 'root']) assert.not.match(JSON.stringify(log), secret);
  });
});

scenario('X10', async (set) => {
  await onWire(set, { files: { 'jobs/nightly.yaml': daily() } }, async (stage) => {
    stage.bmc.faults.set({ kind: 'answer', status: 503, headers: { 'Retry-After': '7' }, times: 1 });
    await stage.turn('2026-03-10T22:00:00Z');
    await stage.waiting('executor', 2);
    const before = stage.bmc.requests.length;
    await stage.turn(6_999);
    assert.is(stage.bmc.requests.length, before, 'the wait that the BMC asked for');
    await stage.turn(10_000);
    await stage.ended(1);
    assert.is(stage.of('machine').at(-1)?.outcome, 'Applied');

    stage.bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
    stage.bmc.faults.set({ kind: 'answer', status: 503, headers: { 'Retry-After': '3600' } });
    await stage.turn('2026-03-11T22:00:00Z');
    await stage.ended(2);
    const failed = stage.of('machine').at(-1);
    assert.match(failed?.error ?? '', 'transient');
    stage.bmc.faults.clear();
    await stage.turn('2026-03-12T22:00:00Z');
    await stage.ended(3);
    assert.is(stage.of('machine').at(-1)?.outcome, 'Applied');
  });
});

scenario('X11', async (set) => {
  await onWire(set, { files: { 'jobs/nightly.yaml': daily() } }, async (stage) => {
    stage.bmc.put('Oem/OpenBmc/Fan/Profile', 'PowerSaver');
    await stage.turn('2026-03-10T22:00:00Z');
    await stage.ended(1);
    await stage.turn(60_000);
    const { Status, Result } = stage.log(stage.logs()[0] ?? '');
    assert.is(Status, 'success');
    assert.equal(Result, { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: 'PowerSaver' });
  });
});

scenario('X13', async (set) => {
  const files = {
    'jobs/a.yaml': daily({ Time: '02:00:00' }),
    'jobs/b.yaml': daily({ Time: '02:00:00', Machines: ['machine-2'] }),
  };
  const stage = await set({ files });
  for (const machine of THREE.Machines) stage.bmcs.behave(machine, { takesMs: 10_000 });
  await stage.turn('2026-03-11T02:00:00Z');
  assert.is(stage.bmcs.carried.filter((each) => each.end === null).length, 2);
  assert.is(stage.bmcs.mostAtOnce, 2);
});

test.run();
