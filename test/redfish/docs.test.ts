// Keeps docs/redfish.md and the tests in step: each case, A01 to A40 and B01 on, is there, with the files whose
// tests have its number in their title, and no others.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SUFFIX = '.test.ts';
const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'redfish.md'), 'utf8');

/** Case → the files that the document names for it. */
function described(): Map<string, string[]> {
  const rows = document.matchAll(/^\| ([AB]\d\d) \|.*\| ([^|]+) \|$/gm);
  return new Map([...rows].map(([, id = '', files = '']) => [id, files.split(', ').sort()]));
}

/** Case → the files that have its number outside of comments: in titles, and in tables that titles are made of. */
function tested(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of readdirSync(import.meta.dirname).filter((name) => name.endsWith(SUFFIX))) {
    const lines = readFileSync(join(import.meta.dirname, name), 'utf8').split('\n');
    const code = lines.filter((line) => !line.trimStart().startsWith('//')).join('\n');
    const ids = new Set([...code.matchAll(/\b([AB]\d\d)[a-z]?\b/g)].map(([, id = '']) => id));
    for (const id of ids) found.set(id, [...(found.get(id) ?? []), name.slice(0, -SUFFIX.length)].sort());
  }
  return found;
}

test('A number for each acceptance case, without a gap', () => {
  const all = Array.from({ length: 40 }, (_, index) => `A${String(index + 1).padStart(2, '0')}`);
  assert.equal(
    [...described().keys()].filter((id) => id.startsWith('A')),
    all,
  );
});

test('the document names each case that a test names, with the same files, and no other', () => {
  const cases = tested();
  const inOrder = [...cases].sort(([one], [other]) => one.localeCompare(other));
  assert.equal(Object.fromEntries(described()), Object.fromEntries(inOrder));
});

test('a link inside the document has its section', () => {
  const anchors = new Set(
    [...document.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')),
  );
  const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  assert.equal(
    links.filter((anchor) => !anchors.has(anchor)),
    [],
  );
});

test.run();
