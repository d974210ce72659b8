// Keeps the suite whole: each case of the conformance suite has a test by its ID.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CASES } from './scenario.ts';

test('every case has its test', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const source = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  const tested = new Set([...source.matchAll(/(?:scenario\(|\[)\s*'([A-Z]\d\d)'/g)].map(([, id]) => id));
  const missing = [...CASES.keys()].filter((id) => !tested.has(id));
  assert.equal(missing, []);
});

test.run();
