import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDiskSpace } from '../../controller/runs/disk-space.ts';
import { createFakeClock } from '../support/clock.ts';

const START = '2026-03-10T10:00:00Z';

test('R25 answers come in the order of asking, however the disk answers', async () => {
  const answers = [30, 1, 10];
  const hasSpace = createDiskSpace(createFakeClock(START), async () => {
    await new Promise((resolve) => setTimeout(resolve, answers.shift() ?? 0));
    return true;
  });
  const order: number[] = [];
  await Promise.all([1, 2, 300].map(async (machines) => (await hasSpace(machines)) && order.push(machines)));
  assert.equal(order, [1, 2, 300]);
});

test('R40 the disk is asked seldom, never believed for long, and a crowd cannot take more than there is', async () => {
  const clock = createFakeClock(START);
  const asked: number[] = [];
  let free = 1000;
  const hasSpace = createDiskSpace(clock, async (machines) => {
    asked.push(machines);
    return machines <= free;
  });
  for (let run = 0; run < 400; run += 1) assert.ok(await hasSpace(1));
  assert.ok(asked.length < 15, `${asked.length} times`);
  assert.ok(await hasSpace(600));
  assert.not.ok(await hasSpace(1), 'the thousand and first');
  clock.advance(new Date('2026-03-10T10:00:00.500Z'));
  free = 0;
  assert.not.ok(await hasSpace(1));
});

test('R40 an answer counts for one go of runs, and for none that is asked for a moment later', async () => {
  const clock = createFakeClock(START);
  let free = 1000;
  const hasSpace = createDiskSpace(clock, async (machines) => machines <= free);
  assert.ok(await hasSpace(10));
  free = 0;
  assert.ok(await hasSpace(1), 'of the same go');
  clock.advance(new Date('2026-03-10T10:00:00.500Z'));
  assert.not.ok(await hasSpace(1));
});

test.run();
