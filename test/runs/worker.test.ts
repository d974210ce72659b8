import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Place } from '../../controller/runs/concurrency.ts';
import { createWorker, type WorkerShare } from '../../controller/runs/worker.ts';

type Act = (shares: readonly WorkerShare[], admit: () => Promise<void>) => void | Promise<void>;

const turn = () => new Promise(setImmediate);

/** What two parts of a run do → what the run does with its worker, and whether it counts as waiting at the end. */
const CASES: readonly (readonly [title: string, act: Act, did: string, isWaiting: boolean])[] = [
  ['both work', () => undefined, '', false],
  ['one waits: the other works', ([a]) => a?.pause('time'), '', false],
  ['one waits, the other has ended', ([a, b]) => [a?.pause('time'), b?.end()].at(2), 'leaves', true],
  ['one has ended, the other waits', ([a, b]) => [b?.end(), a?.pause('time')].at(2), 'leaves', true],
  ['both wait', ([a, b]) => [a?.pause('time'), b?.pause('time')].at(2), 'leaves', true],
  [
    'the first one back takes the worker again',
    async ([a, b], admit) => {
      a?.pause('time');
      b?.pause('time');
      const back = a?.resume(new Date(7));
      await admit();
      await back;
    },
    'leaves retakes:7',
    false,
  ],
  [
    'both are back: one worker',
    async ([a, b], admit) => {
      a?.pause('time');
      b?.pause('time');
      const back = [a?.resume(new Date(7)), b?.resume(new Date(8))];
      await admit();
      await Promise.all(back);
    },
    'leaves retakes:7',
    false,
  ],
  [
    'while it waits to come back it waits',
    ([a, b]) => {
      a?.pause('time');
      b?.pause('time');
      void a?.resume(new Date(7));
    },
    'leaves retakes:7',
    true,
  ],
  [
    'a part that is given up while it comes back leaves the other waiting',
    async ([a, b], admit) => {
      a?.pause('time');
      b?.pause('time');
      const back = a?.resume(new Date(7));
      a?.end();
      await admit();
      await back;
    },
    'leaves retakes:7 leaves',
    true,
  ],
  [
    'a wait for a turn lends the worker, and is none for a time',
    ([a, b]) => [a?.pause('turn'), b?.pause('time')].at(2),
    'leaves',
    false,
  ],
  ['both have ended: it goes on to its own end', ([a, b]) => [a?.end(), b?.end()].at(2), '', false],
  [
    'given up while both wait: no run waits any more',
    ([a, b]) => {
      a?.pause('time');
      b?.pause('time');
      a?.end();
      b?.end();
    },
    'leaves',
    false,
  ],
];

for (const [title, act, did, expected] of CASES) {
  test(`#15.1 R25 a run of two parts, ${title}: ${did || 'keeps its worker'}`, async () => {
    const done: string[] = [];
    let admit = () => {};
    const place: Place = {
      leave: () => void done.push('leaves'),
      retake(time) {
        done.push(`retakes:${Number(time)}`);
        return new Promise((resolve) => {
          admit = resolve;
        });
      },
    };
    let isWaiting = false;
    const waits = (now: boolean) => {
      assert.is.not(now, isWaiting, 'told when it changes');
      isWaiting = now;
    };
    const worker = createWorker({ place, parts: 2, now: () => new Date(0), waits });
    await act([worker.share(), worker.share()], async () => {
      admit();
      await turn();
    });
    assert.is(done.join(' '), did);
    assert.is(isWaiting, expected);
  });
}

test.run();
