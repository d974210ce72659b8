import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pieces } from '../../controller/state/pieces.ts';
import { ground } from '../support/git-folder.ts';

const PIECE = 256 << 10;
const line = (length: number, letter = 'x') => `${letter.repeat(length - 1)}\n`;

async function told(path: string, from?: number, to?: number) {
  const list: { text: string; start: number }[] = [];
  for await (const { bytes, start } of pieces(path, from, to)) list.push({ text: bytes.toString('latin1'), start });
  return list;
}

for (const [what, text] of [
  ['nothing', ''],
  ['one short line', 'a\n'],
  ['many lines, several pieces of them', line(999).repeat(1_000)],
  ['lines that end where a piece does', line(PIECE / 2).repeat(4)],
  ['a line longer than several pieces among short ones', `a\n${line(3 * PIECE)}b\n`],
  ['an end without a line break', `${line(999).repeat(600)}torn`],
  ['one long line without an end', 'x'.repeat(2 * PIECE)],
] as const) {
  test(`the pieces of ${what} make up the file, each but the last in whole lines`, async () => {
    const at = ground();
    writeFileSync(at.path('file'), text);
    const found = await told(at.path('file'));
    assert.is(found.map((piece) => piece.text).join('') === text, true, 'all of it');
    let start = 0;
    for (const piece of found) {
      assert.is(piece.start, start);
      start += piece.text.length;
    }
    for (const piece of found.slice(0, -1)) assert.ok(piece.text.endsWith('\n'));
    at.remove();
  });
}

test('from one place to another, and nothing of a file that is not there', async () => {
  const at = ground();
  writeFileSync(at.path('file'), 'one\ntwo\nthree\n');
  assert.equal(await told(at.path('file'), 4, 8), [{ text: 'two\n', start: 4 }]);
  assert.equal(await told(at.path('file'), 14), []);
  assert.equal(await told(at.path('nowhere')), []);
  at.remove();
});

test.run();
