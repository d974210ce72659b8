import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LockHeld, takeLock } from '../../controller/state/lock.ts';
import { facts, type TestSystem } from '../support/controller.ts';
import { daily, once } from '../support/manifests.ts';
import { scenario, systemTest } from './scenario.ts';

/** Stops, lets the clock pass to a moment without anybody looking, starts. */
async function down(system: TestSystem, from: string, to: string): Promise<void> {
  await system.advance(from);
  await system.stop();
  system.clock.advance(new Date(to));
  await system.start();
}

scenario('K01', async (create) => {
  const system = await create({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T10:00:00Z');
  const before = system.status('nightly');
  const published = facts(system, 'nightly');
  assert.is(before.ExecutionCount, 5);
  await system.stop();
  await system.removeState();
  system.clock.advance(new Date('2026-03-10T21:59:00Z'));
  await system.start();
  assert.equal(system.status('nightly'), before);
  await system.advance(30_000);
  assert.equal(facts(system, 'nightly'), published, 'the same bytes');
});

for (const [id, manifest] of [
  ['K02', daily({ Machines: ['machine-1', 'machine-2'] })],
  ['K03', once({ Time: '22:00:00', Machines: ['machine-1', 'machine-2'] })],
] as const) {
  scenario(id, async (create) => {
    const system = await create({ files: { 'jobs/nightly.yaml': manifest } });
    system.bmcs.behave('machine-2', { takesMs: 600_000 });
    await system.advance('2026-03-10T22:00:10Z');
    await system.crash();
    system.clock.advance(new Date('2026-03-10T22:01:10Z'));
    await system.start();
    await system.advance('2026-03-11T12:00:00Z');
    const { Status, ExecutionCount, LastRunTime, NextRunTime } = system.status('nightly');
    assert.equal([Status, ExecutionCount, LastRunTime], ['Failed', 1, '2026-03-10T22:00:00Z']);
    assert.is(NextRunTime, id === 'K02' ? '2026-03-11T22:00:00Z' : null);
    assert.is(system.runs().length, 1, 'not repeated');
    const logs = system.logs().map((path) => system.log(path));
    assert.equal(
      logs.map((log) => [log.MachineID, log.Status]),
      [
        ['machine-1', 'success'],
        ['machine-2', 'failed'],
      ],
    );
    assert.match(logs[1]?.Error ?? '', 'interrupted');
    assert.equal(Object.values(facts(system, 'nightly') ?? {}).slice(6, 7), ['Failed']);
    if (id === 'K02') return;
    system.bmcs.behave('machine-2', {});
    await system.trigger('nightly', 'again');
    assert.is(system.status('nightly').Status, 'Completed');
  });
}

scenario('K04', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T22:00:01Z');
  assert.is(system.of('finished').length, 1);
  assert.equal(system.logs(), [], 'no commit yet');
  await system.crash();
  await system.start();
  await system.advance(60_000);
  assert.is(system.logs().length, 1);
  assert.is(facts(system, 'nightly')?.['Status'], 'Completed');
  assert.is(system.runs().length, 1);
});

scenario('K05', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await down(system, '2026-03-10T21:00:00Z', '2026-03-10T23:30:00Z');
  assert.equal(system.runs(), ['nightly CatchUp 2026-03-10T22:00:00Z@2026-03-10T23:30:00Z']);
  assert.is(system.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
});

scenario('K06', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await down(system, '2026-03-10T21:00:00Z', '2026-03-15T10:00:00Z');
  assert.is(system.runs().length, 1);
  const { ExecutionCount, NextRunTime, Missed } = system.status('nightly');
  assert.equal([ExecutionCount, NextRunTime], [1, '2026-03-15T22:00:00Z']);
  assert.is(Missed.length, 4, 'the others are recorded');
});

