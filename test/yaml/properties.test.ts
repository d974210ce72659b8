import { test } from 'uvu';
import { checkPrinting } from './properties.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
console.log(`FUZZ_SEED=${seed}`);

test(`what is printed reads as what it was, in YAML 1.1, too, seed ${seed}`, () => checkPrinting(1_500, seed));

test.run();
