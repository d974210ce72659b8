import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LockHeld, takeLock } from '../../controller/state/lock.ts';
import { facts, type Stage } from '../support/controller.ts';
import { daily, once } from '../support/manifests.ts';
import { scenario, staged } from './scenario.ts';

/** Stops, lets the clock pass to a moment without anybody looking, starts. */
async function down(stage: Stage, from: string, to: string): Promise<void> {
  await stage.turn(from);
  await stage.stop();
  stage.clock.pass(new Date(to));
  await stage.start();
}

scenario('K01', async (set) => {
  const stage = await set({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:00:00Z');
  const before = stage.status('nightly');
  const published = facts(stage, 'nightly');
  assert.is(before.ExecutionCount, 5);
  await stage.stop();
  await stage.forget();
  stage.clock.pass(new Date('2026-03-10T21:59:00Z'));
  await stage.start();
  assert.equal(stage.status('nightly'), before);
  await stage.turn(30_000);
  assert.equal(facts(stage, 'nightly'), published, 'the same bytes');
});

for (const [id, manifest] of [
  ['K02', daily({ Machines: ['machine-1', 'machine-2'] })],
  ['K03', once({ Time: '22:00:00', Machines: ['machine-1', 'machine-2'] })],
] as const) {
  scenario(id, async (set) => {
    const stage = await set({ files: { 'jobs/nightly.yaml': manifest } });
    stage.bmcs.behave('machine-2', { takesMs: 600_000 });
    await stage.turn('2026-03-10T22:00:10Z');
    await stage.crash();
    stage.clock.pass(new Date('2026-03-10T22:01:10Z'));
    await stage.start();
    await stage.turn('2026-03-11T12:00:00Z');
    const { Status, ExecutionCount, LastRunTime, NextRunTime } = stage.status('nightly');
    assert.equal([Status, ExecutionCount, LastRunTime], ['Failed', 1, '2026-03-10T22:00:00Z']);
    assert.is(NextRunTime, id === 'K02' ? '2026-03-11T22:00:00Z' : null);
    assert.is(stage.runs().length, 1, 'not repeated');
    const logs = stage.logs().map((path) => stage.log(path));
    assert.equal(
      logs.map((log) => [log.MachineID, log.Status]),
      [
        ['machine-1', 'success'],
        ['machine-2', 'failed'],
      ],
    );
    assert.match(logs[1]?.Error ?? '', 'interrupted');
    assert.equal(Object.values(facts(stage, 'nightly') ?? {}).slice(6, 7), ['Failed']);
    if (id === 'K02') return;
    stage.bmcs.behave('machine-2', {});
    await stage.trigger('nightly', 'again');
    assert.is(stage.status('nightly').Status, 'Completed');
  });
}

scenario('K04', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T22:00:01Z');
  assert.is(stage.of('finished').length, 1);
  assert.equal(stage.logs(), [], 'no commit yet');
  await stage.crash();
  await stage.start();
  await stage.turn(60_000);
  assert.is(stage.logs().length, 1);
  assert.is(facts(stage, 'nightly')?.['Status'], 'Completed');
  assert.is(stage.runs().length, 1);
});

scenario('K05', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await down(stage, '2026-03-10T21:00:00Z', '2026-03-10T23:30:00Z');
  assert.equal(stage.runs(), ['nightly CatchUp 2026-03-10T22:00:00Z@2026-03-10T23:30:00Z']);
  assert.is(stage.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
});

scenario('K06', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await down(stage, '2026-03-10T21:00:00Z', '2026-03-15T10:00:00Z');
  assert.is(stage.runs().length, 1);
  const { ExecutionCount, NextRunTime, Missed } = stage.status('nightly');
  assert.equal([ExecutionCount, NextRunTime], [1, '2026-03-15T22:00:00Z']);
  assert.is(Missed.length, 4, 'the others are recorded');
});

