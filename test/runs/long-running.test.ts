import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLongRunning } from '../../controller/runs/long-running.ts';
import { createFakeClock } from '../support/clock.ts';

const at = (second: number) => new Date(Date.UTC(2026, 2, 10, 10, 0, second));
const turn = () => new Promise(setImmediate);

test('R31 what still runs after the delay is reported once, in order; what has ended is not', async () => {
  const clock = createFakeClock(at(0).toISOString());
  const reported: string[] = [];
  const begin = createLongRunning<string>(clock, 5_000, (name) => reported.push(name));
  begin('long');
  const endShort = begin('short');
  clock.advance(at(2));
  begin('later');
  endShort();
  for (let second = 3; second <= 12; second += 1) {
    clock.advance(at(second));
    await turn();
    await turn();
    if (second === 6) assert.equal(reported, ['long']);
  }
  assert.equal(reported, ['long', 'later']);
  const end = begin('again');
  end();
  begin('once more');
  clock.advance(at(30));
  await turn();
  await turn();
  assert.equal(reported, ['long', 'later', 'once more']);
});

test('nothing waits once all has ended', async () => {
  const clock = createFakeClock(at(0).toISOString());
  let sleeping = 0;
  const watched = {
    ...clock,
    async sleep(until: Date, signal?: AbortSignal) {
      sleeping += 1;
      await clock.sleep(until, signal).finally(() => {
        sleeping -= 1;
      });
    },
  };
  const begin = createLongRunning<number>(watched, 5_000, () => undefined);
  const ends = [1, 2, 3].map((item) => begin(item));
  await turn();
  assert.is(sleeping, 1);
  for (const end of ends) end();
  await turn();
  assert.is(sleeping, 0);
});

test.run();
