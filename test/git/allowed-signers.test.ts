import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keysOf } from '../../controller/git/signature.ts';
import { createGitFolder } from '../support/git-folder.ts';
import { keyIn } from '../support/signed-fleet.ts';

const place = createGitFolder();
test.after(() => place.remove());
const { file, line } = keyIn(place.root, 'bot');
const key = line.replace(/^\S+ /, '').trim();
const print = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1];

for (const [what, text] of [
  ['principals that begin as a key type does', `ssh-bot@fleet ${key}`],
  ['principals in quotes', `"bot@fleet,other bot" ${key}`],
  ['options', `bot@fleet namespaces="git, x",valid-after="20200101" ${key}`],
  ['an option that names a key', `bot@fleet namespaces="ssh-ed25519 AAAA" ${key}`],
  ['a comment, blanks and the end of a line of Windows', `# keys\n\n  bot@fleet\t${key} of the host \r\n`],
] as const) {
  test(`R45: a key of a controller is found beside ${what}`, () => {
    assert.equal([...keysOf(text)], [print]);
  });
}

for (const [what, text] of [
  ['no principals', key],
  ['no key', 'bot@fleet'],
  ['a type that is none', `bot@fleet ${key.replace('ssh-', 'xsh-')}`],
  ['a key of another type', `bot@fleet ${key.replace('ed25519', 'rsa')}`],
  ['half a key', `bot@fleet ${key.slice(0, 20)}`],
  ['an option that does not end', `bot@fleet namespaces="git ${key}`],
  ['an authority', `bot@fleet cert-authority ${key}`],
] as const) {
  test(`R45: a line of a controller's key with ${what} is refused by its number`, () => {
    assert.throws(() => keysOf(`# keys\n${text}\n`), /line 2 is not understood/);
  });
}

test.run();
