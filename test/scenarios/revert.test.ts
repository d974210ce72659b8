// bmcron revert, from a run on a BMC on the wire to the merge that takes it back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RevertOptions, revert } from '../../controller/cli/revert.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { GIT_ENVIRONMENT } from '../support/git-folder.ts';
import { once } from '../support/manifests.ts';
import { sink } from '../support/pull-request.ts';
import { onWire, type WireSystem } from '../support/wire.ts';
import { systemTest } from './scenario.ts';

const ZONE = 'Oem/OpenBmc/Fan/FanZones/cpu_zone';

/** A job that sets these fields of a zone, at 14:00. */
function job(Payload: JsonObject, Time = '14:00:00'): string {
  const entry = { ManagerID: 'bmc', FanZoneID: 'cpu_zone', Payload };
  return once({ Name: 'Fans', Time, more: { Action: 'PatchFanZone', Payload: [entry] } });
}

const FILES = { 'jobs/fans.yaml': job({ FailSafePercent: 80, MinThermalOutput: 40 }) };

const zone = (system: WireSystem) =>
  ['FailSafePercent', 'MinThermalOutput'].map((field) => system.bmc.get(`${ZONE}/${field}`));

function set(system: WireSystem, failSafe: number, output: number): void {
  system.bmc.put(`${ZONE}/FailSafePercent`, failSafe);
  system.bmc.put(`${ZONE}/MinThermalOutput`, output);
}

async function bmcron(system: WireSystem, run: string, more: Partial<RevertOptions> = {}) {
  const [out, err] = [sink(), sink()];
  system.git('config', 'user.name', 'Ada');
  system.git('config', 'user.email', 'ada@example.com');
  system.git('pull', '--quiet', '--no-edit');
  const given = {
    folder: system.human,
    environment: GIT_ENVIRONMENT,
    push: true,
    fetch: false,
    format: 'text',
  } as const;
  const code = await revert({ ...given, run, out, err, ...more });
  return { code, out: out.text, err: err.text };
}

/** A run to its end, and public. */
async function runAt(system: WireSystem, at: string, runs: number): Promise<void> {
  await system.advance(at);
  await system.ended(runs);
  await system.advance(60_000);
}

/** Merges a branch as a reviewer does, and lets what follows run to its end. */
async function merge(system: WireSystem, branch: string, runs: number): Promise<void> {
  system.git('pull', '--quiet', '--no-edit');
  system.git('merge', '--quiet', '--no-edit', branch);
  system.git('push', '--quiet', 'origin', 'HEAD:main');
  await system.reconcile();
  await system.ended(runs);
  await system.advance(60_000);
}

const branchOf = (text: string) => /branch (\S+) in commit/.exec(text)?.[1] ?? '';

systemTest('V01 V13 R67 a run is taken back by merging a branch, and that again by another', async (create) => {
  await onWire(create, { files: FILES, machine: { Type: 'Extend' } }, async (system) => {
    set(system, 100, 20);
    await runAt(system, '2026-03-10T14:00:00Z', 1);
    assert.equal(zone(system), [80, 40]);
    const run = system.status('fans').LastRun?.RunID ?? '';
    const { code, out, err } = await bmcron(system, run);
    assert.is(code, 0, err);
    assert.match(out, 'sets 2 values on 1 machine, each where it still is as the run left it:\n');
    assert.match(out, 'machine-1: bmc Oem.OpenBmc.Fan.FanZones.cpu_zone.FailSafePercent 80 → 100\n');
    const branch = branchOf(out);
    assert.match(branch, /^bmcron\/revert-fans-20260310_1400\d\d$/);
    await system.reconcile();
    await system.advance(60_000);
    assert.equal([zone(system), system.of('finished').length], [[80, 40], 1], 'nothing before the merge');
    const again = await bmcron(system, run);
    assert.is(again.code, 1);
    assert.match(again.err, `there is a branch ${branch} already`);
    await merge(system, branch, 2);
    assert.equal(zone(system), [100, 20]);
    const revertJob = branch.slice('bmcron/'.length);
    const status = system.status(revertJob);
    assert.equal([status.Status, status.Suspended], ['Completed', true]);
    const merged = await bmcron(system, run);
    assert.is(merged.code, 1, 'the file is there');
    const back = await bmcron(system, status.LastRun?.RunID ?? '');
    assert.is(back.code, 0, back.err);
    await merge(system, branchOf(back.out), 3);
    assert.equal(zone(system), [80, 40]);
  });
});

systemTest(
  'V02 V03 R67 on the merge what is so already is not sent, and what somebody else has set stays',
  async (create) => {
    await onWire(create, { files: FILES, machine: { Type: 'Extend' } }, async (system) => {
      set(system, 100, 20);
      await runAt(system, '2026-03-10T14:00:00Z', 1);
      const { out } = await bmcron(system, system.status('fans').LastRun?.RunID ?? '');
      set(system, 55, 20);
      const before = system.bmc.requests.filter(({ method }) => method === 'PATCH').length;
      await merge(system, branchOf(out), 2);
      assert.equal(zone(system), [55, 20]);
      assert.is(system.bmc.requests.filter(({ method }) => method === 'PATCH').length, before, 'nothing is sent');
      assert.is(system.of('machine').at(-1)?.outcome, 'Conflict');
      const { Status, LastRun } = system.status(branchOf(out).slice('bmcron/'.length));
      assert.is(Status, 'Failed');
      assert.match(
        LastRun?.FailedMachines[0] ?? '',
        /FailSafePercent is 55, neither 80 nor 100: somebody has set it since, so it stays/,
      );
    });
  },
);

systemTest(
  'V12 R67 what a later run has written is left out and named; runs that there are not are refused',
  async (create) => {
    const files = { ...FILES, 'jobs/later.yaml': job({ FailSafePercent: 90 }, '15:00:00') };
    await onWire(create, { files, machine: { Type: 'Extend' } }, async (system) => {
      set(system, 100, 20);
      await runAt(system, '2026-03-10T14:00:00Z', 1);
      await runAt(system, '2026-03-10T15:00:00Z', 2);
      const run = system.status('fans').LastRun?.RunID ?? '';
      for (const [name, more, told] of [
        ['fans', {}, 'is no run: JOB@TIME or JOB@TOKEN'],
        ['fans@token', {}, 'is not the last run of fans'],
        ['fans@2026-03-09T14:00:00Z', {}, 'the logs tell of no run'],
        [run, { machine: 'nope' }, 'has no log of machine "nope": it has machine-1'],
      ] as const) {
        const { code, err } = await bmcron(system, name, more);
        assert.is(code, 1);
        assert.match(err, told);
      }
      const { code, out, err } = await bmcron(system, run, { machine: 'machine-1', format: 'json' });
      assert.is(code, 0, err);
      const { values, left, file } = JSON.parse(out) as { values: JsonObject[]; left: JsonObject[]; file: string };
      assert.equal(
        values.map(({ field, to }) => [field, to]),
        [['bmc Oem.OpenBmc.Fan.FanZones.cpu_zone.MinThermalOutput', 20]],
      );
      assert.match(String(left[0]?.['reason']), /^later has written it since, at 2026-03-10T15:00:\d\dZ$/);
      assert.match(file, /^jobs\/revert-fans-/);
    });
  },
);

test.run();
