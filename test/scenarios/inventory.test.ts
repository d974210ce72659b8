import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, machine } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

systemTest(
  'R21 R29: a job that stays in force is judged again by the inventory of the moment it runs',
  async (create) => {
    const system = await create({ files: { 'machines/all.yaml': machine('machine-1'), 'jobs/nightly.yaml': daily() } });
    await system.advance('2026-03-10T22:01:00Z');
    await system.push({ 'machines/all.yaml': machine('machine-1', { Managers: { other: {} } }) });
    await system.advance('2026-03-11T22:01:00Z');
    await system.push({ 'machines/all.yaml': machine('machine-1', { Managers: { bmc: {} } }) });
    await system.advance('2026-03-12T22:01:00Z');
    const outcomes = system.of('machine').map(({ error }) => error?.replace(/:.*/, '') ?? 'good');
    assert.equal(outcomes, ['good', 'machine-1 has no manager "bmc"', 'good']);
  },
);

test.run();
