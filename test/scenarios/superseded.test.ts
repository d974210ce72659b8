// R22: a service that was away makes up for the last of what writes one field, and says what it left out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { daily, machines } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

const night = { Name: 'Night', Profile: 'PowerSaver', Time: '22:00:00' };
const day = { Name: 'Day', Profile: 'Performance', Time: '07:00:00' };

systemTest('R22 down from the evening until the morning: night is not replayed', async (create) => {
  const files = { 'jobs/night.yaml': daily(night), 'jobs/day.yaml': daily(day) };
  const system = await create({ files });
  await system.advance('2026-03-10T21:00:00Z');
  await system.stop();
  system.clock.jump(new Date('2026-03-11T09:00:00Z'));
  await system.start();
  await system.advance('2026-03-11T09:05:00Z');
  assert.equal(system.runs(), ['day CatchUp 2026-03-11T07:00:00Z@2026-03-11T09:00:00Z']);
  assert.equal(system.status('night').Missed[0], { Time: '2026-03-10T22:00:00Z', Reason: 'Superseded by day' });
  assert.is(system.status('night').NextRunTime, '2026-03-11T22:00:00Z');
  assert.equal(
    system.of('missed').map(({ job, cause }) => `${job} ${cause}`),
    ['night Superseded'],
  );
});

systemTest('R22 where only some machines overlap, the others are made up for', async (create) => {
  const files = {
    ...machines(3),
    'jobs/night.yaml': daily({ ...night, Machines: ['machine-1', 'machine-2'] }),
    'jobs/day.yaml': daily({ ...day, Machines: ['machine-2', 'machine-3'] }),
  };
  const system = await create({ files });
  await system.advance('2026-03-10T21:00:00Z');
  await system.stop();
  system.clock.jump(new Date('2026-03-11T09:00:00Z'));
  await system.start();
  await system.advance('2026-03-11T09:05:00Z');
  const { LastRun, Status } = system.status('night');
  assert.is(Status, 'Completed');
  assert.equal([LastRun?.Succeeded, LastRun?.Skipped], [1, 1]);
  assert.equal(LastRun?.SkippedMachines, ['machine-2: Superseded by day']);
  assert.equal(system.bmcs.carried.map(({ part }) => `${part.job} ${part.machine.ID}`).sort(), [
    'day machine-2',
    'day machine-3',
    'night machine-1',
  ]);
});

systemTest(
  'R22 the last one is too late for its deadline: what came before it is not replayed either',
  async (create) => {
    const files = {
      'jobs/night.yaml': daily(night),
      'jobs/day.yaml': daily({ ...day, Schedule: { StartingDeadline: '15m' } }),
    };
    const system = await create({ files });
    await system.advance('2026-03-10T21:00:00Z');
    await system.stop();
    system.clock.jump(new Date('2026-03-11T09:00:00Z'));
    await system.start();
    await system.advance('2026-03-11T09:05:00Z');
    assert.equal(system.runs(), []);
    assert.is(system.status('night').Missed[0]?.Reason, 'Superseded by day');
    assert.match(system.status('day').Missed[0]?.Reason ?? '', /StartingDeadline of 15m/);
  },
);

systemTest(
  'R22 a crash after the last has begun: what it superseded is not replayed after the restart',
  async (create) => {
    const files = { 'jobs/night.yaml': daily(night), 'jobs/day.yaml': daily(day) };
    const system = await create({ files });
    await system.advance('2026-03-10T21:00:00Z');
    await system.stop();
    system.clock.jump(new Date('2026-03-11T09:00:00Z'));
    system.bmcs.behave('machine-1', { takesMs: 60_000 });
    await system.start();
    await system.advance('2026-03-11T09:00:10Z');
    await system.crash();
    await system.start();
    await system.advance('2026-03-11T09:05:00Z');
    assert.equal([...new Set(system.runs())], ['day CatchUp 2026-03-11T07:00:00Z@2026-03-11T09:00:00Z']);
  },
);

test.run();
