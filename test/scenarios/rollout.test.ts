// Rollouts in a whole service, night by night: W01–W15, from the manifest to what each BMC was told.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { fleet, ids, JOB, nextNight, plain, rolled, WAVES } from '../support/rollouts.ts';
import { systemTest } from './scenario.ts';

const HALTING = {
  Waves: [
    { Name: 'canary', Machines: ids(1) },
    { Name: 'rack', Machines: ids(2, 3), MaxFailures: 0 },
    { Name: 'rest', Rest: true as const },
  ],
};

systemTest(
  'W01 W02 a first effect goes wave by wave, a night each, and is promoted; then it runs flat',
  async (create) => {
    const system = await create({ files: { ...fleet(5), [JOB]: rolled('Balanced') } });
    assert.is(await nextNight(system), '1:Balanced', 'nobody has a promoted version: the others get nothing');
    assert.is(await nextNight(system), '1:Balanced 2:Balanced 3:Balanced');
    assert.is(system.status('a').Rollout?.Promoted, null);
    assert.is(await nextNight(system), '1:Balanced 2:Balanced 3:Balanced 4:Balanced 5:Balanced');
    assert.is(system.status('a').Rollout?.Promoted?.Effect, system.status('a').Rollout?.Effect);
    assert.is(await nextNight(system), '1:Balanced 2:Balanced 3:Balanced 4:Balanced 5:Balanced');
  },
);

systemTest('W01 a new effect: the others keep the promoted version, in the night before and after', async (create) => {
  const system = await create({ files: { ...fleet(5), [JOB]: plain('Balanced') } });
  await nextNight(system);
  await system.push({ [JOB]: rolled('PowerSaver') });
  assert.is(await nextNight(system), '1:PowerSaver 2:Balanced 3:Balanced 4:Balanced 5:Balanced');
  assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:Balanced 5:Balanced');
  assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:PowerSaver 5:PowerSaver');
  const log = system.logs().find((path) => path.includes('machine-5'));
  assert.ok(log);
});

systemTest(
  'R64 W05 W14 a wave that fails halts: Promoted sets that on all, Hold runs nothing, Resume goes on',
  async (create) => {
    const system = await create({ files: { ...fleet(5), [JOB]: plain('Balanced') } });
    await nextNight(system);
    await system.push({ [JOB]: rolled('PowerSaver', HALTING) });
    await nextNight(system);
    system.bmcs.next('machine-2', { error: 'broken (permanent)' });
    assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:Balanced 5:Balanced');
    const { Halted, Wave } = system.status('a').Rollout ?? {};
    assert.equal([Wave, Halted?.Reason, Halted?.Machines], [1, 'WaveFailed', ['machine-2']]);
    const progress = system.status('a').Conditions.find(({ Type }) => Type === 'Progressing');
    assert.equal([progress?.Status, progress?.Reason], ['False', 'WaveFailed']);
    await system.advance(60_000);
    const page = system.git('fetch', '-q') + system.git('show', 'origin/main:STATUS.md');
    assert.match(page, '**1 rollout halted**');
    const first = page.split('\n').find((line) => line.startsWith('- **')) ?? '';
    assert.match(first, /a is halted at rack since .*meanwhile its runs set what commit .* a new Rollout\.Resume/);
    assert.is(await nextNight(system), '1:Balanced 2:Balanced 3:Balanced 4:Balanced 5:Balanced');
    await system.push({ [JOB]: rolled('PowerSaver', { ...HALTING, OnHalt: 'Hold' }) });
    assert.is(await nextNight(system), '');
    assert.match(system.status('a').Missed[0]?.Reason ?? '', /^RolloutHalted at rack since .*: more have failed/);
    await system.trigger('a', 'now');
    assert.match(system.status('a').LastTrigger?.Message ?? '', /^RolloutHalted at rack/, 'a trigger passes no halt');
    await system.push({ [JOB]: rolled('PowerSaver', { ...HALTING, Resume: 'fixed it' }) });
    assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:Balanced 5:Balanced');
    assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:PowerSaver 5:PowerSaver');
    assert.is(system.status('a').Rollout?.Halted, null);
  },
);

systemTest('R64 W05 W06 a halt in a wave lets nothing begin that has not: Skipped RolloutHalted', async (create) => {
  const Waves = [WAVES[0], { Name: 'rest', Rest: true as const, MaxConcurrent: '40%' as const }].filter(
    (each) => each !== undefined,
  );
  const system = await create({ files: { ...fleet(5), [JOB]: rolled('Balanced', { Waves }) } });
  await nextNight(system);
  for (const machine of ids(2, 3, 4, 5)) system.bmcs.behave(machine, { takesMs: 20_000 });
  system.bmcs.behave('machine-3', { takesMs: 5_000, error: 'broken (permanent)' });
  await nextNight(system);
  const { LastRun, Status } = system.status('a');
  assert.equal([LastRun?.Succeeded, LastRun?.Failed, LastRun?.Skipped, Status], [2, 1, 2, 'Failed']);
  assert.match(
    LastRun?.SkippedMachines?.[0] ?? '',
    /^machine-4: RolloutHalted, more have failed than its MaxFailures allows: machine-3/,
  );
  assert.is(facts(system, 'a')?.['Status'], 'Failed');
});

test.run();
