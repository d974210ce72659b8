import { test } from 'uvu';
import { checkCalendar } from './properties.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

test(`R11–R15: 3000 random next runs agree with a day-by-day oracle, seed ${seed}`, () => {
  console.log(`FUZZ_SEED=${seed}`);
  checkCalendar(3_000, seed);
});

test.run();
