import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, once } from '../support/manifests.ts';
import { scenario, staged } from './scenario.ts';

scenario('R02', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await stage.trigger('update', 'now');
  const first = stage.status('update');
  assert.equal([first.Status, first.ExecutionCount, first.NextRunTime], ['Completed', 1, '2026-03-10T14:00:00Z']);
  await stage.turn('2026-03-10T14:00:00Z');
  const second = stage.status('update');
  assert.equal([second.ExecutionCount, second.NextRunTime], [2, null]);
  assert.equal(stage.runs(), [
    'update Manual 2026-03-10T10:00:00Z@2026-03-10T10:00:00Z',
    'update Schedule 2026-03-10T14:00:00Z@2026-03-10T14:00:00Z',
  ]);
});

scenario('R05', async (set) => {
  const stage = await set();
  const answer = stage.service.controller.trigger('nope', 'r1');
  assert.equal(answer, { accepted: false, message: 'job not found: nope' });
  await stage.settled();
  assert.equal(stage.runs(), []);
});

scenario('R07', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.push({ 'jobs/nightly.yaml': daily({ more: { Trigger: 'r1' } }) });
  assert.is(stage.runs().length, 1);
  await stage.turn(60_000);
  await stage.stop();
  await stage.start();
  await stage.turn(60_000);
  assert.is(stage.runs().length, 1, 'with its journal');
  await stage.stop();
  await stage.forget();
  await stage.start();
  await stage.turn(60_000);
  assert.is(stage.runs().length, 1, 'with only the repository');
  assert.equal(stage.service.controller.trigger('nightly', 'r1').accepted, false);
});

scenario('R08', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.push({ 'jobs/nightly.yaml': daily({ Time: '25:00:00' }) });
  const answer = stage.service.controller.trigger('nightly', 'r1');
  assert.is(answer.accepted, true);
  assert.match(answer.message, 'last good version');
  assert.match(answer.message, 'Schedule.Time');
  await stage.settled();
  assert.equal(stage.bmcs.get('machine-1'), { Profile: 'PowerSaver' });
});

for (const first of ['trigger', 'clock'] as const) {
  scenario('R09', async (set) => {
    const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
    stage.bmcs.behave('machine-1', { takesMs: 10_000 });
    await stage.turn('2026-03-10T21:59:59Z');
    if (first === 'trigger') {
      stage.clock.jump(new Date('2026-03-10T22:00:00Z'));
      await stage.trigger('nightly', 'r1');
    } else {
      await stage.turn('2026-03-10T22:00:00Z');
      await stage.trigger('nightly', 'r1');
    }
    await stage.turn('2026-03-10T22:02:00Z');
    assert.equal(stage.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
    const { NextRunTime, ExecutionCount, LastTrigger } = stage.status('nightly');
    assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T22:00:00Z', 1]);
    assert.equal([LastTrigger?.Token, LastTrigger?.Outcome], ['r1', 'Accepted']);
    await stage.trigger('nightly', 'r1');
    assert.is(stage.runs().length, 1, 'a token is used once, ever');
  });
}

staged('R28 a trigger runs a suspended job, outside its Period, and moves nothing', async (set) => {
  const files = { 'jobs/a.yaml': daily({ Period: { EndDay: '2026-01-01' }, more: { Suspend: true } }) };
  const stage = await set({ files });
  await stage.trigger('a', 't1');
  const { Status, NextRunTime, ExecutionCount, Suspended } = stage.status('a');
  assert.equal([Status, NextRunTime, ExecutionCount, Suspended], ['Completed', null, 1, true]);
});

staged('R28 a job that arrives with a token runs at once, and a second token while it runs is refused', async (set) => {
  const stage = await set();
  stage.bmcs.behave('machine-1', { takesMs: 10_000 });
  await stage.push({ 'jobs/a.yaml': daily({ more: { Trigger: 't1' } }) });
  assert.equal(stage.runs(), ['a Manual 2026-03-10T10:00:00Z@2026-03-10T10:00:00Z']);
  await stage.push({ 'jobs/a.yaml': daily({ more: { Trigger: 't2' } }) });
  await stage.turn(60_000);
  assert.is(stage.runs().length, 1);
  const { LastTrigger } = stage.status('a');
  assert.equal([LastTrigger?.Token, LastTrigger?.Outcome], ['t2', 'Refused']);
  assert.match(LastTrigger?.Message ?? '', 'already running');
  assert.is(stage.status('a').NextRunTime, '2026-03-10T22:00:00Z');
});

staged('R28 when no worker frees up within 30 s: worker pool exhausted, and nothing changes', async (set) => {
  const files = {
    'bmcron.yaml': 'WorkerPoolSize: 1\n',
    'jobs/a.yaml': daily({ Time: '11:00:00' }),
    'jobs/b.yaml': daily(),
  };
  const stage = await set({ files });
  stage.bmcs.behave('machine-1', { takesMs: 3_600_000 });
  await stage.turn('2026-03-10T11:00:00Z');
  await stage.trigger('b', 't1');
  await stage.turn(29_000);
  assert.equal(stage.of('refused'), []);
  await stage.turn(1_000);
  assert.is(stage.of('refused')[0]?.reason, 'worker pool exhausted');
  await stage.turn('2026-03-10T13:00:00Z');
  assert.is(stage.runs('b').length, 0);
  const { NextRunTime, ExecutionCount, Status } = stage.status('b');
  assert.equal([NextRunTime, ExecutionCount, Status], ['2026-03-10T22:00:00Z', 0, 'Pending']);
});

test.run();
