// What a rollout outlives and what ends it: W03, W07–W13, W15, crash and clone, in a whole service.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TestSystem } from '../support/controller.ts';
import { daily } from '../support/manifests.ts';
import { fleet, ids, JOB, nextNight, night, plain, rolled, WAVES } from '../support/rollouts.ts';
import { systemTest } from './scenario.ts';

const ALL = (profile: string) => [1, 2, 3, 4, 5].map((number) => `${number}:${profile}`).join(' ');
const halted = (system: TestSystem) => system.status('a').Rollout?.Halted;

/** A job that rolls out PowerSaver where Balanced is promoted; its canary has passed. */
async function afterCanary(system: TestSystem, rollout: Parameters<typeof rolled>[1] = {}): Promise<void> {
  await nextNight(system);
  await system.push({ [JOB]: rolled('PowerSaver', rollout) });
  assert.is(await nextNight(system), `1:PowerSaver ${ALL('Balanced').slice('1:Balanced '.length)}`);
}

const BEFORE = { ...fleet(5), [JOB]: plain('Balanced') };

systemTest('W03 an edit of the time begins nothing anew', async (create) => {
  const system = await create({ files: BEFORE });
  await afterCanary(system);
  const was = system.status('a').Rollout;
  await system.push({ [JOB]: rolled('PowerSaver').replace('22:00:00', '22:00:10') });
  assert.equal(system.status('a').Rollout, was);
});

systemTest(
  'W03 S07 machines that join come after all known ones, one at a time, and halt only themselves',
  async (create) => {
    const onMachines = (...numbers: readonly number[]) =>
      daily({
        Machines: ids(...numbers),
        Profile: 'Balanced',
        more: {
          Rollout: {
            Waves: [
              { Name: 'c', Machines: ids(1) },
              { Name: 'rest', Rest: true },
            ],
          },
        },
      });
    const system = await create({ files: { ...fleet(5), [JOB]: onMachines(1, 2) } });
    await nextNight(system);
    assert.is(await nextNight(system), '1:Balanced 2:Balanced');
    await system.push({ [JOB]: onMachines(1, 2, 3, 4, 5) });
    for (const machine of ids(1, 2, 3, 4, 5)) system.bmcs.behave(machine, { takesMs: 5_000 });
    system.bmcs.next('machine-4', { takesMs: 5_000, error: 'broken (permanent)' });
    await nextNight(system);
    const starts = system.bmcs.carried
      .slice(-4)
      .map(({ part, start }) => `${part.machine.ID} ${start.toISOString().slice(17, 19)}`);
    assert.equal(starts, ['machine-1 30', 'machine-2 30', 'machine-3 35', 'machine-4 40']);
    assert.match(
      system.status('a').LastRun?.SkippedMachines?.[0] ?? '',
      /^machine-5: RolloutHalted, machine-4, which joins before it, has failed/,
    );
    assert.equal([halted(system), system.status('a').Rollout?.Known], [null, ids(1, 2, 3)]);
    await nextNight(system);
    assert.equal(system.status('a').Rollout?.Known, ids(1, 2, 3, 4, 5));
  },
);

systemTest('W07 the canary is not reached: nothing is proved; others are, within their budget', async (create) => {
  const rollout = { FailureBudget: { Unreachable: '40%' } } as const;
  const system = await create({ files: BEFORE });
  await nextNight(system);
  await system.push({ [JOB]: rolled('PowerSaver', rollout) });
  system.bmcs.next('machine-1', { error: 'no answer (transient)' });
  await nextNight(system);
  assert.equal([halted(system)?.Reason, halted(system)?.Machines], ['NothingProved', ids(1)]);
  await system.push({ [JOB]: rolled('PowerSaver', { ...rollout, Resume: '1' }) });
  await nextNight(system);
  for (const machine of ids(2, 3)) system.bmcs.next(machine, { error: 'no answer (transient)' });
  await nextNight(system);
  assert.equal(
    [halted(system), system.status('a').Rollout?.Wave, system.status('a').Rollout?.Spent],
    [null, 2, { Failed: 0, Unreachable: 2 }],
  );
  system.bmcs.next('machine-4', { error: 'no answer (transient)' });
  await nextNight(system);
  assert.is(halted(system)?.Reason, 'BudgetExceeded', 'of all waves together');
});

