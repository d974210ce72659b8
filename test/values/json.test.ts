import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isNestedDeeper, type Json, mergePatch } from '../../definitions/values/json.ts';

const PATCHES: readonly (readonly [Json, Json, Json])[] = [
  [
    { a: 1, b: 2 },
    { b: null, c: 3 },
    { a: 1, c: 3 },
  ],
  [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{ a: 1 }, { a: { b: { c: null } } }, { a: { b: {} } }],
];
for (const [value, patch, expected] of PATCHES) {
  test(`RFC 7396: ${JSON.stringify(patch)} on ${JSON.stringify(value)}`, () => {
    assert.equal(mergePatch(value, patch), expected);
  });
}

test('RFC 7396: no prototype is reached', () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__": {"x": 1}}') as Json);
  assert.is(({} as { x?: number }).x, undefined);
  assert.ok(Object.hasOwn(patched as object, '__proto__'));
});

for (const [text, levels] of [
  ['', 0],
  ['1', 0],
  ['{}', 1],
  ['{"a":[{}],"b":[]}', 3],
  ['[[],[],[[]]]', 3],
  ['"[[["', 0],
  ['["]","[[["]', 1],
  [String.raw`["\"[[[","\\",[]]`, 2],
  [String.raw`["\\\"[[[",[]]`, 2],
  ['["[[[', 1],
  [']]]]{', 0],
] as const) {
  test(`${text || 'nothing'} is nested ${levels} levels deep`, () => {
    assert.is(isNestedDeeper(text, levels), false);
    if (levels > 0) assert.is(isNestedDeeper(text, levels - 1), true);
  });
}

test.run();
