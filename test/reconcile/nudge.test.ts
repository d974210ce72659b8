import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createNudge } from '../../controller/reconcile/nudge.ts';
import { until } from '../support/git-folder.ts';

test('many wake-ups, one pass; one during a pass makes one more', async () => {
  let passes = 0;
  let open = () => {};
  const nudge = createNudge(
    async () => {
      passes += 1;
      if (passes === 1) await new Promise<void>((resolve) => (open = resolve));
      if (passes === 2) throw new Error('told');
    },
    (error) => told.push(String(error)),
  );
  const told: string[] = [];
  const begun = nudge.begin();
  for (let each = 0; each < 100; each += 1) nudge();
  await until(() => passes === 1);
  for (let each = 0; each < 100; each += 1) nudge();
  open();
  await begun;
  await nudge.now();
  assert.is(passes, 2);
  assert.equal(told, ['Error: told']);
  await nudge.now();
  assert.is(passes, 3);
  await nudge.stop();
  nudge();
  await nudge.now();
  assert.is(passes, 3);
});

test('#15.4 nudges before the first pass are answered by it, those during it by another', async () => {
  let passes = 0;
  let open = () => {};
  const nudge = createNudge(
    async () => {
      passes += 1;
      if (passes === 1) await new Promise<void>((resolve) => (open = resolve));
    },
    (error) => assert.unreachable(String(error)),
  );
  const before = nudge.now();
  await Promise.resolve();
  assert.is(passes, 0, 'nobody makes the first pass but who begins');
  const begun = nudge.begin();
  assert.is(passes, 1);
  open();
  await Promise.all([before, begun]);
  assert.is(passes, 1);
  const other = createNudge(
    async () => {
      passes += 1;
    },
    (error) => assert.unreachable(String(error)),
  );
  const first = other.begin();
  other();
  await first;
  await other.now();
  assert.ok(passes > 2);
});

test('#15.4 a first pass that fails is the last', async () => {
  let passes = 0;
  const nudge = createNudge(
    async () => {
      passes += 1;
      throw new Error('refused');
    },
    (error) => assert.unreachable(String(error)),
  );
  const waiting = nudge.now();
  const begun = nudge.begin();
  nudge();
  await begun.then(
    () => assert.unreachable(),
    (error) => assert.is(String(error), 'Error: refused'),
  );
  await waiting;
  await nudge.stop();
  assert.is(passes, 1);
});

test('#15.4 whoever cannot be told of an error does not end all looking', async () => {
  let passes = 0;
  const nudge = createNudge(
    async () => {
      passes += 1;
      if (passes === 2) throw new Error('away');
    },
    () => {
      throw new Error('stdout is closed');
    },
  );
  await nudge.begin();
  for (const expected of [2, 3, 4]) {
    await nudge.now();
    assert.is(passes, expected);
  }
});

test.run();
