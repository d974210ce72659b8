import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneLine } from '../../controller/redfish/failure.ts';
import { createSecrets } from '../../definitions/values/redact.ts';

test('R44 a text becomes one bounded line without control characters', () => {
  assert.is(oneLine('a\u001b[31m\r\n\tb\u202e \u2028c'), 'a [31m b c');
  assert.is(oneLine('x'.repeat(600)).length, 500);
});

test('R43 secrets are blotted out at any depth, the longest first, short ones not', () => {
  const secrets = createSecrets('secret', 'secret-and-more', 'ab');
  const told = { a: ['x secret-and-more', { b: 'secret ab' }], n: 1, z: null };
  assert.equal(secrets.redact(told), { a: ['x [secret]', { b: '[secret] ab' }], n: 1, z: null });
});

const PASSWORD = 'c0rrect h0rse"&<é>/\\+%41';
const bytes = [...Buffer.from(PASSWORD)];
const units = PASSWORD.split('').map((unit) => unit.charCodeAt(0));
for (const [what, encoded] of [
  ['as it is', PASSWORD],
  ['in capitals', PASSWORD.replace(/[a-z]/g, (letter) => letter.toUpperCase())],
  ['for a URL', encodeURIComponent(PASSWORD)],
  ['for a form', new URLSearchParams({ p: PASSWORD }).toString().slice(2)],
  ['for a URL, each byte', bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')],
  ['for a URL, twice', encodeURIComponent(encodeURIComponent(PASSWORD))],
  ['for HTML', PASSWORD.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['for HTML, by numbers', [...PASSWORD].map((char) => `&#${char.codePointAt(0)};`).join('')],
  ['for HTML, in hex', [...PASSWORD].map((char) => `&#x${char.codePointAt(0)?.toString(16)};`).join('')],
  ['for HTML, twice', PASSWORD.replaceAll('&', '&amp;amp;').replaceAll('<', '&amp;lt;')],
  ['for JSON', JSON.stringify(PASSWORD).slice(1, -1)],
  ['for JSON, twice', JSON.stringify(JSON.stringify(PASSWORD)).slice(3, -3)],
  ['for JSON, each character', units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')],
  ['with a tag in it', `${PASSWORD.slice(0, 4)}<b class="x">${PASSWORD.slice(4)}`],
  ['over two lines', `${PASSWORD.slice(0, 4)}\r\n${PASSWORD.slice(4)}`],
  ['in hex', Buffer.from(PASSWORD).toString('hex')],
  ['in hex, in capitals', Buffer.from(PASSWORD).toString('hex').toUpperCase()],
  ['in hex, byte by byte', bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')],
  ['in hex, by colons', bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')],
  ['in Base64', Buffer.from(PASSWORD).toString('base64')],
  ['in Base64 with its user', Buffer.from(`root:${PASSWORD}`).toString('base64')],
] as const) {
  test(`#20.10 R43 a secret ${what} is blotted out`, () => {
    assert.is(createSecrets(PASSWORD, Buffer.from(`root:${PASSWORD}`).toString('base64')).scrub(encoded), '[secret]');
  });
}

test('#20.10 R43 Base64 of more than the secret keeps no more of it than a character at each end', () => {
  for (const before of ['', 'x', 'xy', 'xyz', 'administrator:']) {
    for (const alphabet of ['base64', 'base64url'] as const) {
      const left = createSecrets(PASSWORD).scrub(Buffer.from(`${before}${PASSWORD}zz`).toString(alphabet));
      const shown = left.split('[secret]').map((part) => Buffer.from(part, alphabet).toString('latin1'));
      assert.is(shown.length, 2, left);
      assert.not.match(shown.join(' '), /c0r|41z/);
    }
  }
});

test('#20.10 R43 a body of 4 MiB that is nothing but encoded is scrubbed in a moment', () => {
  const secrets = createSecrets(PASSWORD);
  for (const part of ['%63', '&#99;', '\\', '<p>', 'c\u0001 ', 'c0rrect']) {
    const text = part.repeat(Math.ceil(4_194_304 / part.length));
    const began = performance.now();
    assert.is(secrets.scrub(text).length, text.length);
    assert.ok(performance.now() - began < 10_000, part);
  }
});

test.run();
