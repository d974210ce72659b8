import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobRow } from '../support/queue.ts';
import { createTestRunner, settled, type TestRunner } from '../support/runner.ts';

const START = '2026-03-10T21:59:00Z';
const DUE = '2026-03-10T22:00:00Z';

type Act = (testRunner: TestRunner) => Promise<void>;

/** Four jobs due at once, two workers; then this happens → who began, how many run. */
const POOL: readonly (readonly [title: string, act: Act, began: string, running: number])[] = [
  ['the first two by ID', async () => undefined, 'a b', 2],
  ['a worker is free: the next one', ({ end }) => end('b'), 'a b c', 2],
  ['a run breaks: its worker is free', ({ end }) => end('a', new Error('broken')), 'a b c', 2],
  [
    'more workers: at once',
    async (testRunner) => {
      testRunner.workers = 3;
      testRunner.runner.nudge();
      await settled();
    },
    'a b c',
    3,
  ],
  [
    'fewer workers: what runs runs on',
    async (testRunner) => {
      testRunner.workers = 1;
      testRunner.runner.nudge();
      await testRunner.end('a');
    },
    'a b',
    1,
  ],
  [
    'fewer workers: the last one is busy again',
    async (testRunner) => {
      testRunner.workers = 1;
      await testRunner.end('a');
      await testRunner.end('b');
    },
    'a b c',
    1,
  ],
  [
    'deleted while it waited',
    async ({ testQueue, end }) => {
      testQueue.agenda.remove('c');
      await end('a');
    },
    'a b d',
    2,
  ],
  [
    'triggered while all are busy: it goes first',
    async ({ runner, end }) => {
      runner.trigger([{ job: 'd', token: 't1' }]);
      await end('a');
    },
    'a b d',
    2,
  ],
  [
    'no room on the disk: nothing begins for ten seconds',
    async ({ end, pass }) => {
      await end('a', false);
      await pass('2026-03-10T22:00:09.999Z');
    },
    'a b',
    1,
  ],
  [
    'no room on the disk: then it is tried again, in order',
    async ({ end, pass }) => {
      await end('a', false);
      await pass('2026-03-10T22:00:10Z');
    },
    'a b a',
    2,
  ],
];

for (const [title, act, expected, running] of POOL) {
  test(`R25 two workers, ${title}: ${expected} began, ${running} run`, async () => {
    const jobs = ['d', 'b', 'c', 'a'].map((id): JobRow => [id, DUE]);
    const testRunner = createTestRunner(START, jobs, 2);
    const ended = testRunner.runner.start({ once: false });
    await testRunner.pass(DUE);
    await act(testRunner);
    assert.is(testRunner.began.join(' '), expected);
    assert.is(testRunner.runner.running, running);
    const stopped = testRunner.runner.stop();
    for (const id of ['a', 'b', 'c', 'd']) await testRunner.end(id);
    await Promise.all([stopped, ended]);
  });
}

test('R25 what breaks is told', async () => {
  const testRunner = createTestRunner(START, [['a', DUE]], 1);
  const ended = testRunner.runner.start({ once: false });
  await testRunner.pass(DUE);
  await testRunner.end('a', new Error('broken'));
  assert.equal([...testRunner.broke], ['a']);
  await testRunner.runner.stop();
  await ended;
});

for (const [title, jobs, sleeps] of [
  ['nothing will ever be due', [], '2026-03-10T22:00:00.000Z'],
  ['the next run is far', [['a', '2026-03-11T22:00:00Z']], '2026-03-10T22:00:00.000Z'],
  ['the next run is near', [['a', '2026-03-10T21:59:20Z']], '2026-03-10T21:59:20.000Z'],
] as const) {
  test(`R16 ${title}: it looks again at ${sleeps}`, async () => {
    const { runner, clock } = createTestRunner(START, jobs, 1);
    const ended = runner.start({ once: false });
    await settled();
    assert.equal(
      clock.sleeping('runner').map((each) => each.toISOString()),
      [sleeps],
    );
    await runner.stop();
    await ended;
  });
}

test('R28 while all are busy a request is refused to the second', async () => {
  const testRunner = createTestRunner(
    START,
    [
      ['a', DUE],
      ['b', null],
    ],
    1,
  );
  const ended = testRunner.runner.start({ once: false });
  await testRunner.pass(DUE);
  testRunner.runner.trigger([{ job: 'b', token: 't1' }]);
  await testRunner.pass('2026-03-10T22:00:29.999Z');
  assert.equal([...testRunner.testQueue.events], []);
  await testRunner.pass('2026-03-10T22:00:30Z');
  assert.equal([...testRunner.testQueue.events], ['refused b t1: worker pool exhausted']);
  const stopped = testRunner.runner.stop();
  await testRunner.end('a');
  await Promise.all([stopped, ended]);
});

test('R30 after a stop nothing begins, and what runs may end', async () => {
  const testRunner = createTestRunner(
    START,
    [
      ['a', DUE],
      ['b', DUE],
    ],
    1,
  );
  const ended = testRunner.runner.start({ once: false });
  await testRunner.pass(DUE);
  let isStopped = false;
  const stopped = testRunner.runner.stop().then(() => {
    isStopped = true;
  });
  testRunner.workers = 2;
  await settled();
  assert.not.ok(isStopped);
  await testRunner.end('a');
  await Promise.all([stopped, ended]);
  assert.equal([...testRunner.began], ['a']);
});

test('--once runs what is due, waits for its end, and does not wait for what comes', async () => {
  const testRunner = createTestRunner(
    START,
    [
      ['a', '2026-03-10T21:00:00Z', {}, { Machines: ['machine-2'] }], // else b would supersede it (R22)
      ['b', '2026-03-10T21:30:00Z'],
      ['c', DUE],
    ],
    1,
  );
  const ended = testRunner.runner.start({ once: true });
  for (const id of ['a', 'b']) {
    await settled();
    await testRunner.end(id);
  }
  await ended;
  assert.equal([...testRunner.began], ['a', 'b']);
});

test.run();
