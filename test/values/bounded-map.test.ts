import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBoundedMap, createBoundedSet, type Eviction } from '../../definitions/values/bounded-map.ts';

/** Keys are set one after the other; `-a` deletes. What is left is told with the number of its last setting. */
const CASES: readonly (readonly [keys: string, eviction: Eviction, left: string])[] = [
  ['a b c', 'oldest', 'a0 b1 c2'],
  ['a b c d', 'oldest', 'b1 c2 d3'],
  ['a b c a d', 'oldest', 'b1 c2 d4'],
  ['a b c -a a d', 'oldest', 'c2 a4 d5'],
  ['a b c a', 'oldest', 'a3 b1 c2'],
  ['a b c -b d', 'oldest', 'a0 c2 d4'],
  ['a b c', 'all', 'a0 b1 c2'],
  ['a b c a', 'all', 'a3 b1 c2'],
  ['a b c d', 'all', 'd3'],
  ['a b c d a', 'all', 'd3 a4'],
];

for (const [keys, eviction, left] of CASES) {
  test(`a map of at most 3, ${eviction} goes: ${keys} → ${left}`, () => {
    const map = createBoundedMap<string, string>(3, eviction);
    for (const [index, key] of keys.split(' ').entries()) {
      if (key.startsWith('-')) assert.ok(map.delete(key.slice(1)));
      else map.set(key, `${key}${index}`);
    }
    assert.is([...map.values()].join(' '), left);
    assert.is(map.size, left.split(' ').length);
    for (const each of left.split(' ')) assert.is(map.get(each[0] ?? ''), each);
  });
}

test('a set of at most 3 forgets the oldest; a known item makes nothing go; of the given ones the last stay', () => {
  const set = createBoundedSet(3, ['z', 'a', 'b', 'c']);
  const held = () => [...'zabcde'].filter((item) => set.has(item)).join('');
  assert.is(held(), 'abc');
  set.add('a');
  assert.is(held(), 'abc');
  set.add('d');
  assert.is(held(), 'bcd');
  assert.ok(set.delete('c'));
  assert.not.ok(set.delete('c'));
  set.add('e');
  assert.is(held(), 'bde');
});

test.run();
