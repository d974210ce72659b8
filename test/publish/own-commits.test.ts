// What the service has signed lately, in histories that somebody joined who may push, but not sign (R45).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import { createOwnCommits } from '../../controller/publish/own-commits.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';
import { keyIn, signed } from '../support/signed-fleet.ts';

const PATH = 'jobs/a.status.yaml';
const STATUS = (text: string) => ({ [PATH]: `${text}\n` });
const MESSAGE = 'bmcron: x\n\nBmcron-Controller: a-1';

for (const [what, prepare] of [
  ['an old line', (human: string) => git(human, 'rev-parse', 'HEAD~')],
  [
    'a line that the newest has not seen',
    (human: string, key: string) => {
      git(human, 'checkout', '--quiet', '-b', 'beside', 'HEAD~2');
      const side = signed(human, key, STATUS('old'), MESSAGE);
      git(human, 'checkout', '--quiet', 'main');
      return side;
    },
  ],
] as const) {
  test(`R45: ${what} that somebody joins to the newest is not what the service left`, async () => {
    const at = createGitFolder();
    const key = keyIn(at.root, 'service');
    const human = workTree(at.path('human'), { 'jobs/a.yaml': 'Name: A\n' });
    signed(human, key.file, STATUS('old'), MESSAGE);
    const last = signed(human, key.file, STATUS('new'), MESSAGE);
    const old = prepare(human, key.file);
    const merge = git(human, 'commit-tree', `${old}^{tree}`, '-p', old, '-p', last, '-m', 'm');
    const own = createOwnCommits({
      git: openGit(`${human}/.git`, GIT_ENVIRONMENT, human),
      prefix: '',
      signers: key.signers,
    });
    const blob = (await own.lastWritten([merge], ['jobs'], [PATH])).get(PATH)?.id;
    const contested = await own.contested([merge], ['jobs']);
    const isBelieved = blob === git(human, 'rev-parse', `${merge}:${PATH}`) && !contested.has(PATH);
    assert.is(isBelieved, false);
    assert.is(await own.newest([last]), last);
    assert.equal([...(await own.contested([last], ['jobs']))], []);
    at.remove();
  });
}

test('R37: who writes the words of a trailer in running text says to be nobody', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), { 'jobs/a.yaml': 'Name: A\n' });
  const own = createOwnCommits({ git: openGit(`${human}/.git`, GIT_ENVIRONMENT, human), prefix: '', signers: null });
  signed(
    human,
    null,
    STATUS('x'),
    'x\n\nThe trailer\nBmcron-Controller: a-1\nsays who made it.\n\nSigned-off-by: A <a@b>',
  );
  assert.is(await own.newest(['HEAD']), null);
  const made = signed(human, null, STATUS('y'), MESSAGE);
  assert.equal([await own.newest(['HEAD'], 'a-1'), await own.newest(['HEAD'], 'a')], [made, null]);
  at.remove();
});

test.run();
