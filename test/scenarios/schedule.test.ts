import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { daily, once } from '../support/manifests.ts';
import { scenario, staged } from './scenario.ts';

scenario('T01', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily({ Time: '22:00:30' }) } });
  await stage.turn('2026-03-10T22:00:29.999Z');
  assert.equal(stage.runs(), []);
  await stage.turn('2026-03-10T22:01:00Z');
  assert.equal(stage.runs(), ['nightly Schedule 2026-03-10T22:00:30Z@2026-03-10T22:00:30Z'], 'at its second (R16)');
});

scenario('T02', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T21:59:59.999Z');
  assert.equal(stage.runs(), []);
  await stage.turn('2026-03-10T22:00:00.000Z');
  assert.equal(stage.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
});

for (const takesMs of [0, 500, 30_000]) {
  scenario('T04', async (set) => {
    const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
    stage.bmcs.behave('machine-1', { takesMs });
    for (const time of ['22:00:00', '22:00:01', '22:01:00', '22:02:00']) {
      await stage.turn(`2026-03-10T${time}Z`);
      stage.service.runner.nudge();
      await stage.settled();
    }
    assert.is(stage.runs().length, 1);
    assert.is(stage.status('nightly').ExecutionCount, 1);
  });
}

scenario('T05', async (set) => {
  const files = {
    'jobs/a.yaml': daily({ Time: '02:00:00' }),
    'jobs/b.yaml': daily({ Time: '01:00:00' }),
    'jobs/c.yaml': daily({ Time: '01:00:00' }),
  };
  const stage = await set({ files });
  await stage.stop();
  stage.clock.pass(new Date('2026-03-11T03:00:00Z'));
  await stage.start();
  assert.equal(
    stage.of('started').map((each) => each.job),
    ['b', 'c', 'a'],
  );
});

scenario('T06', async (set) => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    const stage = await set({ files: { 'bmcron.yaml': 'TimeZone: Europe/Berlin\n', 'jobs/nightly.yaml': daily() } });
    assert.is(stage.status('nightly').NextRunTime, '2026-03-10T21:00:00Z');
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

scenario('T07', async (set) => {
  const stage = await set({
    now: '2026-03-09T10:00:00Z',
    files: { 'jobs/nightly.yaml': daily(), 'jobs/update.yaml': once() },
  });
  await stage.turn('2026-03-10T10:00:00Z');
  const { ExecutionCount } = stage.status('nightly');
  await stage.push({ 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n' });
  assert.is(stage.status('nightly').NextRunTime, '2026-03-10T13:00:00Z');
  assert.is(stage.status('nightly').ExecutionCount, ExecutionCount);
  assert.is(stage.status('update').NextRunTime, null);
  await stage.turn('2026-03-11T10:00:00Z');
  assert.is(stage.runs('update').length, 1);
});

staged('R11 the zone is changed while the service is down', async (set) => {
  const own = daily({ Schedule: { TimeZone: 'Europe/Berlin' } });
  const stage = await set({ files: { 'jobs/nightly.yaml': daily(), 'jobs/own.yaml': own } });
  await stage.stop();
  stage.commit({ 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n' });
  await stage.start();
  assert.is(stage.status('nightly').NextRunTime, '2026-03-10T13:00:00Z');
  assert.is(stage.status('own').NextRunTime, '2026-03-10T21:00:00Z');
});

scenario('T08', async (set) => {
  const stage = await set({ now: '2026-02-01T00:00:00Z' });
  await stage.push({ 'jobs/nightly.yaml': daily({ Period: { StartDay: '2026-02-10' } }) });
  const { Status, NextRunTime } = stage.status('nightly');
  assert.equal([Status, NextRunTime], ['Pending', '2026-02-10T22:00:00Z']);
  await stage.turn('2026-02-10T21:59:59Z');
  assert.equal(stage.runs(), []);
  await stage.turn('2026-02-10T22:00:00Z');
  assert.is(stage.runs().length, 1);
});

scenario('T09', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily({ Period: { EndDay: '2026-03-10' } }) } });
  await stage.turn('2026-03-12T23:00:00Z');
  const { Status, NextRunTime } = stage.status('nightly');
  assert.equal([Status, NextRunTime], ['Completed', null]);
  assert.is(stage.runs().length, 1);
});

scenario('T10', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily({ Period: { EndDay: '2026-03-09' } }) } });
  assert.is(stage.status('nightly').NextRunTime, null);
  await stage.push({ 'jobs/nightly.yaml': daily({ Period: { EndDay: '2027-12-31' } }) });
  assert.is(stage.status('nightly').NextRunTime, '2026-03-10T22:00:00Z');
});

scenario('T11', async (set) => {
  const stage = await set();
  await stage.push({ 'jobs/old.yaml': daily({ Period: { EndDay: '2025-12-31' } }) });
  await stage.turn(60_000);
  const { Status, NextRunTime } = stage.status('old');
  assert.equal([Status, NextRunTime], ['Pending', null]);
  const told = facts(stage, 'old')?.['Conditions'] as { Type: string; Status: string; Message: string }[];
  const ready = told.find((each) => each.Type === 'Ready');
  assert.ok(ready);
  assert.is(ready.Status, 'False');
  assert.match(ready.Message, 'no further run');
});

scenario('F01', async (set) => {
  for (const value of ['0', '-1', '10001', '2.5', 'ten']) {
    const files = { 'bmcron.yaml': `WorkerPoolSize: ${value}\n`, 'jobs/nightly.yaml': daily() };
    const refusal = await set({ files }).then(
      () => new Error('accepted'),
      (error: Error) => error,
    );
    assert.is(refusal.name, 'SettingsRefused', value);
    assert.match(refusal.message, 'bmcron.yaml');
    assert.match(refusal.message, 'from 1 to 10000');
  }
});

scenario('F03', async (set) => {
  const stage = await set({ files: { 'bmcron.yaml': 'WorkerPoolSize: 5\n', 'jobs/nightly.yaml': daily() } });
  await stage.push({ 'bmcron.yaml': 'WorkerPoolSize: 0\n' });
  assert.is(stage.service.inForce.settings.WorkerPoolSize, 5);
  assert.is(stage.of('problem').at(-1)?.problem.file, 'bmcron.yaml');
  await stage.turn('2026-03-10T22:01:00Z');
  assert.is(stage.runs().length, 1);
});

test.run();
