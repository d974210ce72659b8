// Not among the tests that need Node and git alone, because it measures: it wants the machine for itself.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { benchDelay } from '../bench/page.ts';

const BAR_MS = 50;
const ROUNDS = 3;

test(`10 000 GETs of a job at concurrency 50 do not delay a due run by more than ${BAR_MS} ms`, async () => {
  const delays: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { idleMs, loadedMs } = await benchDelay(10_000);
    console.log(`idle ${idleMs.toFixed(0)} ms, loaded ${loadedMs.toFixed(0)} ms`);
    delays.push(loadedMs - idleMs);
    if (Math.min(...delays) <= BAR_MS) break; // others on this machine make it slower, never faster
  }
  assert.ok(Math.min(...delays) <= BAR_MS, `delayed by ${delays.map((each) => each.toFixed(0)).join(', ')} ms`);
});

test.run();
