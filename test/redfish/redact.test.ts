import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneLine } from '../../controller/redfish/failure.ts';
import { redact } from '../../controller/redfish/http/redact.ts';

test('R44 a text becomes one bounded line without control characters', () => {
  assert.is(oneLine('a\u001b[31m\r\n\tb\u202e \u2028c'), 'a [31m b c');
  assert.is(oneLine('x'.repeat(600)).length, 500);
});

test('R43 secrets are blotted out at any depth, the longest first, short ones not', () => {
  const secrets = new Set(['secret', 'secret-and-more', 'ab']);
  const told = { a: ['x secret-and-more', { b: 'secret ab' }], n: 1, z: null };
  assert.equal(redact(told, secrets), { a: ['x [secret]', { b: '[secret] ab' }], n: 1, z: null });
});

test.run();
