// Writes each generated document anew; docs.test.ts fails while one differs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DOCUMENTS } from './documents.ts';

for (const [path, print] of Object.entries(DOCUMENTS)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, print());
}
