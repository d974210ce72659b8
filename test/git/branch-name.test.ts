import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exitCodeOf } from '../../controller/cli/exit-code.ts';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import { createGitFolder, git, remoteAndClone } from '../support/git-folder.ts';
import { openTestPublisher } from '../support/publisher.ts';

const at = createGitFolder();
const { bare, human } = remoteAndClone(at, { 'machines/m.yaml': 'ID: m\n' });
test.after(() => at.remove());
let starts = 0;

/** Why a start is refused; null when it is not. */
async function refusal(location: Partial<FleetLocation>): Promise<Error | null> {
  const stateDir = at.path(`state-${++starts}`);
  try {
    const service = await openTestPublisher({ fleet: `file://${bare}`, stateDir, ...location });
    await service.close();
    return null;
  } catch (error) {
    return error as Error;
  }
}

const CASES: readonly (readonly [location: Partial<FleetLocation>, refused: RegExp | null])[] = [
  [{ statusBranch: 'my status' }, /--status-branch "my status" is no name of a branch: no blanks/],
  [{ statusBranch: 'a..b' }, /is no name of a branch/],
  [{ statusBranch: 'x.lock' }, /is no name of a branch/],
  [{ statusBranch: '-x' }, /"-x" is no name of a branch: it must not begin with -/],
  [{ statusBranch: '@' }, /is no name of a branch/],
  [{ branch: 'HEAD' }, /--branch "HEAD" is no name of a branch/],
  [{ branch: 'refs/heads/main' }, /is no name of a branch: it must not begin with - or refs\//],
  [{ branch: 'a b' }, /--branch "a b" is no name of a branch/],
  [{ statusBranch: 'main/status' }, /cannot be beside the branch main: name it main-status/],
  [{ statusBranch: 'main' }, /--status-branch main is the followed branch/],
  [{ branch: 'main', statusBranch: 'main/x/y' }, /cannot be beside/],
  [{ fleet: bare, statusBranch: 'main/status' }, /cannot be beside/],
  [{ fleet: bare, statusBranch: 'main' }, /is the followed branch/],
  [{ statusBranch: 'status/main' }, null],
  [{ statusBranch: 'mainstatus' }, null],
  [{ fleet: bare, statusBranch: 'main-status' }, null],
];

for (const [location, refused] of CASES) {
  const options = Object.entries(location).map(([key, value]) => `${key} ${value === bare ? 'of a folder' : value}`);
  test(`#22.22 ${options.join(', ')}: ${refused ? 'refused at the start' : 'fine'}`, async () => {
    const error = await refusal(location);
    if (refused === null) assert.is(error, null);
    else {
      assert.match(String(error?.message), refused);
      assert.is(exitCodeOf(error), 2);
    }
  });
}

test('#22.22 a remote with several URLs to push to is refused by name; no password is in it', async () => {
  for (const url of [bare, 'https://ada:s3cr3t@192.0.2.1/fleet.git']) {
    git(human, 'remote', 'set-url', '--add', '--push', 'origin', url);
  }
  const error = await refusal({ fleet: human, remote: 'origin' });
  assert.match(String(error?.message), /remote origin has 2 URLs to push to \(.*remote\.git, https:.*192\.0\.2\.1/);
  assert.not.match(String(error?.message), 's3cr3t');
  git(human, 'config', '--unset-all', 'remote.origin.pushurl');
  git(human, 'remote', 'set-url', '--add', 'origin', at.path('second.git'));
  assert.match(String((await refusal({ fleet: human, remote: 'origin' }))?.message), '2 URLs to push to');
});

test.run();
