import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkManifests } from './properties.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
console.log(`FUZZ_SEED=${seed}`);

test(`R01–R10: 4000 random files are read without harm, seed ${seed}`, () => {
  const { accepted } = checkManifests(4_000, seed);
  assert.ok(accepted > 200, `only ${accepted} were accepted: the generator has lost its way`);
});

test.run();
