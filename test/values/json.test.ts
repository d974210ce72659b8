import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Json, mergePatch } from '../../definitions/values/json.ts';

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

test.run();
