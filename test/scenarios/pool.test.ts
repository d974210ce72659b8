import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type TestSystem } from '../support/controller.ts';
import { daily, machines } from '../support/manifests.ts';
import { scenario, systemTest } from './scenario.ts';

const MINUTE = 60_000;

/** Jobs j01… due at once, each on a machine of its own that takes a minute. */
function crowd(count: number, size?: number): Readonly<Record<string, string>> {
  const jobs = Array.from({ length: count }, (_, index) => {
    const path = `jobs/j${String(index + 1).padStart(2, '0')}.yaml`;
    return [path, daily({ Time: '11:00:00', Machines: [`machine-${index + 1}`] })] as const;
  });
  const settings = size === undefined ? {} : { 'bmcron.yaml': `WorkerPoolSize: ${size}\n` };
  return { ...machines(count), ...Object.fromEntries(jobs), ...settings };
}

function busy(system: TestSystem, count: number, takesMs = MINUTE): void {
  for (let index = 1; index <= count; index += 1) system.bmcs.behave(`machine-${index}`, { takesMs });
}

const running = (system: TestSystem) => system.bmcs.carried.filter((each) => each.end === null).length;
const order = (system: TestSystem) => system.of('started').map((each) => each.job);

scenario('W02', async (create) => {
  const system = await create({ files: crowd(10, 3) });
  busy(system, 10);
  await system.advance('2026-03-10T11:00:00Z');
  assert.is(running(system), 3);
  await system.advance('2026-03-10T11:10:00Z');
  assert.is(system.bmcs.mostAtOnce, 3);
  assert.equal(order(system), [...order(system)].sort());
  assert.is(order(system).length, 10);
});

scenario('W03', async (create) => {
  const system = await create({ files: crowd(6) });
  busy(system, 6);
  await system.advance('2026-03-10T11:00:30Z');
  assert.is(running(system), 5);
  await system.advance('2026-03-10T11:01:00Z');
  assert.is(order(system).length, 6);
});

scenario('W04', async (create) => {
  const system = await create({ files: crowd(2, 1) });
  system.bmcs.behave('machine-1', { throws: 'the executor broke' });
  await system.advance('2026-03-10T11:01:00Z');
  assert.is(system.status('j01').Status, 'Failed');
  assert.match(system.status('j01').LastRun?.FailedMachines[0] ?? '', 'the executor broke');
  assert.is(system.status('j02').Status, 'Completed');
});

scenario('W06', async (create) => {
  const system = await create({ files: crowd(8, 3) });
  busy(system, 8);
  await system.advance('2026-03-10T11:00:10Z');
  await system.push({ 'bmcron.yaml': 'WorkerPoolSize: 1\n' });
  assert.is(running(system), 3, 'the three go on');
  await system.advance('2026-03-10T11:01:30Z');
  assert.is(running(system), 1);
  assert.is(system.of('finished').length, 3);
  await system.advance('2026-03-10T11:10:00Z');
  assert.is(order(system).length, 8);
  assert.ok(system.of('finished').every((each) => each.failed === 0));
});

systemTest('R25 growing the pool starts those that wait at once', async (create) => {
  const system = await create({ files: crowd(8, 1) });
  busy(system, 8);
  await system.advance('2026-03-10T11:00:10Z');
  assert.is(running(system), 1);
  await system.push({ 'bmcron.yaml': 'WorkerPoolSize: 6\n' });
  assert.is(running(system), 6, 'before the clock has moved');
});

systemTest('R26 at most MaxConnections machines at once, and an edit of it takes effect at once', async (create) => {
  const files = { ...crowd(6, 6), 'bmcron.yaml': 'WorkerPoolSize: 6\nMaxConnections: 2\n' };
  const system = await create({ files });
  busy(system, 6);
  await system.advance('2026-03-10T11:00:10Z');
  assert.is(running(system), 2);
  await system.push({ 'bmcron.yaml': 'WorkerPoolSize: 6\nMaxConnections: 4\n' });
  assert.is(running(system), 4);
  await system.advance('2026-03-10T11:10:00Z');
  assert.is(system.of('finished').length, 6);
});

