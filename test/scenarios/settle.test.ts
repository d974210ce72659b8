import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TestSystem } from '../support/controller.ts';
import { daily, machines } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

const MINUTE = 60_000;
/** What is sent at 11:00:00 is looked at once more at 11:10:00. */
const SETTLES = 10 * MINUTE;
const [SETTLING, SETTLED] = ['2026-03-10T11:05:00Z', '2026-03-10T11:10:00Z'];

const at = (Time: string, ...Machines: string[]) => daily({ Time, Machines });
const talking = (system: TestSystem) => system.bmcs.carried.filter((each) => each.end === null && !each.settles);
const settling = (system: TestSystem) => system.bmcs.carried.filter((each) => each.settles);
const ended = (system: TestSystem) => system.of('finished').map(({ job }) => job);

/** Jobs j01… due at once, each on a machine of its own, whose values settle for ten minutes. */
function crowd(count: number): Readonly<Record<string, string>> {
  const jobs = Array.from({ length: count }, (_, index) => {
    return [`jobs/j${String(index + 1).padStart(2, '0')}.yaml`, at('11:00:00', `machine-${index + 1}`)] as const;
  });
  return { ...machines(count), ...Object.fromEntries(jobs) };
}

function slow(system: TestSystem, count: number, takesMs = 0): void {
  for (let index = 1; index <= count; index += 1)
    system.bmcs.behave(`machine-${index}`, { takesMs, settlesMs: SETTLES });
}

systemTest(
  '#15.1 R25 twelve jobs at one second, five workers: all begin at once, all end when they have settled',
  async (create) => {
    const system = await create({ files: crowd(12) });
    slow(system, 12);
    await system.advance('2026-03-10T11:00:01Z');
    assert.is(settling(system).length, 12);
    assert.equal([system.service.runner.running, system.service.runner.waiting], [0, 12]);
    assert.equal([system.service.connections.active, system.service.connections.away], [0, 12]);
    assert.is(system.status('j12').Status, 'Running');
    await system.advance(SETTLED);
    assert.is(ended(system).length, 12);
    assert.equal([system.service.runner.running, system.service.runner.waiting], [0, 0]);
    assert.equal([system.service.connections.active, system.service.connections.away], [0, 0]);
    for (const job of ['j01', 'j12']) assert.is(system.status(job).LastRun?.EndTime, SETTLED);
  },
);

systemTest(
  '#15.1 R26 one job on nine machines, two connections: it never waits for what only settles',
  async (create) => {
    const names = Array.from({ length: 9 }, (_, index) => `machine-${index + 1}`);
    const files = { ...machines(9), 'bmcron.yaml': 'MaxConnections: 2\n', 'jobs/a.yaml': at('11:00:00', ...names) };
    const system = await create({ files });
    slow(system, 9, 1_000);
    await system.advance('2026-03-10T11:00:02.500Z');
    assert.equal([talking(system).length, settling(system).length], [2, 4]);
    assert.equal(
      [system.service.runner.running, system.service.runner.waiting],
      [1, 0],
      'it still has something to do',
    );
    await system.advance('2026-03-10T11:00:05Z');
    assert.is(settling(system).length, 9, 'after five times two');
    assert.equal([system.service.runner.running, system.service.runner.waiting], [0, 1]);
    await system.advance('2026-03-10T11:10:05Z');
    assert.equal(ended(system), ['a']);
    assert.is(system.bmcs.mostAtOnce, 2);
  },
);

systemTest('#15.1 R25 a second look goes ahead of what is new, in order of its time', async (create) => {
  const files = {
    ...crowd(4),
    'bmcron.yaml': 'WorkerPoolSize: 1\n',
    'jobs/j03.yaml': at('11:09:30', 'machine-3'),
    'jobs/j04.yaml': at('11:09:31', 'machine-4'),
  };
  const system = await create({ files });
  slow(system, 2);
  for (const machine of ['machine-3', 'machine-4']) system.bmcs.behave(machine, { takesMs: MINUTE });
  await system.advance(SETTLED);
  assert.equal(
    talking(system).map(({ part }) => part.job),
    ['j03'],
    'it has the only worker',
  );
  assert.equal([system.service.runner.running, system.service.runner.waiting], [1, 2]);
  await system.advance('2026-03-10T11:10:30Z');
  const looks = system.bmcs.carried.slice(0, 2).map((each) => each.secondLook?.toISOString());
  assert.equal(looks, ['2026-03-10T11:10:30.000Z', '2026-03-10T11:10:30.000Z']);
  assert.equal(ended(system), ['j03', 'j01', 'j02']);
  const next = system.bmcs.carried.find(({ part }) => part.job === 'j04');
  assert.is(next?.start.toISOString(), '2026-03-10T11:10:30.000Z');
});

