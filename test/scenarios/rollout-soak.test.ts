// A wave is left alone before its values are read once more: W04, in a whole service.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TestSystem } from '../support/controller.ts';
import { daily } from '../support/manifests.ts';
import { fleet, ids, JOB, nextNight, night, plain, rolled } from '../support/rollouts.ts';
import { systemTest } from './scenario.ts';

const WAVES = [
  { Name: 'canary', Machines: ids(1), Soak: '5m' },
  { Name: 'rack', Machines: ids(2, 3), MaxFailures: 1, Soak: '3m' },
  { Name: 'rest', Rest: true as const },
];
const FILES = { ...fleet(5), [JOB]: rolled('Balanced', { Waves: WAVES }) };
const facts = (system: TestSystem) => system.status('a').Rollout;

systemTest('W04 R65 a soak survives a crash; when it is over the wave passes', async (create) => {
  const system = await create({ files: FILES });
  await nextNight(system, 0);
  const soak = facts(system)?.Soak;
  assert.equal([soak?.End, soak?.Machines], ['2026-03-10T22:05:30Z', ids(1)]);
  await system.crash();
  await system.start();
  await system.advance(240_000);
  assert.equal([facts(system)?.Soak, facts(system)?.Wave], [soak, 0]);
  await system.trigger('a', 't1');
  assert.match(system.status('a').LastTrigger?.Message ?? '', /^Soaking, the wave before it soaks until/);
  await system.advance(70_000);
  assert.equal([facts(system)?.Soak, facts(system)?.Wave, facts(system)?.Halted], [null, 1, null]);
  assert.is(await nextNight(system), '1:Balanced 2:Balanced 3:Balanced');
});

systemTest('W04 the service is away when a soak ends, or in a new clone: it looks when it comes', async (create) => {
  const system = await create({ files: FILES });
  await nextNight(system, 0);
  await system.stop();
  await system.removeState();
  await system.advance(600_000);
  await system.start();
  assert.equal([facts(system)?.Soak, facts(system)?.Wave], [null, 1]);
});

systemTest(
  'W04 a value that went back counts as failed: Reverted, and the rollout halts above MaxFailures',
  async (create) => {
    const system = await create({ files: FILES });
    await nextNight(system, 0);
    await system.advance(400_000);
    await nextNight(system, 0);
    system.bmcs.set('machine-2', { Profile: 'Acoustic' });
    await system.advance(400_000);
    assert.equal([facts(system)?.Halted, facts(system)?.Wave, facts(system)?.Spent.Failed], [null, 2, 1], 'one may');
    await system.push({ [JOB]: rolled('PowerSaver', { Waves: WAVES }) });
    await nextNight(system, 0);
    system.bmcs.set('machine-1', { Profile: 'Acoustic' });
    await system.advance(400_000);
    assert.equal([facts(system)?.Halted?.Reason, facts(system)?.Halted?.Machines], ['WaveFailed', ids(1)]);
  },
);

systemTest('W04 what another job has written since says nothing; who cannot be read is no proof', async (create) => {
  const other = daily({ Name: 'Other', Machines: ids(1), Profile: 'Performance', Time: '22:02:00' });
  const system = await create({ files: { ...FILES, 'jobs/b.json': other } });
  await nextNight(system, 0);
  await system.advance(400_000);
  assert.is(system.bmcs.get('machine-1')['Profile'], 'Performance');
  assert.equal([facts(system)?.Halted, facts(system)?.Wave], [null, 1]);
  await system.push({ 'jobs/b.json': null, [JOB]: rolled('PowerSaver', { Waves: WAVES }) });
  await nextNight(system, 0);
  system.bmcs.behave('machine-1', { error: 'no answer (transient)' });
  await system.advance(400_000);
  assert.is(facts(system)?.Halted?.Reason, 'WaveFailed');
});

systemTest('W04 InRun: each wave of a run begins when the one before it has soaked', async (create) => {
  const Waves = [...WAVES.slice(0, 2), { Name: 'rest', Rest: true as const, Soak: '2m' }];
  const system = await create({ files: { ...FILES, [JOB]: rolled('Balanced', { Waves, Advance: 'InRun' }) } });
  await nextNight(system, 0);
  assert.is(night(system), '1:Balanced');
  await system.advance(310_000);
  assert.is(night(system), '1:Balanced 2:Balanced 3:Balanced');
  await system.advance(200_000);
  assert.is(night(system), '1:Balanced 2:Balanced 3:Balanced 4:Balanced 5:Balanced');
  assert.equal([facts(system)?.Promoted, system.status('a').Status], [null, 'Completed'], 'the last one soaks, too');
  await system.advance(130_000);
  assert.is(facts(system)?.Promoted?.Effect, facts(system)?.Effect);
  assert.is(system.runs().length, 1);
});

systemTest('W04 a promoted version runs flat, and nothing soaks', async (create) => {
  const system = await create({ files: { ...fleet(5), [JOB]: plain('Balanced') } });
  await nextNight(system);
  await system.push({ [JOB]: rolled('Balanced', { Waves: WAVES }) });
  await nextNight(system);
  assert.is(facts(system)?.Soak, null);
});

test.run();
