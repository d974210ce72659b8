// What guards go by in signed mode when the state folder is lost, and somebody has changed the service's files (R45).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../definitions/values/json.ts';
import type { TestSystem } from '../support/controller.ts';
import { machines } from '../support/manifests.ts';
import { createSigned, startAnew } from '../support/signed-system.ts';
import { systemTest } from './scenario.ts';

/** A job of a class that guards limit: it sets fans. */
function fans(time: string, machine: string): string {
  return JSON.stringify({
    Name: `Fans at ${time}`,
    Machines: [machine],
    Action: 'PatchFanZone',
    Payload: { ManagerID: 'bmc', FanZoneID: 'cpu_zone', Payload: { MinThermalOutput: 30 } },
    Schedule: { Type: 'Continuous', Time: time, Period: { StartDay: '2026-01-01' } },
  });
}

const settings = (guard: Readonly<Record<string, Json>>) =>
  JSON.stringify({ Guards: [{ Class: 'Thermal', ...guard }] });
const FILES = {
  ...machines(3),
  'bmcron.yaml': settings({ MaxMachines: 2 }),
  'jobs/one.json': fans('11:00:00', 'machine-1'),
  'jobs/two.json': fans('11:20:00', 'machine-2'),
};

/** Somebody's commit that no key signed, while the service is away; then another host takes over. */
async function forgeAndMove(system: TestSystem, files: Readonly<Record<string, string | null>>): Promise<void> {
  await system.stop();
  system.git('config', 'commit.gpgSign', 'false');
  system.commit(files);
  system.git('config', 'commit.gpgSign', 'true');
  await startAnew(system);
}

const missed = (system: TestSystem) => system.status('two').Missed.map(({ Reason }) => Reason);
const NOT_KNOWN = 'GuardRefused Counts: what Thermal reached lately is not known, and so over the limit';

for (const [what, forged, expected] of [
  ['as the service signed them', () => ({ 'README.md': 'x\n' }), []],
  ['removed', (logs: readonly string[]) => Object.fromEntries(logs.map((path) => [path, null])), [NOT_KNOWN]],
  ['and one beside them', () => ({ 'logs/2026/03/10/forged.json': '{}\n' }), [NOT_KNOWN]],
] as const) {
  systemTest(
    `R45 G11 signed mode, no state folder, logs ${what}: ${expected.length} runs are refused`,
    async (create) => {
      const system = await createSigned(create, FILES);
      await system.advance('2026-03-10T11:05:00Z');
      assert.is(system.runs().length, 1);
      await forgeAndMove(system, forged(system.logs()));
      await system.advance('2026-03-10T11:30:00Z');
      assert.equal(missed(system), expected);
    },
  );
}

const BREAKER = '.bmcron/breaker.yaml';
const breaker = JSON.stringify({ Breaker: { Failures: 1, Within: '10m', Classes: ['Thermal'] } });

systemTest('R45 G10 signed mode, no state folder: who may not sign closes no breaker', async (create) => {
  const system = await createSigned(create, { ...FILES, 'bmcron.yaml': breaker });
  system.bmcs.next('machine-1', { error: 'broken (permanent)' });
  await system.advance('2026-03-10T11:05:00Z');
  const failed = Object.fromEntries(system.logs().map((path) => [path, null]));
  await forgeAndMove(system, { ...failed, [BREAKER]: null });
  await system.advance('2026-03-10T11:30:00Z');
  assert.match(missed(system)[0] ?? '', /^GuardRefused Breaker: the breaker is open since 2026-03-10T11:00/);
});

systemTest('R45 G10 signed mode, no state folder: who may not sign opens no breaker', async (create) => {
  const system = await createSigned(create, { ...FILES, 'bmcron.yaml': breaker });
  await forgeAndMove(system, { [BREAKER]: 'Opened: "2026-03-10T10:30:00Z"\nResumed: null\n' });
  await system.advance('2026-03-10T11:30:00Z');
  assert.is(system.runs().length, 2);
});

test.run();
