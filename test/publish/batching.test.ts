// When a batch of results goes out (R38), by a clock that a test turns.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createWriteback, type Writeback } from '../../controller/publish/batching.ts';
import { createFakeClock } from '../support/clock.ts';

/** What happens at which second → when something is published. */
const CASES: readonly (readonly [title: string, events: Readonly<Record<number, keyof Writeback>>, at: number[]])[] = [
  ['two seconds after the last result', { 0: 'touched', 1: 'touched' }, [3]],
  ['ten seconds after the first, where they keep coming', seconds(0, 14, 'touched'), [10, 16]],
  ['looks each second put off no result', { ...seconds(1, 6, 'looked'), 0: 'touched' }, [2, 4, 6, 8]],
  ['a look alone is followed', { 0: 'looked' }, [2]],
];

function seconds(from: number, to: number, event: keyof Writeback): Readonly<Record<number, keyof Writeback>> {
  return Object.fromEntries(Array.from({ length: to - from + 1 }, (_, index) => [from + index, event]));
}

for (const [title, events, expected] of CASES) {
  test(`R38 a batch goes out ${title}`, async () => {
    const start = Date.parse('2026-03-10T22:00:00Z');
    const clock = createFakeClock(new Date(start).toISOString());
    const published: number[] = [];
    const writeback = createWriteback({
      clock,
      publish: async () => {
        published.push((clock.now().getTime() - start) / 1_000);
        return { outcome: 'Unchanged' };
      },
      observe: () => undefined,
    });
    const stop = new AbortController();
    const running = writeback.run(stop.signal, () => undefined);
    for (let second = 0; second <= 20; second += 1) {
      clock.advance(new Date(start + second * 1_000));
      await settled();
      const event = events[second];
      if (event === 'touched' || event === 'looked') writeback[event]();
      await settled();
    }
    assert.equal(published, expected);
    stop.abort();
    await running;
  });
}

/** Until what was woken has gone to sleep again. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

test.run();
