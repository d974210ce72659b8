import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeds } from './seeds.ts';
import { simulate } from './simulate.ts';

test('R24 a job of a full disk that dies right after its first claim is counted (seed 14)', async () => {
  assert.ok((await simulate(14, 12)).runs > 0);
});

seeds(34, 50); // in three files, so that they share the processors
test.run();
