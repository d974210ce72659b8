// The documents under docs/: what is generated is fresh, and what they promise or are cited for is there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCUMENTS } from './tools/documents.ts';

const ROOT = join(import.meta.dirname, '..');
/** Scenarios of the conformance suite have numbers of their own, F01 and F03 among them. */
const SCENARIO = /\bscenario\('[A-Z]\d\d'/g;

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`);
}

/** Comments that go on in the next line, as one. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n\s*(?:\*|\/\/)\s+/g, ' ');
}

const written = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));

for (const [path, print] of Object.entries(DOCUMENTS)) {
  test(`${path} is fresh: npm run docs`, () => assert.is(read(path), print()));
}

for (const name of written) {
  test(`docs/${name} has each section that the code cites`, () => {
    const headings = [...read(`docs/${name}`).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    const cited = [...sources('controller'), ...sources('definitions'), ...sources('test')].flatMap((path) =>
      [...unwrapped(read(path)).matchAll(/\bdocs\/([a-z]+\.md), ([A-Z][A-Za-z ]+)/g)]
        .filter(([, document]) => document === name)
        .map(([, , section = '']) => ({ path, section: section.trim() })),
    );
    for (const { path, section } of cited) assert.ok(headings.includes(section), `${path} cites ${section}`);
  });
}

/** `| F01 | … | … | `test/…` |`: a fault, and the files that prove what becomes of it. */
const FAULTS = [...read('docs/git.md').matchAll(/^\| (F\d\d) \|.*\|([^|]+)\|$/gm)].map(([, id = '', cell = '']) => ({
  id,
  files: [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
}));

test('docs/git.md has the faults F01 to F25, each proved by a test that names it', () => {
  const ids = Array.from({ length: 25 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`);
  assert.equal(
    FAULTS.map(({ id }) => id),
    ids,
  );
  for (const { id, files } of FAULTS) {
    assert.ok(files.length > 0, id);
    for (const file of files) assert.match(read(file), new RegExp(`\\b${id}\\b`), `${file} does not name ${id}`);
  }
});

test('a fault that a test names is in the table of docs/git.md', () => {
  const known = new Set(FAULTS.map(({ id }) => id));
  const unknown = sources('test').flatMap((path) =>
    [
      ...new Set(
        read(path)
          .replaceAll(SCENARIO, '')
          .match(/\bF\d\d\b/g) ?? [],
      ),
    ]
      .filter((id) => !known.has(id))
      .map((id) => `${path}: ${id}`),
  );
  assert.equal(unknown, []);
});

test.run();