for (const days of [0, 3]) {
  scenario('K07', async (create) => {
    const files = {
      'jobs/evening.yaml': daily({ Time: '22:00:00', Profile: 'PowerSaver' }),
      'jobs/morning.yaml': daily({ Time: '08:00:00', Profile: 'Performance' }),
    };
    const system = await create({ files });
    system.bmcs.behave('machine-1', { takesMs: 5_000 });
    await down(system, '2026-03-10T21:00:00Z', `2026-03-${11 + days}T09:00:00Z`);
    await system.advance(60_000);
    assert.equal(
      system.of('started').map((each) => each.job),
      ['morning'], // evening before it would be a replay (R22)
    );
    assert.is(system.status('evening').Missed[0]?.Reason, 'Superseded by morning');
    assert.equal(system.bmcs.get('machine-1'), { Profile: 'Performance' });
  });
}

scenario('K08', async (create) => {
  const files = { 'bmcron.yaml': 'StartingDeadline: 30m\n', 'jobs/nightly.yaml': daily() };
  const system = await create({ files });
  await down(system, '2026-03-10T21:00:00Z', '2026-03-10T23:30:00Z');
  await system.advance(60_000);
  assert.equal(system.runs(), []);
  const { NextRunTime, ExecutionCount, Missed } = system.status('nightly');
  assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T22:00:00Z', 0]);
  const [missed] = (facts(system, 'nightly')?.['Missed'] ?? []) as { Time: string; Reason: string }[];
  assert.equal(missed, Missed[0]);
  assert.is(missed?.Time, '2026-03-10T22:00:00Z');
  assert.match(missed?.Reason ?? '', 'StartingDeadline of 30m');
});

scenario('K10', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T21:00:00Z');
  await system.jump('2026-03-11T02:00:00Z');
  assert.is(system.runs().length, 1);
  assert.is(system.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
});

systemTest('R16 the clock goes back: nothing runs twice, and what comes runs at its time', async (create) => {
  const system = await create({
    files: { 'jobs/nightly.yaml': daily(), 'jobs/late.yaml': daily({ Time: '22:30:00' }) },
  });
  await system.advance('2026-03-10T22:10:00Z');
  await system.jump('2026-03-10T21:00:00Z');
  await system.advance('2026-03-10T22:29:59Z');
  assert.is(system.runs('nightly').length, 1);
  await system.advance('2026-03-10T22:30:00Z');
  assert.equal(system.runs('late'), ['late Schedule 2026-03-10T22:30:00Z@2026-03-10T22:30:00Z']);
});

scenario('K12', async (create) => {
  const system = await create({
    files: { 'jobs/nightly.yaml': daily(), 'jobs/next.yaml': daily({ Time: '22:00:20' }) },
  });
  system.bmcs.behave('machine-1', { takesMs: 30_000 });
  await system.advance('2026-03-10T22:00:10Z');
  const stopped = system.stop();
  await system.advance('2026-03-10T22:00:30Z');
  await stopped;
  assert.is(system.runs().length, 1, 'no new run');
  assert.is(system.logs().length, 1);
  assert.is(system.log(system.logs()[0] ?? '').Status, 'success');
  assert.is(facts(system, 'nightly')?.['Status'], 'Completed');
});

scenario('K13', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  system.bmcs.behave('machine-1', { takesMs: 600_000 });
  await system.advance('2026-03-10T22:00:10Z');
  const stopped = system.stop();
  await system.advance('2026-03-10T22:00:39Z');
  assert.is(system.of('finished').length, 0);
  await system.advance('2026-03-10T22:00:45Z');
  await stopped;
  const status = facts(system, 'nightly');
  assert.is(status?.['Status'], 'Failed');
  assert.match(system.log(system.logs()[0] ?? '').Error ?? '', 'interrupted');
  await system.start();
  await system.advance('2026-03-11T12:00:00Z');
  assert.is(system.runs().length, 1);
  assert.is(system.status('nightly').ExecutionCount, 1);
});

scenario('K15', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  const refusal = await takeLock(system.stateDir).then(
    () => new Error('taken twice'),
    (error: Error) => error,
  );
  assert.instance(refusal, LockHeld);
  await system.advance('2026-03-10T22:01:00Z');
  assert.is(system.runs().length, 1);
});

test.run();