systemTest(
  '#15.1 R26 a second run on a machine that settles: it takes its turn, and nobody waits for ever',
  async (create) => {
    const files = {
      ...machines(2),
      'bmcron.yaml': 'WorkerPoolSize: 1\nMaxConnections: 1\n',
      'jobs/a.yaml': at('11:00:00', 'machine-1'),
      'jobs/b.yaml': at('11:01:00', 'machine-1'),
      'jobs/c.yaml': at('11:02:00', 'machine-2'),
    };
    const system = await create({ files });
    slow(system, 2);
    await system.advance(SETTLING);
    assert.equal(
      system.bmcs.carried.map(({ part }) => part.job),
      ['a'],
      'b has to wait for a, and c for the worker of b',
    );
    assert.is(system.status('b').Status, 'Running');
    assert.is(system.status('c').Status, 'Pending', 'what has not begun can still be edited');
    await system.push({ 'jobs/c.yaml': null });
    await system.advance(SETTLED);
    assert.equal(ended(system), ['a']);
    await system.advance('2026-03-10T11:20:00Z');
    assert.equal(ended(system), ['a', 'b']);
    const [a, b] = system.bmcs.carried;
    assert.ok(a?.end && b && a.end <= b.start, 'R26');
  },
);

systemTest('#15.1 R20 edited, suspended or deleted while it settles: what began goes on to its end', async (create) => {
  const system = await create({ files: crowd(4) });
  slow(system, 4);
  await system.advance(SETTLING);
  await system.push({
    'jobs/j01.yaml': at('15:00:00', 'machine-1'),
    'jobs/j02.yaml': daily({ Time: '11:00:00', Machines: ['machine-2'], more: { Suspend: true } }),
    'jobs/j03.yaml': null,
  });
  await system.trigger('j04', 'again');
  assert.is(system.runs('j04').length, 1, 'R28 it runs already');
  assert.is(settling(system).length, 4);
  await system.advance('2026-03-10T11:12:00Z');
  assert.equal([...ended(system)].sort(), ['j01', 'j02', 'j03', 'j04']);
  assert.equal([system.status('j01').Status, system.status('j01').NextRunTime], ['Completed', '2026-03-10T15:00:00Z']);
  assert.equal([system.status('j02').Status, system.status('j02').Suspended], ['Completed', true]);
  assert.is(system.logs().filter((path) => path.includes('j03_machine-3')).length, 1, 'its log stays');
  await system.advance('2026-03-11T10:00:00Z');
  assert.equal([system.runs('j01').length, system.runs('j02').length, system.runs('j03').length], [2, 1, 1]);
});

systemTest('#15.1 R30 a stop while parts settle: they may be looked at once more', async (create) => {
  const system = await create({ files: { ...crowd(12), 'bmcron.yaml': 'ShutdownTimeout: 15m\n' } });
  slow(system, 12);
  await system.advance(SETTLING);
  const stopped = system.stop();
  await system.advance('2026-03-10T11:10:10Z');
  await stopped;
  assert.is(system.of('stopping')[0]?.running, 12);
  assert.equal(
    system.of('finished').map(({ failed }) => failed),
    Array.from({ length: 12 }, () => 0),
  );
});

systemTest(
  '#15.1 #15.3 R30 a stop that cannot wait so long: interrupted, and the log tells Old and New',
  async (create) => {
    const system = await create({ files: { ...crowd(12), 'bmcron.yaml': 'ShutdownTimeout: 10s\n' } });
    slow(system, 12);
    await system.advance(SETTLING);
    const stopped = system.stop();
    await system.advance('2026-03-10T11:05:30Z');
    await stopped;
    assert.is(system.of('finished').filter(({ failed }) => failed === 1).length, 12);
    const logs = system.logs().map((path) => system.log(path));
    assert.is(logs.length, 12);
    for (const log of logs) {
      assert.match(log.Error ?? '', 'interrupted (transient: read back, not confirmed');
      assert.match(JSON.stringify(log.Result), /"Old\w+":null,"New\w+":"/);
    }
  },
);

systemTest(
  '#15.3 R24 a crash while parts settle: the log tells Old and New, and that it is not confirmed',
  async (create) => {
    const system = await create({ files: { ...machines(2), 'jobs/a.yaml': at('11:00:00', 'machine-1', 'machine-2') } });
    system.bmcs.behave('machine-1', { settlesMs: SETTLES });
    system.bmcs.behave('machine-2', { takesMs: SETTLES });
    await system.advance(SETTLING);
    await system.crash();
    await system.start();
    await system.advance('2026-03-10T12:00:00Z');
    const logs = system.logs().map((path) => system.log(path));
    const [first, second] = ['machine-1', 'machine-2'].map((id) => logs.find(({ MachineID }) => MachineID === id));
    assert.is(logs.length, 2);
    assert.match(first?.Error ?? '', 'interrupted (transient: read back, not confirmed');
    assert.match(JSON.stringify(first?.Result), /"Old\w+":null,"New\w+":"/);
    assert.equal([second?.Result, second?.Error?.includes('read back')], [null, false]);
    const { Status, ExecutionCount, LastRun } = system.status('a');
    assert.equal([Status, ExecutionCount, LastRun?.Failed], ['Failed', 1, 2]);
    assert.is(system.runs('a').length, 1, 'not repeated');
  },
);

systemTest('#15.3 R32 what was read back is no commit of its own', async (create) => {
  const system = await create({ files: crowd(1) });
  await system.advance('2026-03-10T10:59:00Z');
  slow(system, 1);
  const before = system.subjects().length;
  await system.advance('2026-03-10T11:00:04Z');
  assert.is(settling(system).length, 1);
  assert.is(system.subjects().length, before);
});

test.run();
