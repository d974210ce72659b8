// The documents under docs/: what is generated is fresh, and what they promise is tested.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCUMENTS } from './tools/documents.ts';

const ROOT = join(import.meta.dirname, '..');

for (const [path, print] of Object.entries(DOCUMENTS)) {
  test(`${path} is fresh: npm run docs`, () => assert.is(readFileSync(join(ROOT, path), 'utf8'), print()));
}

test.run();
