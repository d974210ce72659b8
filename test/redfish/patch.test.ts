import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { same } from '../../controller/redfish/compare.ts';
import { formsOf } from '../../controller/redfish/patch.ts';
import type { Json } from '../../definitions/values/json.ts';

for (const [field, wanted, held, expected] of [
  ['SetPoint', 57, 57.0000000001, true],
  ['SetPoint', 57, 57.0001, false],
  ['SetPoint', 1e12, 1e12 + 0.0001, true],
  ['SetPoint', 57, '57', false],
  ['SetPoint', 0, undefined, false],
  ['Profile', 'Acoustic', 'acoustic', false],
  ['Inputs', ['Fan_1a'], ['Fan 1a'], true],
  ['Inputs', ['Fan_1a'], ['Fan 1a', 'Fan 1b'], false],
  ['Inputs', ['a', 'b'], ['b', 'a'], false],
  ['Profile', 'a_b', 'a b', false],
  ['Zones', [{ '@odata.id': '/x#/Z' }], [{ '@odata.id': '/x#/Z', more: 1 }], true],
  ['Zones', [{ '@odata.id': '/x#/Z' }], [{ '@odata.id': '/x#/Y' }], false],
] as readonly [string, Json, Json | undefined, boolean][]) {
  const title = `${field} ${JSON.stringify(wanted)} ${expected ? 'is' : 'is not'} ${JSON.stringify(held)}`;
  test(`R35 ${title}`, () => assert.is(same(field, wanted, held), expected));
}

for (const [etag, forms] of [
  [undefined, ['*']],
  ['"a"', ['"a"', 'a']],
  ['W/"a"', ['W/"a"', '"a"', 'a']],
  ['"a", "a"', ['"a"', 'a']],
  ['"a-gzip"', ['"a-gzip"', '"a"', 'a']],
  ['W/"a-gzip"', ['W/"a-gzip"', '"a-gzip"', '"a"', 'a']],
  ['a', ['a']],
] as const) {
  test(`A26 forms of the ETag ${etag}`, () => assert.equal(formsOf(etag), forms));
}

test.run();
