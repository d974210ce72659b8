import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulate } from './simulate.ts';

const DAYS = 20;

/** A test for each seed: all invariants hold on each of its days. */
export function seeds(first: number, last: number): void {
  for (let seed = first; seed <= last; seed += 1) {
    test(`R22–R31 all invariants hold for ${DAYS} days from seed ${seed}`, async () => {
      const { runs, lives } = await simulate(seed, DAYS);
      assert.ok(runs > 0 && lives > 1, 'something happened');
    });
  }
}
