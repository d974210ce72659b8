import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Given } from '../support/queue.ts';
import { type Bench, createBench, settled } from '../support/runner.ts';

const START = '2026-03-10T21:59:00Z';
const DUE = '2026-03-10T22:00:00Z';

type Act = (bench: Bench) => Promise<void>;

/** Four jobs due at once, two workers; then this happens → who began, how many run. */
const POOL: readonly (readonly [title: string, act: Act, began: string, running: number])[] = [
  ['the first two by ID', async () => undefined, 'a b', 2],
  ['a worker is free: the next one', ({ end }) => end('b'), 'a b c', 2],
  ['a run breaks: its worker is free', ({ end }) => end('a', new Error('broken')), 'a b c', 2],
  [
    'more workers: at once',
    async (bench) => {
      bench.workers = 3;
      bench.runner.nudge();
      await settled();
    },
    'a b c',
    3,
  ],
  [
    'fewer workers: what runs runs on',
    async (bench) => {
      bench.workers = 1;
      bench.runner.nudge();
      await bench.end('a');
    },
    'a b',
    1,
  ],
  [
    'fewer workers: the last one is busy again',
    async (bench) => {
      bench.workers = 1;
      await bench.end('a');
      await bench.end('b');
    },
    'a b c',
    1,
  ],
  [
    'deleted while it waited',
    async ({ desk, end }) => {
      desk.agenda.remove('c');
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
    const jobs = ['d', 'b', 'c', 'a'].map((id): Given => [id, DUE]);
    const bench = createBench(START, jobs, 2);
    const ended = bench.runner.start({ once: false });
    await bench.pass(DUE);
    await act(bench);
    assert.is(bench.began.join(' '), expected);
    assert.is(bench.runner.running, running);
    const stopped = bench.runner.stop();
    for (const id of ['a', 'b', 'c', 'd']) await bench.end(id);
    await Promise.all([stopped, ended]);
  });
}

test('R25 what breaks is told', async () => {
  const bench = createBench(START, [['a', DUE]], 1);
  const ended = bench.runner.start({ once: false });
  await bench.pass(DUE);
  await bench.end('a', new Error('broken'));
  assert.equal([...bench.broke], ['a']);
  await bench.runner.stop();
  await ended;
});

for (const [title, jobs, sleeps] of [
  ['nothing will ever be due', [], '2026-03-10T22:00:00.000Z'],
  ['the next run is far', [['a', '2026-03-11T22:00:00Z']], '2026-03-10T22:00:00.000Z'],
  ['the next run is near', [['a', '2026-03-10T21:59:20Z']], '2026-03-10T21:59:20.000Z'],
] as const) {
  test(`R16 ${title}: it looks again at ${sleeps}`, async () => {
    const { runner, clock } = createBench(START, jobs, 1);
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
  const bench = createBench(
    START,
    [
      ['a', DUE],
      ['b', null],
    ],
    1,
  );
  const ended = bench.runner.start({ once: false });
  await bench.pass(DUE);
  bench.runner.trigger([{ job: 'b', token: 't1' }]);
  await bench.pass('2026-03-10T22:00:29.999Z');
  assert.equal([...bench.desk.events], []);
  await bench.pass('2026-03-10T22:00:30Z');
  assert.equal([...bench.desk.events], ['refused b t1: worker pool exhausted']);
  const stopped = bench.runner.stop();
  await bench.end('a');
  await Promise.all([stopped, ended]);
});

test('R30 after a stop nothing begins, and what runs may end', async () => {
  const bench = createBench(
    START,
    [
      ['a', DUE],
      ['b', DUE],
    ],
    1,
  );
  const ended = bench.runner.start({ once: false });
  await bench.pass(DUE);
  let isStopped = false;
  const stopped = bench.runner.stop().then(() => {
    isStopped = true;
  });
  bench.workers = 2;
  await settled();
  assert.not.ok(isStopped);
  await bench.end('a');
  await Promise.all([stopped, ended]);
  assert.equal([...bench.began], ['a']);
});

test('--once runs what is due, waits for its end, and does not wait for what comes', async () => {
  const bench = createBench(
    START,
    [
      ['a', '2026-03-10T21:00:00Z'],
      ['b', '2026-03-10T21:30:00Z'],
      ['c', DUE],
    ],
    1,
  );
  const ended = bench.runner.start({ once: true });
  for (const id of ['a', 'b']) {
    await settled();
    await bench.end(id);
  }
  await ended;
  assert.equal([...bench.began], ['a', 'b']);
});

test.run();
