import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { daily, once } from '../support/manifests.ts';
import { scenario, systemTest } from './scenario.ts';

scenario('T01', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily({ Time: '22:00:30' }) } });
  await system.advance('2026-03-10T22:00:29.999Z');
  assert.equal(system.runs(), []);
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(system.runs(), ['nightly Schedule 2026-03-10T22:00:30Z@2026-03-10T22:00:30Z'], 'at its second (R16)');
});

scenario('T02', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T21:59:59.999Z');
  assert.equal(system.runs(), []);
  await system.advance('2026-03-10T22:00:00.000Z');
  assert.equal(system.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
});

for (const takesMs of [0, 500, 30_000]) {
  scenario('T04', async (create) => {
    const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
    system.bmcs.behave('machine-1', { takesMs });
    for (const time of ['22:00:00', '22:00:01', '22:01:00', '22:02:00']) {
      await system.advance(`2026-03-10T${time}Z`);
      system.service.runner.nudge();
      await system.settled();
    }
    assert.is(system.runs().length, 1);
    assert.is(system.status('nightly').ExecutionCount, 1);
  });
}

scenario('T05', async (create) => {
  const files = {
    'jobs/a.yaml': daily({ Time: '02:00:00', Machines: ['machine-1'] }),
    'jobs/b.yaml': daily({ Time: '01:00:00', Machines: ['machine-2'] }),
    'jobs/c.yaml': daily({ Time: '01:00:00', Machines: ['machine-3'] }),
  };
  const system = await create({ files });
  await system.stop();
  system.clock.advance(new Date('2026-03-11T03:00:00Z'));
  await system.start();
  assert.equal(
    system.of('started').map((each) => each.job),
    ['b', 'c', 'a'],
  );
});

scenario('T06', async (create) => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    const system = await create({
      files: { 'bmcron.yaml': 'TimeZone: Europe/Berlin\n', 'jobs/nightly.yaml': daily() },
    });
    assert.is(system.status('nightly').NextRunTime, '2026-03-10T21:00:00Z');
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

scenario('T07', async (create) => {
  const system = await create({
    now: '2026-03-09T10:00:00Z',
    files: { 'jobs/nightly.yaml': daily(), 'jobs/update.yaml': once() },
  });
  await system.advance('2026-03-10T10:00:00Z');
  const { ExecutionCount } = system.status('nightly');
  await system.push({ 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n' });
  assert.is(system.status('nightly').NextRunTime, '2026-03-10T13:00:00Z');
  assert.is(system.status('nightly').ExecutionCount, ExecutionCount);
  assert.is(system.status('update').NextRunTime, null);
  await system.advance('2026-03-11T10:00:00Z');
  assert.is(system.runs('update').length, 1);
});

systemTest('R11 the zone is changed while the service is down', async (create) => {
  const own = daily({ Schedule: { TimeZone: 'Europe/Berlin' } });
  const system = await create({ files: { 'jobs/nightly.yaml': daily(), 'jobs/own.yaml': own } });
  await system.stop();
  system.commit({ 'bmcron.yaml': 'TimeZone: Asia/Tokyo\n' });
  await system.start();
  assert.is(system.status('nightly').NextRunTime, '2026-03-10T13:00:00Z');
  assert.is(system.status('own').NextRunTime, '2026-03-10T21:00:00Z');
});

scenario('T08', async (create) => {
  const system = await create({ now: '2026-02-01T00:00:00Z' });
  await system.push({ 'jobs/nightly.yaml': daily({ Period: { StartDay: '2026-02-10' } }) });
  const { Status, NextRunTime } = system.status('nightly');
  assert.equal([Status, NextRunTime], ['Pending', '2026-02-10T22:00:00Z']);
  await system.advance('2026-02-10T21:59:59Z');
  assert.equal(system.runs(), []);
  await system.advance('2026-02-10T22:00:00Z');
  assert.is(system.runs().length, 1);
});

scenario('T09', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily({ Period: { EndDay: '2026-03-10' } }) } });
  await system.advance('2026-03-12T23:00:00Z');
  const { Status, NextRunTime } = system.status('nightly');
  assert.equal([Status, NextRunTime], ['Completed', null]);
  assert.is(system.runs().length, 1);
});

scenario('T10', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily({ Period: { EndDay: '2026-03-09' } }) } });
  assert.is(system.status('nightly').NextRunTime, null);
  await system.push({ 'jobs/nightly.yaml': daily({ Period: { EndDay: '2027-12-31' } }) });
  assert.is(system.status('nightly').NextRunTime, '2026-03-10T22:00:00Z');
});

scenario('T11', async (create) => {
  const system = await create();
  await system.push({ 'jobs/old.yaml': daily({ Period: { EndDay: '2025-12-31' } }) });
  await system.advance(60_000);
  const { Status, NextRunTime } = system.status('old');
  assert.equal([Status, NextRunTime], ['Pending', null]);
  const told = facts(system, 'old')?.['Conditions'] as { Type: string; Status: string; Message: string }[];
  const ready = told.find((each) => each.Type === 'Ready');
  assert.ok(ready);
  assert.is(ready.Status, 'False');
  assert.match(ready.Message, 'no further run');
});

scenario('F01', async (create) => {
  for (const value of ['0', '-1', '10001', '2.5', 'ten']) {
    const files = { 'bmcron.yaml': `WorkerPoolSize: ${value}\n`, 'jobs/nightly.yaml': daily() };
    const refusal = await create({ files }).then(
      () => new Error('accepted'),
      (error: Error) => error,
    );
    assert.is(refusal.name, 'SettingsRefused', value);
    assert.match(refusal.message, 'bmcron.yaml');
    assert.match(refusal.message, 'from 1 to 10000');
  }
});

scenario('F03', async (create) => {
  const system = await create({ files: { 'bmcron.yaml': 'WorkerPoolSize: 5\n', 'jobs/nightly.yaml': daily() } });
  await system.push({ 'bmcron.yaml': 'WorkerPoolSize: 0\n' });
  assert.is(system.service.inForce.settings.WorkerPoolSize, 5);
  assert.is(system.of('problem').at(-1)?.problem.file, 'bmcron.yaml');
  await system.advance('2026-03-10T22:01:00Z');
  assert.is(system.runs().length, 1);
});

test.run();
