import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, once } from '../support/manifests.ts';
import { scenario, systemTest } from './scenario.ts';

scenario('R02', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await system.trigger('update', 'now');
  const first = system.status('update');
  assert.equal([first.Status, first.ExecutionCount, first.NextRunTime], ['Completed', 1, '2026-03-10T14:00:00Z']);
  await system.advance('2026-03-10T14:00:00Z');
  const second = system.status('update');
  assert.equal([second.ExecutionCount, second.NextRunTime], [2, null]);
  assert.equal(system.runs(), [
    'update Manual 2026-03-10T10:00:00Z@2026-03-10T10:00:00Z',
    'update Schedule 2026-03-10T14:00:00Z@2026-03-10T14:00:00Z',
  ]);
});

scenario('R05', async (create) => {
  const system = await create();
  const answer = system.service.controller.trigger('nope', 'r1');
  assert.equal(answer, { accepted: false, message: 'job not found: nope' });
  await system.settled();
  assert.equal(system.runs(), []);
});

scenario('R07', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.push({ 'jobs/nightly.yaml': daily({ more: { Trigger: 'r1' } }) });
  assert.is(system.runs().length, 1);
  await system.advance(60_000);
  await system.stop();
  await system.start();
  await system.advance(60_000);
  assert.is(system.runs().length, 1, 'with its journal');
  await system.stop();
  await system.removeState();
  await system.start();
  await system.advance(60_000);
  assert.is(system.runs().length, 1, 'with only the repository');
  assert.equal(system.service.controller.trigger('nightly', 'r1').accepted, false);
});

scenario('R08', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.push({ 'jobs/nightly.yaml': daily({ Time: '25:00:00' }) });
  const answer = system.service.controller.trigger('nightly', 'r1');
  assert.is(answer.accepted, true);
  assert.match(answer.message, 'last good version');
  assert.match(answer.message, 'Schedule.Time');
  await system.settled();
  assert.equal(system.bmcs.get('machine-1'), { Profile: 'PowerSaver' });
});

for (const first of ['trigger', 'clock'] as const) {
  scenario('R09', async (create) => {
    const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
    system.bmcs.behave('machine-1', { takesMs: 10_000 });
    await system.advance('2026-03-10T21:59:59Z');
    if (first === 'trigger') {
      system.clock.jump(new Date('2026-03-10T22:00:00Z'));
      await system.trigger('nightly', 'r1');
    } else {
      await system.advance('2026-03-10T22:00:00Z');
      await system.trigger('nightly', 'r1');
    }
    await system.advance('2026-03-10T22:02:00Z');
    assert.equal(system.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
    const { NextRunTime, ExecutionCount, LastTrigger } = system.status('nightly');
    assert.equal([NextRunTime, ExecutionCount], ['2026-03-11T22:00:00Z', 1]);
    assert.equal([LastTrigger?.Token, LastTrigger?.Outcome], ['r1', 'Accepted']);
    await system.trigger('nightly', 'r1');
    assert.is(system.runs().length, 1, 'a token is used once, ever');
  });
}

systemTest('R28 a trigger runs a suspended job, outside its Period, and moves nothing', async (create) => {
  const files = { 'jobs/a.yaml': daily({ Period: { EndDay: '2026-01-01' }, more: { Suspend: true } }) };
  const system = await create({ files });
  await system.trigger('a', 't1');
  const { Status, NextRunTime, ExecutionCount, Suspended } = system.status('a');
  assert.equal([Status, NextRunTime, ExecutionCount, Suspended], ['Completed', null, 1, true]);
});

systemTest(
  'R28 a job that arrives with a token runs at once, and a second token while it runs is refused',
  async (create) => {
    const system = await create();
    system.bmcs.behave('machine-1', { takesMs: 10_000 });
    await system.push({ 'jobs/a.yaml': daily({ more: { Trigger: 't1' } }) });
    assert.equal(system.runs(), ['a Manual 2026-03-10T10:00:00Z@2026-03-10T10:00:00Z']);
    await system.push({ 'jobs/a.yaml': daily({ more: { Trigger: 't2' } }) });
    await system.advance(60_000);
    assert.is(system.runs().length, 1);
    const { LastTrigger } = system.status('a');
    assert.equal([LastTrigger?.Token, LastTrigger?.Outcome], ['t2', 'Refused']);
    assert.match(LastTrigger?.Message ?? '', 'already running');
    assert.is(system.status('a').NextRunTime, '2026-03-10T22:00:00Z');
  },
);

systemTest('R28 when no worker frees up within 30 s: worker pool exhausted, and nothing changes', async (create) => {
  const files = {
    'bmcron.yaml': 'WorkerPoolSize: 1\n',
    'jobs/a.yaml': daily({ Time: '11:00:00' }),
    'jobs/b.yaml': daily(),
  };
  const system = await create({ files });
  system.bmcs.behave('machine-1', { takesMs: 3_600_000 });
  await system.advance('2026-03-10T11:00:00Z');
  await system.trigger('b', 't1');
  await system.advance(29_000);
  assert.equal(system.of('refused'), []);
  await system.advance(1_000);
  assert.is(system.of('refused')[0]?.reason, 'worker pool exhausted');
  await system.advance('2026-03-10T13:00:00Z');
  assert.is(system.runs('b').length, 0);
  const { NextRunTime, ExecutionCount, Status } = system.status('b');
  assert.equal([NextRunTime, ExecutionCount, Status], ['2026-03-10T22:00:00Z', 0, 'Pending']);
});

test.run();
