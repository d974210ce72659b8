import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isOwn } from '../definitions/own-paths.ts';

for (const [path, own] of [
  ['jobs/a.status.yaml', true],
  ['jobs/a/b.status.yaml', true],
  ['logs/2026/03/10/x.json', true],
  ['.bmcron/host-00000000.json', true],
  ['STATUS.md', true],
  ['jobs/a.yaml', false],
  ['machines/a.status.yaml', false],
  ['logs/notes.txt', false],
  ['jobs/../x.status.yaml', false],
  ['jobs/.git/x.status.yaml', false],
  ['jobs/a\nM 100644 x README.md.status.yaml', false],
  ['"jobs/a.status.yaml', false],
  ['.bmcron/../jobs/a.json', false],
  ['README.md', false],
] as const) {
  test(`R37: ${JSON.stringify(path)} is ${own ? "the service's" : "somebody else's"}`, () =>
    assert.is(isOwn(path), own));
}

test.run();
