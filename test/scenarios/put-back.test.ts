// OnFailure: Revert, against a BMC on the wire.
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { until } from '../support/git-folder.ts';
import { once, text } from '../support/manifests.ts';
import { onWire, type WireSystem } from '../support/wire.ts';
import { systemTest } from './scenario.ts';

const ZONE = 'Oem/OpenBmc/Fan/FanZones/cpu_zone';
const MANAGERS = ['bmc', 'bmc2'];
const patching = { method: 'PATCH' } as const;

/** A job that sets both fields of the zone of each manager, and puts back what it has set where it fails. */
function job(managers: readonly string[], more: JsonObject = {}): Readonly<Record<string, string>> {
  const Payload = managers.map((ManagerID) => {
    return { ManagerID, FanZoneID: 'cpu_zone', Payload: { FailSafePercent: 80, MinThermalOutput: 40 } };
  });
  return { 'jobs/fans.yaml': once({ more: { Action: 'PatchFanZone', Payload, OnFailure: 'Revert', ...more } }) };
}

const patched = (system: WireSystem) =>
  system.bmc.requests
    .filter(({ method }) => method === 'PATCH')
    .map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

function zone(system: WireSystem, manager = 'bmc') {
  const found = system.bmc.state()[manager] as { Oem: { OpenBmc: { Fan: { FanZones: { cpu_zone: JsonObject } } } } };
  const { FailSafePercent, MinThermalOutput } = found.Oem.OpenBmc.Fan.FanZones.cpu_zone;
  return [FailSafePercent, MinThermalOutput];
}

function set(system: WireSystem, failSafe: number, output: number): void {
  for (const manager of Object.keys(system.bmc.state())) {
    system.bmc.write(`/redfish/v1/Managers/${manager}`, `${ZONE}/FailSafePercent`, failSafe);
    system.bmc.write(`/redfish/v1/Managers/${manager}`, `${ZONE}/MinThermalOutput`, output);
  }
}

async function onlyLog(system: WireSystem) {
  await system.advance(60_000);
  const [path = '', ...others] = system.logs();
  assert.equal(others, []);
  return system.log(path);
}

/** A run against a BMC with these faults, which holds 100 and 20 before. */
async function run(system: WireSystem, ...faults: readonly Fault[]) {
  set(system, 100, 20);
  system.bmc.faults.set(...faults);
  await system.advance('2026-03-10T14:00:00Z');
  await until(() => {
    const next = system.clock.next(); // it reads back again and again; its Timeout is further away
    const isSoon = next !== null && next.getTime() - system.clock.now().getTime() < 5_000;
    if (isSoon) system.clock.advance(next);
    return system.of('finished').length > 0;
  });
  return { log: await onlyLog(system), outcome: system.of('machine')[0]?.outcome };
}

systemTest('V01 V04 R66 one of two fields fails: what was set is put back and read back', async (create) => {
  await onWire(create, { files: job(['bmc']), machine: { Type: 'Extend' } }, async (system) => {
    const { log, outcome } = await run(system, { kind: 'partly', fields: ['FailSafePercent'], ...patching, times: 1 });
    assert.equal([outcome, log.Status, zone(system)], ['Reverted', 'failed', [100, 20]]);
    assert.equal(patched(system), ['bmc', 'bmc']);
    assert.equal(log.Result, {
      ManagerID: 'bmc',
      FanZoneID: 'cpu_zone',
      OldFailSafePercent: 100,
      NewFailSafePercent: 100,
      OldMinThermalOutput: 20,
      NewMinThermalOutput: 20,
      Revert: { FailSafePercent: 'Reverted' },
    });
    assert.match(
      log.Error ?? '',
      /permanent: manager bmc cpu_zone: .*; reverted manager bmc cpu_zone FailSafePercent$/,
    );
    const { Status, LastRun } = system.status('fans');
    assert.equal([Status, LastRun?.Failed], ['Failed', 1]);
    assert.match(LastRun?.FailedMachines[0] ?? '', 'reverted manager bmc cpu_zone FailSafePercent');
  });
});

systemTest('R66 without OnFailure, or with Keep, what was set stays', async (create) => {
  await onWire(create, { files: job(['bmc'], { OnFailure: 'Keep' }), machine: { Type: 'Extend' } }, async (system) => {
    const { outcome } = await run(system, { kind: 'partly', fields: ['FailSafePercent'], ...patching, times: 1 });
    assert.equal([outcome, zone(system), patched(system)], ['PartlyApplied', [80, 20], ['bmc']]);
  });
});

systemTest(
  'V06 R66 the last entry goes first; what cannot be put back is an alarm, and not tried again',
  async (create) => {
    await onWire(create, { files: job(MANAGERS), managers: MANAGERS, machine: { Type: 'Extend' } }, async (system) => {
      const { log, outcome } = await run(
        system,
        { kind: 'partly', fields: ['FailSafePercent'], ...patching, path: 'bmc2', times: 1 },
        { kind: 'answer', status: 403, ...patching, path: 'bmc2', skip: 1 },
      );
      assert.equal(patched(system), ['bmc', 'bmc2', 'bmc2', 'bmc']);
      assert.is(outcome, 'RestoreFailed');
      assert.equal(
        [zone(system), zone(system, 'bmc2')],
        [
          [100, 20],
          [80, 20],
        ],
      );
      const [first, second] = log.Result as { Revert: JsonObject }[];
      assert.equal(first?.Revert, { FailSafePercent: 'Reverted', MinThermalOutput: 'Reverted' });
      assert.equal(second?.Revert, { FailSafePercent: 'RestoreFailed' });
      assert.match(log.Error ?? '', /RestoreFailed: manager bmc2 cpu_zone: /);
    });
  },
);