systemTest('R26 two jobs on one machine take turns, and a job of many does not starve a job of one', async (create) => {
  const all = Array.from({ length: 20 }, (_, index) => `machine-${index + 1}`);
  const files = {
    ...machines(21),
    'bmcron.yaml': 'MaxConnections: 4\n',
    'jobs/big.yaml': daily({ Time: '11:00:00', Machines: all }),
    'jobs/same.yaml': daily({ Time: '11:00:00', Machines: ['machine-1'] }),
    'jobs/small.yaml': daily({ Time: '11:00:00', Machines: ['machine-21'] }),
  };
  const system = await create({ files });
  busy(system, 21);
  await system.advance('2026-03-10T11:20:00Z');
  const began = (job: string) => system.bmcs.carried.find((each) => each.part.job === job)?.start.toISOString();
  assert.is(began('small'), '2026-03-10T11:01:00.000Z', 'with the first place that is free');
  const onOne = system.bmcs.carried.filter((each) => each.part.machine.ID === 'machine-1');
  assert.is(onOne.length, 2);
  assert.ok((onOne[0]?.end ?? 0) <= (onOne[1]?.start ?? 0), 'one run at a time on a machine');
});

scenario('W08', async (create) => {
  const system = await create({ files: crowd(2, 1) });
  busy(system, 2, 10 * MINUTE);
  await system.advance('2026-03-10T11:01:00Z');
  await system.push({ 'jobs/j02.yaml': null });
  await system.advance('2026-03-12T00:00:00Z');
  assert.is(system.runs('j02').length, 0);
});

scenario('W09', async (create) => {
  const files = {
    'bmcron.yaml': 'WorkerPoolSize: 1\n',
    'jobs/a.yaml': daily({ Time: '02:00:00' }),
    'jobs/b.yaml': daily({ Time: '02:00:00', Machines: ['machine-2'] }),
  };
  const system = await create({ now: '2026-03-10T01:00:00Z', files });
  busy(system, 1, 10 * MINUTE);
  await system.advance('2026-03-10T02:01:00Z');
  await system.push({ 'jobs/b.yaml': daily({ Time: '05:00:00', Machines: ['machine-2'] }) });
  assert.is(system.status('b').NextRunTime, '2026-03-10T05:00:00Z');
  await system.advance('2026-03-10T04:59:59Z');
  assert.equal(system.runs('b'), []);
  await system.advance('2026-03-10T05:00:00Z');
  assert.is(system.runs('b').length, 1);
});

scenario('W10', async (create) => {
  const system = await create({ files: crowd(2, 1) });
  system.bmcs.next('machine-1', { takesMs: 25 * 60 * MINUTE });
  await system.advance('2026-03-11T12:01:00Z');
  assert.is(system.runs('j02').length, 1);
  const { NextRunTime, ExecutionCount } = system.status('j02');
  assert.equal([NextRunTime, ExecutionCount], ['2026-03-12T11:00:00Z', 1]);
});

scenario('S01', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance(MINUTE);
  const status = facts(system, 'nightly') ?? {};
  const keys = 'Id Name Machines Action Payload Schedule Status CreatedTime LastRunTime NextRunTime ExecutionCount';
  assert.equal(Object.keys(status).slice(0, 11), keys.split(' '));
  assert.equal([status['Status'], status['LastRunTime'], status['ExecutionCount']], ['Pending', null, 0]);
});

scenario('S02', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  system.bmcs.behave('machine-1', { takesMs: MINUTE });
  system.bmcs.next('machine-1', { takesMs: MINUTE, error: 'transient: down' });
  const seen = new Set<string>();
  for (let minute = 0; minute < 40 * 60; minute += 30) {
    await system.advance(30 * MINUTE);
    seen.add(system.status('nightly').Status);
    if (minute % 120 === 0) seen.add(String(facts(system, 'nightly')?.['Status']));
  }
  assert.equal([...seen].sort(), ['Completed', 'Failed', 'Pending', 'Running']);
});

scenario('S03', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  system.bmcs.behave('machine-1', { takesMs: 190_000 });
  await system.advance('2026-03-10T22:05:00Z');
  const { Status, LastRunTime, LastRun } = system.status('nightly');
  const times = ['Completed', '2026-03-10T22:00:00Z', '2026-03-10T22:03:10Z'];
  assert.equal([Status, LastRunTime, LastRun?.EndTime], times);
});

scenario('S05', async (create) => {
  const system = await create({ files: crowd(2, 1) });
  busy(system, 1, 3 * MINUTE);
  await system.advance('2026-03-10T11:05:00Z');
  assert.is(system.runs('j02').length, 1);
  assert.is(system.status('j02').ExecutionCount, 1);
});

scenario('S06', async (create) => {
  const files = { 'bmcron.yaml': 'TimeZone: Europe/Berlin\n', 'jobs/nightly.yaml': daily() };
  const system = await create({ now: '2026-03-10T10:00:00.789Z', files });
  await system.advance('2026-03-10T22:01:00Z');
  const status = facts(system, 'nightly') ?? {};
  for (const key of ['CreatedTime', 'LastRunTime', 'NextRunTime'])
    assert.match(String(status[key]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, key);
  assert.is(status['LastRunTime'], '2026-03-10T21:00:00Z');
});

test.run();
