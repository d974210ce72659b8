import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type TestSystem } from '../support/controller.ts';
import { daily, once, text } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

const BOTH = { Machines: ['machine-1', 'machine-2'] };
const TIMEOUT = 'transient: no answer within the machine’s Timeout';

/** The job of O06: both machines time out at 14:00. */
async function failed(system: TestSystem): Promise<void> {
  for (const machine of BOTH.Machines) system.bmcs.behave(machine, { takesMs: 60_000, error: TIMEOUT });
  await system.push({ 'jobs/update.yaml': once(BOTH) });
  await system.advance('2026-03-10T14:02:00Z');
}

scenario('O01', async (create, { manifest = {} }) => {
  const system = await create();
  for (const machine of BOTH.Machines) system.bmcs.behave(machine, { takesMs: 20_000 });
  await system.push({ 'jobs/update.yaml': text(manifest) });
  await system.advance(60_000);
  const seen = [facts(system, 'update')?.['Status']];
  await system.advance('2026-03-10T14:00:00Z');
  assert.is(system.status('update').Status, 'Running');
  await system.advance('2026-03-10T14:00:15Z');
  seen.push(facts(system, 'update')?.['Status']);
  await system.advance('2026-03-10T14:01:00Z');
  seen.push(facts(system, 'update')?.['Status']);
  assert.equal(seen, ['Pending', 'Running', 'Completed'], 'as published');
  const { NextRunTime, LastRunTime, ExecutionCount } = system.status('update');
  assert.equal([NextRunTime, LastRunTime, ExecutionCount], [null, '2026-03-10T14:00:00Z', 1]);
  const logs = system.logs().map((path) => system.log(path).Status);
  assert.equal(logs, ['success', 'success']);
});

scenario('O04', async (create) => {
  const system = await create({ now: '2026-03-10T15:00:00Z' });
  await system.push({ 'jobs/update.yaml': once() });
  assert.is(system.status('update').NextRunTime, '2026-03-11T14:00:00Z');
});

scenario('O05', async (create) => {
  const system = await create();
  const date = '2026-03-03T15:00:00Z';
  process.env['GIT_AUTHOR_DATE'] = date;
  system.git('-c', 'user.name=Ada', 'commit', '--quiet', '--allow-empty', '--date', date, '-m', 'last week');
  delete process.env['GIT_AUTHOR_DATE'];
  await system.push({ 'jobs/update.yaml': once() });
  const { NextRunTime, CreatedTime } = system.status('update');
  assert.equal([NextRunTime, CreatedTime], ['2026-03-10T14:00:00Z', '2026-03-10T10:00:00Z']);
});

scenario('O06', async (create) => {
  const system = await create();
  await failed(system);
  await system.advance('2026-03-12T00:00:00Z');
  const { Status, NextRunTime, ExecutionCount } = system.status('update');
  assert.equal([Status, NextRunTime, ExecutionCount], ['Failed', null, 1]);
  assert.is(system.runs().length, 1);
  assert.is(system.bmcs.carried.length, 2);
});

scenario('O07', async (create) => {
  const system = await create();
  await failed(system);
  for (const machine of BOTH.Machines) system.bmcs.behave(machine, {});
  await system.trigger('update', 'again');
  const { Status, NextRunTime, ExecutionCount } = system.status('update');
  assert.equal([Status, ExecutionCount, NextRunTime], ['Completed', 2, null]);
});

scenario('O08', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await system.advance('2026-03-10T13:50:00Z');
  await system.stop();
  await system.removeState();
  system.clock.advance(new Date('2026-03-10T14:20:00Z'));
  await system.start();
  await system.advance('2026-03-12T00:00:00Z');
  assert.equal(system.runs(), ['update CatchUp 2026-03-10T14:00:00Z@2026-03-10T14:20:00Z']);
  const { LastRunTime, NextRunTime } = system.status('update');
  assert.equal([LastRunTime, NextRunTime], ['2026-03-10T14:20:00Z', null]);
});

scenario('O09', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await system.push({ 'jobs/update.yaml': once({ Time: '16:00:00' }) });
  assert.is(system.status('update').NextRunTime, '2026-03-10T16:00:00Z');
  await system.advance('2026-03-10T16:00:00Z');
  assert.equal(system.runs(), ['update Schedule 2026-03-10T16:00:00Z@2026-03-10T16:00:00Z']);
});

scenario('C01', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T22:01:00Z');
  const { Status, NextRunTime, ExecutionCount } = system.status('nightly');
  assert.equal([Status, NextRunTime, ExecutionCount], ['Completed', '2026-03-11T22:00:00Z', 1]);
});

scenario('C02', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  system.bmcs.behave('machine-1', { error: 'transient: connection refused' });
  await system.advance('2026-03-11T10:00:00Z');
  const first = system.status('nightly');
  assert.equal([first.Status, first.NextRunTime, first.ExecutionCount], ['Failed', '2026-03-11T22:00:00Z', 1]);
  system.bmcs.behave('machine-1', {});
  await system.advance('2026-03-11T22:01:00Z');
  const second = system.status('nightly');
  assert.equal([second.Status, second.ExecutionCount], ['Completed', 2]);
  const logs = system.logs().map((path) => system.log(path).Status);
  assert.equal(logs, ['failed', 'success']);
  assert.is(system.bmcs.carried.length, 2, 'no retry in between');
});

scenario('C03', async (create) => {
  const weekdays = { DaysOfWeek: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] };
  const system = await create({
    now: '2026-03-09T07:00:00Z',
    files: { 'jobs/work.yaml': daily({ Time: '08:00:00', Period: weekdays }) },
  });
  system.bmcs.next('machine-1', { takesMs: 25 * 3_600_000 });
  await system.advance('2026-03-10T08:59:00Z');
  assert.is(system.runs().length, 1);
  await system.advance('2026-03-10T09:01:00Z');
  const { NextRunTime, ExecutionCount, Missed } = system.status('work');
  assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T08:00:00Z', 1]);
  assert.equal(
    Missed.map((each) => each.Time),
    ['2026-03-10T08:00:00Z'],
  );
});

scenario('C05', async (create) => {
  const system = await create();
  await system.push({ 'jobs/a.yaml': daily({ Time: '00:00:00', Period: { DaysOfMonth: '1,15' } }) });
  assert.is(system.status('a').NextRunTime, '2026-03-15T00:00:00Z');
  await system.advance('2026-03-14T23:59:59Z');
  assert.equal(system.runs(), []);
});

scenario('C07', async (create) => {
  const files = { 'bmcron.yaml': 'TimeZone: Europe/Berlin\n', 'jobs/a.yaml': daily({ Time: '02:30:00' }) };
  const system = await create({ now: '2026-10-24T12:00:00Z', files });
  await system.advance('2026-10-25T12:00:00Z');
  assert.equal(system.runs(), ['a Schedule 2026-10-25T00:30:00Z@2026-10-25T00:30:00Z']);
});

test.run();
