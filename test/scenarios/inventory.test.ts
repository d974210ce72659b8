import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, machine } from '../support/manifests.ts';
import { staged } from './scenario.ts';

staged('R21 R29: a job that stays in force is judged again by the inventory of the moment it runs', async (set) => {
  const stage = await set({ files: { 'machines/all.yaml': machine('machine-1'), 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T22:01:00Z');
  await stage.push({ 'machines/all.yaml': machine('machine-1', { Managers: { other: {} } }) });
  await stage.turn('2026-03-11T22:01:00Z');
  await stage.push({ 'machines/all.yaml': machine('machine-1', { Managers: { bmc: {} } }) });
  await stage.turn('2026-03-12T22:01:00Z');
  const outcomes = stage.of('machine').map(({ error }) => error?.replace(/:.*/, '') ?? 'good');
  assert.equal(outcomes, ['good', 'machine-1 has no manager "bmc"', 'good']);
});

test.run();