systemTest('W09 an empty wave is passed over; without a canary a guard refuses', async (create) => {
  const selected = (rack: string) => [
    { Name: 'canary', MachineSelector: { MatchLabels: { rack } } },
    { Name: 'gone', MachineSelector: { MatchLabels: { rack: 'r99' } } },
    { Name: 'rest', Rest: true as const },
  ];
  const system = await create({ files: { ...fleet(5, [2]), [JOB]: rolled('Balanced', { Waves: selected('r8') }) } });
  assert.is(await nextNight(system), '');
  assert.match(
    system.status('a').Missed[0]?.Reason ?? '',
    /^GuardRefused NoCanary: the first wave, canary, has no machine/,
  );
  await system.push({ [JOB]: rolled('Balanced', { Waves: selected('r7') }) });
  assert.is(await nextNight(system), '2:Balanced');
  assert.is(await nextNight(system), ALL('Balanced'));
});

systemTest(
  'W12 edited in a wave: parts under way end, the rest is Withdrawn, the new effect starts at wave 1',
  async (create) => {
    const Waves = [
      { Name: 'canary', Machines: ids(1) },
      { Name: 'rest', Rest: true as const, MaxConcurrent: 1 },
    ];
    const system = await create({ files: BEFORE });
    await afterCanary(system, { Waves });
    for (const machine of ids(1, 2, 3, 4, 5)) system.bmcs.behave(machine, { takesMs: 120_000 });
    await nextNight(system);
    await system.push({ [JOB]: rolled('Performance', { Waves }) });
    await system.advance(300_000);
    const { LastRun, Rollout } = system.status('a');
    assert.equal([LastRun?.Succeeded, LastRun?.Skipped], [2, 3]);
    assert.match(LastRun?.SkippedMachines?.[0] ?? '', /^machine-3: Withdrawn, its job was edited/);
    assert.equal([Rollout?.Wave, Rollout?.Halted], [0, null]);
    for (const machine of ids(1, 2, 3, 4, 5)) system.bmcs.behave(machine, {});
    assert.is(await nextNight(system), `1:Performance ${ALL('Balanced').slice('1:Balanced '.length)}`);
  },
);

systemTest('W12 suspended in a wave: the rest is Withdrawn', async (create) => {
  const Waves = [
    { Name: 'canary', Machines: ids(1) },
    { Name: 'rest', Rest: true as const, MaxConcurrent: 1 },
  ];
  const system = await create({ files: BEFORE });
  await afterCanary(system, { Waves });
  system.bmcs.behave('machine-2', { takesMs: 120_000 });
  await nextNight(system);
  await system.push({ [JOB]: rolled('PowerSaver', { Waves }, { Suspend: true }) });
  await system.advance(300_000);
  assert.match(system.status('a').LastRun?.SkippedMachines?.[0] ?? '', /^machine-3: Withdrawn, its job was suspended/);
});

systemTest(
  'W13 R65 a crash in a wave: what had begun is interrupted, the rest skipped, the same wave comes next',
  async (create) => {
    const Waves = [
      { Name: 'canary', Machines: ids(1) },
      { Name: 'rest', Rest: true as const, MaxConcurrent: 2 },
    ];
    const system = await create({ files: BEFORE });
    await afterCanary(system, { Waves });
    system.bmcs.behave('machine-3', { hangs: true });
    system.bmcs.behave('machine-4', { hangs: true });
    await nextNight(system);
    await system.crash();
    await system.start();
    const { LastRun, Rollout } = system.status('a');
    assert.equal([LastRun?.Succeeded, LastRun?.Failed, LastRun?.Skipped], [2, 2, 1]);
    assert.match(LastRun?.SkippedMachines?.[0] ?? '', /^machine-5: NotItsTurn, .*the service ended while it waited/);
    assert.equal([Rollout?.Wave, Rollout?.Halted], [1, null]);
    for (const machine of ids(3, 4)) system.bmcs.behave(machine, {});
    assert.is(await nextNight(system), ALL('PowerSaver'));
  },
);

for (const [how, interrupt] of [
  ['a crash', (system: TestSystem) => system.crash()],
  [
    'a move to a new clone',
    async (system: TestSystem) => {
      await system.stop();
      await system.removeState();
    },
  ],
] as const) {
  systemTest(`R65 wave, promoted version and halt survive ${how}`, async (create) => {
    const system = await create({ files: BEFORE });
    await afterCanary(system);
    await interrupt(system);
    await system.start();
    system.bmcs.next('machine-3', { error: 'broken (permanent)' });
    assert.is(await nextNight(system), '1:PowerSaver 2:PowerSaver 3:PowerSaver 4:Balanced 5:Balanced');
    assert.equal(halted(system)?.Machines, ids(3));
    await interrupt(system);
    await system.start();
    assert.equal(halted(system)?.Machines, ids(3));
    assert.is(await nextNight(system), ALL('Balanced'));
  });
}

