import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type Stage } from '../support/controller.ts';
import { daily, once, text } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

const BOTH = { Machines: ['machine-1', 'machine-2'] };
const TIMEOUT = 'transient: no answer within the machine’s Timeout';

/** The job of O06: both machines time out at 14:00. */
async function failed(stage: Stage): Promise<void> {
  for (const machine of BOTH.Machines) stage.bmcs.behave(machine, { takesMs: 60_000, error: TIMEOUT });
  await stage.push({ 'jobs/update.yaml': once(BOTH) });
  await stage.turn('2026-03-10T14:02:00Z');
}

scenario('O01', async (set, { manifest = {} }) => {
  const stage = await set();
  for (const machine of BOTH.Machines) stage.bmcs.behave(machine, { takesMs: 20_000 });
  await stage.push({ 'jobs/update.yaml': text(manifest) });
  await stage.turn(60_000);
  const seen = [facts(stage, 'update')?.['Status']];
  await stage.turn('2026-03-10T14:00:00Z');
  assert.is(stage.status('update').Status, 'Running');
  await stage.turn('2026-03-10T14:00:15Z');
  seen.push(facts(stage, 'update')?.['Status']);
  await stage.turn('2026-03-10T14:01:00Z');
  seen.push(facts(stage, 'update')?.['Status']);
  assert.equal(seen, ['Pending', 'Running', 'Completed'], 'as published');
  const { NextRunTime, LastRunTime, ExecutionCount } = stage.status('update');
  assert.equal([NextRunTime, LastRunTime, ExecutionCount], [null, '2026-03-10T14:00:00Z', 1]);
  const logs = stage.logs().map((path) => stage.log(path).Status);
  assert.equal(logs, ['success', 'success']);
});

scenario('O04', async (set) => {
  const stage = await set({ now: '2026-03-10T15:00:00Z' });
  await stage.push({ 'jobs/update.yaml': once() });
  assert.is(stage.status('update').NextRunTime, '2026-03-11T14:00:00Z');
});

scenario('O05', async (set) => {
  const stage = await set();
  const date = '2026-03-03T15:00:00Z';
  process.env['GIT_AUTHOR_DATE'] = date;
  stage.git('-c', 'user.name=Ada', 'commit', '--quiet', '--allow-empty', '--date', date, '-m', 'last week');
  delete process.env['GIT_AUTHOR_DATE'];
  await stage.push({ 'jobs/update.yaml': once() });
  const { NextRunTime, CreatedTime } = stage.status('update');
  assert.equal([NextRunTime, CreatedTime], ['2026-03-10T14:00:00Z', '2026-03-10T10:00:00Z']);
});

scenario('O06', async (set) => {
  const stage = await set();
  await failed(stage);
  await stage.turn('2026-03-12T00:00:00Z');
  const { Status, NextRunTime, ExecutionCount } = stage.status('update');
  assert.equal([Status, NextRunTime, ExecutionCount], ['Failed', null, 1]);
  assert.is(stage.runs().length, 1);
  assert.is(stage.bmcs.carried.length, 2);
});

scenario('O07', async (set) => {
  const stage = await set();
  await failed(stage);
  for (const machine of BOTH.Machines) stage.bmcs.behave(machine, {});
  await stage.trigger('update', 'again');
  const { Status, NextRunTime, ExecutionCount } = stage.status('update');
  assert.equal([Status, ExecutionCount, NextRunTime], ['Completed', 2, null]);
});

scenario('O08', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await stage.turn('2026-03-10T13:50:00Z');
  await stage.stop();
  await stage.forget();
  stage.clock.pass(new Date('2026-03-10T14:20:00Z'));
  await stage.start();
  await stage.turn('2026-03-12T00:00:00Z');
  assert.equal(stage.runs(), ['update CatchUp 2026-03-10T14:00:00Z@2026-03-10T14:20:00Z']);
  const { LastRunTime, NextRunTime } = stage.status('update');
  assert.equal([LastRunTime, NextRunTime], ['2026-03-10T14:20:00Z', null]);
});

scenario('O09', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await stage.push({ 'jobs/update.yaml': once({ Time: '16:00:00' }) });
  assert.is(stage.status('update').NextRunTime, '2026-03-10T16:00:00Z');
  await stage.turn('2026-03-10T16:00:00Z');
  assert.equal(stage.runs(), ['update Schedule 2026-03-10T16:00:00Z@2026-03-10T16:00:00Z']);
});

scenario('C01', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T22:01:00Z');
  const { Status, NextRunTime, ExecutionCount } = stage.status('nightly');
  assert.equal([Status, NextRunTime, ExecutionCount], ['Completed', '2026-03-11T22:00:00Z', 1]);
});

scenario('C02', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  stage.bmcs.behave('machine-1', { error: 'transient: connection refused' });
  await stage.turn('2026-03-11T10:00:00Z');
  const first = stage.status('nightly');
  assert.equal([first.Status, first.NextRunTime, first.ExecutionCount], ['Failed', '2026-03-11T22:00:00Z', 1]);
  stage.bmcs.behave('machine-1', {});
  await stage.turn('2026-03-11T22:01:00Z');
  const second = stage.status('nightly');
  assert.equal([second.Status, second.ExecutionCount], ['Completed', 2]);
  const logs = stage.logs().map((path) => stage.log(path).Status);
  assert.equal(logs, ['failed', 'success']);
  assert.is(stage.bmcs.carried.length, 2, 'no retry in between');
});

scenario('C03', async (set) => {
  const weekdays = { DaysOfWeek: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] };
  const stage = await set({
    now: '2026-03-09T07:00:00Z',
    files: { 'jobs/work.yaml': daily({ Time: '08:00:00', Period: weekdays }) },
  });
  stage.bmcs.next('machine-1', { takesMs: 25 * 3_600_000 });
  await stage.turn('2026-03-10T08:59:00Z');
  assert.is(stage.runs().length, 1);
  await stage.turn('2026-03-10T09:01:00Z');
  const { NextRunTime, ExecutionCount, Missed } = stage.status('work');
  assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T08:00:00Z', 1]);
  assert.equal(
    Missed.map((each) => each.Time),
    ['2026-03-10T08:00:00Z'],
  );
});

scenario('C05', async (set) => {
  const stage = await set();
  await stage.push({ 'jobs/a.yaml': daily({ Time: '00:00:00', Period: { DaysOfMonth: '1,15' } }) });
  assert.is(stage.status('a').NextRunTime, '2026-03-15T00:00:00Z');
  await stage.turn('2026-03-14T23:59:59Z');
  assert.equal(stage.runs(), []);
});

scenario('C07', async (set) => {
  const files = { 'bmcron.yaml': 'TimeZone: Europe/Berlin\n', 'jobs/a.yaml': daily({ Time: '02:30:00' }) };
  const stage = await set({ now: '2026-10-24T12:00:00Z', files });
  await stage.turn('2026-10-25T12:00:00Z');
  assert.equal(stage.runs(), ['a Schedule 2026-10-25T00:30:00Z@2026-10-25T00:30:00Z']);
});

test.run();
