import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, quantile, rowOf } from './measure.ts';
import type { Case } from './row.ts';
import { table } from './table.ts';

const QUANTILES = [
  { numbers: [3], part: 0.5, expected: 3 },
  { numbers: [4, 1, 3, 2], part: 0.5, expected: 2.5 },
  { numbers: [1, 2, 3, 4, 5], part: 0.25, expected: 2 },
  { numbers: [10, 0], part: 0.75, expected: 7.5 },
];
for (const { numbers, part, expected } of QUANTILES) {
  test(`quantile ${part} of ${numbers}`, () => assert.is(quantile(numbers, part), expected));
}

test('a row holds the medians, their ratio, and how far the rounds disagree', () => {
  assert.equal(rowOf('x', 10, [2, 4, 6], [2, 2, 2]), {
    case: 'x',
    n: 10,
    ours: 4,
    floor: 2,
    ratio: 2,
    spread: 0.25, // the rounds' ratios are 1, 2 and 3: quartiles 1.5 and 2.5
  });
});

test('laps take turns in changing order, and those that warm up do not count', async () => {
  const order: string[] = [];
  const lap = (side: string, takes: readonly number[]) => async () => {
    order.push(side);
    return takes[order.filter((each) => each === side).length - 1] ?? Number.NaN;
  };
  const row = await compare({ case: 'x', n: 1, ours: lap('o', [99, 2, 4]), floor: lap('f', [99, 1, 1]), rounds: 2 });
  assert.is(order.join(''), 'offoof');
  assert.is(row.ours, 3);
  assert.is(row.floor, 1);
});

test('the table marks what misses its bar, and tells how a case grows', () => {
  const one: Case = {
    name: 'x',
    what: '',
    unit: 'ms',
    bar: (n) => (n > 100 ? 1.5 : 3),
    sizes: { full: [], short: [] },
    measure: () => Promise.resolve([]),
  };
  const text = table([rowOf('x', 1_000, [10], [10]), rowOf('x', 10_000, [100], [50])], [one]);
  assert.match(text, '| 1.00 × | ±0 % | ≤ 1.5 × |');
  assert.match(table([rowOf('x', 10, [20], [10])], [one]), '| 2.00 × | ±0 % | ≤ 3 × |');
  assert.match(text, '| 2.00 × (!) | ±0 % | ≤ 1.5 × |');
  assert.match(text, 'growth of x: 1\u202f000 → 10\u202f000: 10.00 × (n^1.00)');
});

test.run();