systemTest('W15 a flat run over its budget skips its rest; the third in a row halts', async (create) => {
  const rollout = {
    Waves: [
      { Name: 'canary', Machines: ids(1) },
      { Name: 'rest', Rest: true as const, MaxConcurrent: 1 },
    ],
    FailureBudget: { Failed: 0, Unreachable: 0 },
  };
  const system = await create({ files: BEFORE });
  await nextNight(system);
  await system.push({ [JOB]: rolled('Balanced', rollout) });
  system.bmcs.behave('machine-2', { error: 'no answer (transient)' });
  for (const over of [1, 2]) {
    assert.is(await nextNight(system), '1:Balanced 2:Balanced');
    assert.match(
      system.status('a').LastRun?.SkippedMachines?.[0] ?? '',
      /RolloutHalted, this run has exceeded its FailureBudget/,
    );
    assert.equal([halted(system), system.status('a').Rollout?.FlatOverBudget], [null, over]);
  }
  await nextNight(system);
  assert.is(halted(system)?.Reason, 'BudgetExceeded');
});

systemTest(
  'W01 W11 InRun: wave after wave in one run; a trigger begins it, another is refused meanwhile',
  async (create) => {
    const system = await create({
      files: { ...fleet(5), [JOB]: rolled('Balanced', { Advance: 'InRun', Waves: WAVES }) },
    });
    for (const machine of ids(1, 2, 3, 4, 5)) system.bmcs.behave(machine, { takesMs: 10_000 });
    await system.trigger('a', 't1');
    await system.advance(25_000);
    await system.trigger('a', 't2');
    assert.match(system.status('a').LastTrigger?.Message ?? '', /already running/);
    await system.advance(60_000);
    const starts = system.bmcs.carried.map(
      ({ part, start }) => `${part.machine.ID} ${start.toISOString().slice(17, 19)}`,
    );
    assert.equal(starts, ['machine-1 00', 'machine-2 10', 'machine-3 10', 'machine-4 20', 'machine-5 20']);
    assert.is(system.status('a').Rollout?.Promoted?.Effect, system.status('a').Rollout?.Effect);
  },
);

systemTest(
  'W05 W13 Once: a wave that fails ends the run; Resume takes it again, and the waves after it',
  async (create) => {
    const once = (rollout = {}) =>
      rolled('Balanced', rollout)
        .replace('"Continuous"', '"Once"')
        .replace(/"Period": \{\}/, '"Period": null');
    const system = await create({ files: { ...fleet(5), [JOB]: once() } });
    system.bmcs.next('machine-2', { error: 'broken (permanent)' });
    await nextNight(system);
    assert.is(night(system), '1:Balanced 2:Balanced 3:Balanced');
    assert.equal(system.status('a').LastRun?.Skipped, 2);
    const before = system.bmcs.carried.length;
    await system.push({ [JOB]: once({ Resume: 'it is fixed' }) });
    await system.settled();
    assert.is(night(system, before), '2:Balanced 3:Balanced 4:Balanced 5:Balanced');
    assert.is(system.runs().length, 2);
    await system.crash();
    await system.start();
    assert.is(system.runs().length, 2, 'a Resume runs it once');
  },
);

systemTest('W13 a crash between waves of one run: what has passed has passed', async (create) => {
  const system = await create({ files: { ...fleet(5), [JOB]: rolled('Balanced', { Advance: 'InRun' }) } });
  system.bmcs.behave('machine-2', { hangs: true });
  await nextNight(system);
  await system.crash();
  await system.start();
  assert.equal([system.status('a').Rollout?.Wave, system.status('a').LastRun?.Skipped], [1, 2]);
  system.bmcs.behave('machine-2', {});
  assert.is(await nextNight(system), ALL('Balanced'));
});

systemTest('W02 R63 a single pass (--once) waits for the turns of its parts', async (create) => {
  const Waves = [
    { Name: 'canary', Machines: ids(1) },
    { Name: 'rest', Rest: true as const, MaxConcurrent: 1 },
  ];
  const system = await create({ files: { ...fleet(5), [JOB]: rolled('Balanced', { Waves, Advance: 'InRun' }) } });
  for (const machine of ids(1, 2, 3, 4, 5)) system.bmcs.behave(machine, { takesMs: 1_000 });
  await system.stop();
  await system.advance('2026-03-10T22:30:00Z');
  await system.once();
  await system.advance(20_000);
  assert.equal([night(system), system.status('a').LastRun?.Skipped], [ALL('Balanced'), undefined]);
});

test.run();
