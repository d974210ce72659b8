import { appendFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import { createVerdicts } from '../../controller/snapshot/verdicts.ts';
import { createGitFolder, GIT_ENVIRONMENT, workTree } from '../support/git-folder.ts';
import { IDENTITY } from '../support/publisher.ts';
import { keyIn, signed } from '../support/signed-fleet.ts';

test('R45: each commit is judged once, until the file of signers says something else', async () => {
  const at = createGitFolder();
  const [ada, mallory] = [keyIn(at.root, 'ada'), keyIn(at.root, 'mallory')];
  const human = workTree(at.path('human'), { a: 'a' });
  const [good, bad] = [signed(human, ada.file, { b: 'b' }), signed(human, mallory.file, { c: 'c' })];
  const real = openGit(`${human}/.git`, GIT_ENVIRONMENT, human);
  let asked = 0;
  const text: typeof real.text = (args, options) => {
    asked += 1;
    return real.text(args, options);
  };
  const signers = at.path('signers');
  writeFileSync(signers, ada.line);
  const verdicts = createVerdicts({ git: { ...real, text }, signers, ownSigners: null, identity: IDENTITY });
  for (const _ of [1, 2, 3]) assert.equal([...(await verdicts.goodAmong([good, bad]))], [good]);
  assert.is(asked, 1);
  appendFileSync(signers, mallory.line);
  assert.equal([...(await verdicts.goodAmong([good, bad]))], [good, bad]);
  assert.is(asked, 2);
  at.remove();
});

test.run();
