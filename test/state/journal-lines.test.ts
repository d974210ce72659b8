import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readChunks } from '../../controller/state/journal-lines.ts';
import { createGitFolder } from '../support/git-folder.ts';

const CHUNK = 256 << 10;
const line = (length: number, letter = 'x') => `${letter.repeat(length - 1)}\n`;

async function chunksOf(path: string, from?: number, to?: number) {
  const list: { text: string; start: number }[] = [];
  for await (const { bytes, start } of readChunks(path, from, to)) list.push({ text: bytes.toString('latin1'), start });
  return list;
}

for (const [what, text] of [
  ['nothing', ''],
  ['one short line', 'a\n'],
  ['many lines, several chunks of them', line(999).repeat(1_000)],
  ['lines that end where a chunk does', line(CHUNK / 2).repeat(4)],
  ['a line longer than several chunks among short ones', `a\n${line(3 * CHUNK)}b\n`],
  ['an end without a line break', `${line(999).repeat(600)}torn`],
  ['one long line without an end', 'x'.repeat(2 * CHUNK)],
] as const) {
  test(`the chunks of ${what} make up the file, each but the last in whole lines`, async () => {
    const at = createGitFolder();
    writeFileSync(at.path('file'), text);
    const found = await chunksOf(at.path('file'));
    assert.is(found.map((chunk) => chunk.text).join('') === text, true, 'all of it');
    let start = 0;
    for (const chunk of found) {
      assert.is(chunk.start, start);
      start += chunk.text.length;
    }
    for (const chunk of found.slice(0, -1)) assert.ok(chunk.text.endsWith('\n'));
    at.remove();
  });
}

test('from one place to another, and nothing of a file that is not there', async () => {
  const at = createGitFolder();
  writeFileSync(at.path('file'), 'one\ntwo\nthree\n');
  assert.equal(await chunksOf(at.path('file'), 4, 8), [{ text: 'two\n', start: 4 }]);
  assert.equal(await chunksOf(at.path('file'), 14), []);
  assert.equal(await chunksOf(at.path('nowhere')), []);
  at.remove();
});

test.run();
