import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PASSWORD } from '../support/bmc.ts';
import { daily, once } from '../support/manifests.ts';
import { onWire } from '../support/wire.ts';
import { scenario } from './scenario.ts';

const THREE = { Machines: ['machine-1', 'machine-2', 'machine-3'] };

scenario('X01', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once(THREE) } });
  await system.advance('2026-03-10T14:01:00Z');
  const logs = system.logs().map((path) => system.log(path));
  assert.equal(
    logs.map((log) => log.MachineID),
    THREE.Machines,
  );
  assert.ok(logs.every((log) => log.Status === 'success'));
  assert.is(system.status('update').Status, 'Completed');
});

scenario('X03', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once(THREE) } });
  for (const machine of THREE.Machines) system.bmcs.behave(machine, { error: 'permanent: refused' });
  await system.advance('2026-03-10T14:01:00Z');
  assert.equal(
    system.logs().map((path) => system.log(path).Status),
    ['failed', 'failed', 'failed'],
  );
  const { Status, LastRun } = system.status('update');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed], ['Failed', 0, 3]);
});

scenario('X04', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once(THREE) } });
  system.bmcs.behave('machine-1', { error: 'transient: no route to host' });
  await system.advance('2026-03-10T14:01:00Z');
  for (const machine of ['machine-2', 'machine-3'])
    assert.equal(system.bmcs.get(machine), { Profile: 'Performance' }, machine);
  const { Status, LastRun } = system.status('update');
  assert.equal([Status, LastRun?.Succeeded, LastRun?.Failed], ['Failed', 2, 1]);
  assert.match(LastRun?.FailedMachines[0] ?? '', /^machine-1: transient/);
});

scenario('X05', async (create) => {
  const Payload = ['bmc', 'bmc2'].map((ManagerID, index) => {
    return { ManagerID, Payload: { Profile: index === 0 ? 'Performance' : 'Balanced' } };
  });
  const files = { 'jobs/update.yaml': once({ more: { Payload } }) };
  await onWire(create, { files, managers: ['bmc', 'bmc2'] }, async (system) => {
    system.bmc.put('Oem/OpenBmc/Fan/Profile', 'PowerSaver');
    await system.advance('2026-03-10T14:00:00Z');
    await system.ended(1);
    await system.advance(60_000);
    const patched = system.bmc.requests.filter((each) => each.method === 'PATCH').map((each) => each.path);
    assert.equal(patched, ['/redfish/v1/Managers/bmc', '/redfish/v1/Managers/bmc2']);
    const [path = '', ...others] = system.logs();
    assert.equal(others, []);
    const entries = system.log(path).Result as { ManagerID: string; NewProfile: string }[];
    assert.equal(
      entries.map((each) => [each.ManagerID, each.NewProfile]),
      [
        ['bmc', 'Performance'],
        ['bmc2', 'Balanced'],
      ],
    );
  });
});

scenario('X08', async (create) => {
  await onWire(create, { files: { 'jobs/update.yaml': once() }, timeout: '30s' }, async (system) => {
    system.bmc.faults.set({ kind: 'hang' });
    await system.advance('2026-03-10T14:00:00Z');
    await system.waiting('executor', 1);
    await system.advance('2026-03-10T14:00:29.999Z');
    assert.equal(system.of('finished'), []);
    await system.advance('2026-03-10T14:00:30Z');
    await system.ended(1);
    assert.is(system.service.runner.running, 0, 'the worker is released');
    await system.advance(60_000);
    const log = system.log(system.logs()[0] ?? '');
    assert.is(log.Status, 'failed');
    assert.match(log.Error ?? '', 'transient');
    assert.match(log.Error ?? '', /Timeout of 30s/);
  });
});

scenario('X09', async (create) => {
  await onWire(create, { files: { 'jobs/update.yaml': once() }, password: 'wr0ng-pony' }, async (system) => {
    await system.advance('2026-03-10T14:00:00Z');
    await system.ended(1);
    await system.advance(60_000);
    const log = system.log(system.logs()[0] ?? '');
    assert.is(log.Status, 'failed');
    assert.match(log.Error ?? '', '401');
    for (const secret of ['wr0ng-pony', PASSWORD, 'root']) assert.not.match(JSON.stringify(log), secret);
  });
});

scenario('X10', async (create) => {
  await onWire(create, { files: { 'jobs/nightly.yaml': daily() } }, async (system) => {
    system.bmc.faults.set({ kind: 'answer', status: 503, headers: { 'Retry-After': '7' }, times: 1 });
    await system.advance('2026-03-10T22:00:00Z');
    await system.waitingFor('executor', '2026-03-10T22:00:07Z'); // the 503 has come
    const before = system.bmc.requests.length;
    await system.advance(6_999);
    assert.is(system.bmc.requests.length, before, 'the wait that the BMC asked for');
    await system.advance(10_000);
    await system.ended(1);
    assert.is(system.of('machine').at(-1)?.outcome, 'Applied');

    system.bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
    system.bmc.faults.set({ kind: 'answer', status: 503, headers: { 'Retry-After': '3600' } });
    await system.advance('2026-03-11T22:00:00Z');
    await system.ended(2);
    const failed = system.of('machine').at(-1);
    assert.match(failed?.error ?? '', 'transient');
    system.bmc.faults.clear();
    await system.advance('2026-03-12T22:00:00Z');
    await system.ended(3);
    assert.is(system.of('machine').at(-1)?.outcome, 'Applied');
  });
});

scenario('X11', async (create) => {
  await onWire(create, { files: { 'jobs/nightly.yaml': daily() } }, async (system) => {
    system.bmc.put('Oem/OpenBmc/Fan/Profile', 'PowerSaver');
    await system.advance('2026-03-10T22:00:00Z');
    await system.ended(1);
    await system.advance(60_000);
    const { Status, Result } = system.log(system.logs()[0] ?? '');
    assert.is(Status, 'success');
    assert.equal(Result, { ManagerID: 'bmc', OldProfile: 'PowerSaver', NewProfile: 'PowerSaver' });
  });
});

scenario('X13', async (create) => {
  const files = {
    'jobs/a.yaml': daily({ Time: '02:00:00' }),
    'jobs/b.yaml': daily({ Time: '02:00:00', Machines: ['machine-2'] }),
  };
  const system = await create({ files });
  for (const machine of THREE.Machines) system.bmcs.behave(machine, { takesMs: 10_000 });
  await system.advance('2026-03-11T02:00:00Z');
  assert.is(system.bmcs.carried.filter((each) => each.end === null).length, 2);
  assert.is(system.bmcs.mostAtOnce, 2);
});

test.run();
