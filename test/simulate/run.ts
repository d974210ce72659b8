// npm run simulate -- --days N --seed S [--seeds K]: N days over K seeds from S on; ends at the first broken invariant.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
  },
});
const seeds = Number(values.seeds);
const days = Math.ceil(Number(values.days) / seeds);
const before = performance.now();
for (let seed = Number(values.seed); seed < Number(values.seed) + seeds; seed += 1) {
  const { runs, lives, steps } = await simulate(seed, days);
  console.log(`seed ${seed}: ${days} days, ${steps} steps, ${runs} runs, ${lives} lives: all invariants hold`);
}
console.log(`${((performance.now() - before) / 1000).toFixed(1)} s`);