for (const days of [0, 3]) {
  scenario('K07', async (set) => {
    const files = {
      'jobs/evening.yaml': daily({ Time: '22:00:00', Profile: 'PowerSaver' }),
      'jobs/morning.yaml': daily({ Time: '08:00:00', Profile: 'Performance' }),
    };
    const stage = await set({ files });
    stage.bmcs.behave('machine-1', { takesMs: 5_000 });
    await down(stage, '2026-03-10T21:00:00Z', `2026-03-${11 + days}T09:00:00Z`);
    await stage.turn(60_000);
    assert.equal(
      stage.of('started').map((each) => each.job),
      ['evening', 'morning'],
    );
    assert.equal(stage.bmcs.get('machine-1'), { Profile: 'Performance' });
  });
}

scenario('K08', async (set) => {
  const files = { 'bmcron.yaml': 'StartingDeadline: 30m\n', 'jobs/nightly.yaml': daily() };
  const stage = await set({ files });
  await down(stage, '2026-03-10T21:00:00Z', '2026-03-10T23:30:00Z');
  await stage.turn(60_000);
  assert.equal(stage.runs(), []);
  const { NextRunTime, ExecutionCount, Missed } = stage.status('nightly');
  assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T22:00:00Z', 0]);
  const [missed] = (facts(stage, 'nightly')?.['Missed'] ?? []) as { Time: string; Reason: string }[];
  assert.equal(missed, Missed[0]);
  assert.is(missed?.Time, '2026-03-10T22:00:00Z');
  assert.match(missed?.Reason ?? '', 'StartingDeadline of 30m');
});

scenario('K10', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T21:00:00Z');
  await stage.jump('2026-03-11T02:00:00Z');
  assert.is(stage.runs().length, 1);
  assert.is(stage.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
});

staged('R16 the clock goes back: nothing runs twice, and what comes runs at its time', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily(), 'jobs/late.yaml': daily({ Time: '22:30:00' }) } });
  await stage.turn('2026-03-10T22:10:00Z');
  await stage.jump('2026-03-10T21:00:00Z');
  await stage.turn('2026-03-10T22:29:59Z');
  assert.is(stage.runs('nightly').length, 1);
  await stage.turn('2026-03-10T22:30:00Z');
  assert.equal(stage.runs('late'), ['late Schedule 2026-03-10T22:30:00Z@2026-03-10T22:30:00Z']);
});

scenario('K12', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily(), 'jobs/next.yaml': daily({ Time: '22:00:20' }) } });
  stage.bmcs.behave('machine-1', { takesMs: 30_000 });
  await stage.turn('2026-03-10T22:00:10Z');
  const stopped = stage.stop();
  await stage.turn('2026-03-10T22:00:30Z');
  await stopped;
  assert.is(stage.runs().length, 1, 'no new run');
  assert.is(stage.logs().length, 1);
  assert.is(stage.log(stage.logs()[0] ?? '').Status, 'success');
  assert.is(facts(stage, 'nightly')?.['Status'], 'Completed');
});

scenario('K13', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  stage.bmcs.behave('machine-1', { takesMs: 600_000 });
  await stage.turn('2026-03-10T22:00:10Z');
  const stopped = stage.stop();
  await stage.turn('2026-03-10T22:00:39Z');
  assert.is(stage.of('finished').length, 0);
  await stage.turn('2026-03-10T22:00:45Z');
  await stopped;
  const status = facts(stage, 'nightly');
  assert.is(status?.['Status'], 'Failed');
  assert.match(stage.log(stage.logs()[0] ?? '').Error ?? '', 'interrupted');
  await stage.start();
  await stage.turn('2026-03-11T12:00:00Z');
  assert.is(stage.runs().length, 1);
  assert.is(stage.status('nightly').ExecutionCount, 1);
});

scenario('K15', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  const refusal = await takeLock(stage.stateDir).then(
    () => new Error('taken twice'),
    (error: Error) => error,
  );
  assert.instance(refusal, LockHeld);
  await stage.turn('2026-03-10T22:01:00Z');
  assert.is(stage.runs().length, 1);
});

test.run();