systemTest('V10 R66 the read fails: nothing was sent, and there is nothing to put back', async (create) => {
  await onWire(create, { files: job(['bmc']), machine: { Type: 'Extend' } }, async (system) => {
    const { outcome, log } = await run(system, { kind: 'answer', status: 404, method: 'GET', path: 'Managers/bmc' });
    assert.equal([patched(system), zone(system), log.Result], [[], [100, 20], null]);
    assert.is.not(outcome, 'Reverted');
  });
});

systemTest(
  'V07 R66 accepted for the next reset, and the next entry fails: what holds now is written over it',
  async (create) => {
    await onWire(create, { files: job(MANAGERS), managers: MANAGERS, machine: { Type: 'Extend' } }, async (system) => {
      const { log, outcome } = await run(
        system,
        { kind: 'reset-required', ...patching, times: 1 },
        { kind: 'answer', status: 403, ...patching, path: 'bmc2' },
      );
      assert.equal([outcome, patched(system)], ['Reverted', ['bmc', 'bmc2', 'bmc']]);
      assert.equal(
        [zone(system), zone(system, 'bmc2')],
        [
          [100, 20],
          [100, 20],
        ],
      );
      const [first] = log.Result as { Revert: JsonObject }[];
      assert.equal(first?.Revert, { FailSafePercent: 'Reverted', MinThermalOutput: 'Reverted' });
    });
  },
);

/** What the fields are at the start after a crash → what becomes of them. */
const CUT_OFF = [
  ['V01', [80, 40], [100, 20], 'Reverted', 'both as they were set: put back'],
  ['V02', [100, 20], [100, 20], 'Reverted', 'both as they were before: nothing is sent'],
  ['V03', [55, 40], [55, 20], 'Conflict', 'one is neither: it stays, the other is put back'],
] as const;

for (const [id, now, then, outcome, what] of CUT_OFF) {
  systemTest(`${id} V11 R66 a crash after the change was sent; ${what}, whatever is frozen or held`, async (create) => {
    const options = { files: job(['bmc']), hold: 'hold', machine: { Type: 'Extend' } };
    await onWire(create, options, async (system) => {
      set(system, 100, 20);
      system.bmc.faults.set({ kind: 'hang', ...patching, times: 1 });
      await system.advance('2026-03-10T14:00:00Z');
      await until(() => patched(system).length === 1);
      await system.crash();
      const [failSafe, output] = now;
      set(system, failSafe, output);
      system.commit({
        'windows/now.yaml': text({
          Name: 'Now',
          Kind: 'Freeze',
          From: '2026-03-10T00:00:00',
          To: '2026-03-11T00:00:00',
        }),
      });
      writeFileSync(system.stateDir.replace(/[^/]*$/, 'hold'), '');
      await system.start();
      assert.equal(zone(system), then);
      assert.is(patched(system).length, id === 'V02' ? 1 : 2, 'put back once');
      assert.equal(
        system.of('restored').map((each) => each.outcome),
        [outcome],
      );
      if (id === 'V01') {
        await system.crash();
        set(system, failSafe, output);
        await system.start();
        assert.equal([zone(system), system.of('restored').length], [[failSafe, output], 1], 'what is done is done');
      }
      const log = await onlyLog(system);
      assert.match(log.Error ?? '', /^interrupted .*looked at again/);
      if (id === 'V03') assert.match(log.Error ?? '', /Conflict: .*FailSafePercent is 55, neither 80 nor 100/);
      assert.is(system.status('fans').Status, 'Failed');
    });
  });
}

systemTest('R30 R66 a stop while a change is under way: the next start puts back what it owes', async (create) => {
  const files = { 'bmcron.yaml': 'ShutdownTimeout: 5s\n', ...job(['bmc']) };
  await onWire(create, { files, machine: { Type: 'Extend' } }, async (system) => {
    set(system, 100, 20);
    system.bmc.faults.set({ kind: 'hang', ...patching, times: 1 });
    await system.advance('2026-03-10T14:00:00Z');
    await until(() => patched(system).length === 1);
    const stopped = system.stop();
    await system.advance('2026-03-10T14:00:10Z');
    await stopped;
    assert.equal(system.of('finished'), [], 'the run is open: it owes');
    set(system, 80, 40);
    await system.start();
    assert.equal([zone(system), system.of('restored').map((each) => each.outcome)], [[100, 20], ['Reverted']]);
  });
});

systemTest('R66 the BMC is away at the start: RestoreFailed, an alarm', async (create) => {
  await onWire(create, { files: job(['bmc']), machine: { Type: 'Extend' }, timeout: '20s' }, async (system) => {
    set(system, 100, 20);
    system.bmc.faults.set({ kind: 'hang', ...patching, times: 1 });
    await system.advance('2026-03-10T14:00:00Z');
    await until(() => patched(system).length === 1);
    await system.crash();
    system.bmc.faults.set({ kind: 'hang' });
    system.clock.advance(new Date('2026-03-10T14:00:05Z'));
    const started = system.start();
    await system.waitingFor('executor', '2026-03-10T14:00:25Z');
    system.clock.advance(new Date('2026-03-10T14:00:25Z'));
    await started;
    assert.equal(
      system.of('restored').map((each) => each.outcome),
      ['RestoreFailed'],
    );
    system.bmc.faults.clear();
    const log = await onlyLog(system);
    assert.match(log.Error ?? '', /in vain: .*; RestoreFailed$/);
    assert.match(JSON.stringify(log.Result), '"OldFailSafePercent":100,"NewFailSafePercent":null');
  });
});

test.run();
