import { renameSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import { systemTest } from '../scenarios/scenario.ts';
import { commit, createGitFolder, git, remoteAndClone } from '../support/git-folder.ts';
import { daily, machines, once } from '../support/manifests.ts';
import { openTestPublisher } from '../support/publisher.ts';

const FLEET = { ...machines(1), 'jobs/nightly.yaml': daily(), 'jobs/single.yaml': once(), 'docs/x.md': 'x' };

const NO_FLEETS: readonly (readonly [what: string, change: Partial<FleetLocation>, error: RegExp])[] = [
  ['a folder that is not there', { path: 'nope' }, /nope|the whole repository/],
  ['a folder that is no fleet', { path: 'docs' }, /docs/],
  ['another branch', { branch: 'other' }, /other/],
];

for (const remote of [true, false]) {
  for (const [what, change, error] of NO_FLEETS) {
    systemTest(
      `#22.1 ${what} (${remote ? 'remote' : 'bare'}): refused by name, nothing written or forgotten`,
      async (create) => {
        let more: Partial<FleetLocation> = {};
        const system = await create({
          files: FLEET,
          gitOptions: (bare) => ({ location: { fleet: remote ? `file://${bare}` : bare, branch: 'main', ...more } }),
        });
        git(system.bare, 'branch', 'other', 'main');
        await system.advance('2026-03-10T14:01:00Z');
        await system.stop();
        const was = git(system.bare, 'for-each-ref');
        more = change;
        const refused = await system.start().then(
          () => null,
          (reason: Error) => reason,
        );
        assert.match(String(refused?.message), error);
        assert.match(String(refused?.message), /--state-dir|--path/);
        assert.is(git(system.bare, 'for-each-ref'), was, 'nothing is written');
        more = {};
        await system.start();
        assert.is(system.status('single').ExecutionCount, 1, 'what has run is known');
        assert.is(system.status('single').NextRunTime, null);
        assert.is(system.runs('single').length, 1);
      },
    );
  }
}

test('#22.1 a start on what is no fleet says what was looked for, and leaves the state folder to nobody', async () => {
  const at = createGitFolder();
  const { bare, human } = remoteAndClone(at, { 'README.md': 'no fleet' });
  for (const fleet of [bare, `file://${bare}`]) {
    for (const path of [undefined, 'nope']) {
      const stateDir = at.path(`state-${fleet.length}`);
      const none = await openTestPublisher({ fleet, branch: 'main', path, stateDir });
      const refused = await none.repository
        .snapshot(() => false)
        .then(
          () => null,
          (reason: Error) => reason,
        );
      assert.match(String(refused?.message), /no fleet in .*: jobs\/, machines\/ and bmcron.yaml .*--path/);
      await none.close();
    }
  }
  commit(human, { 'machines/m.yaml': 'ID: m\n' });
  git(human, 'push', '--quiet', 'origin', 'main');
  for (const fleet of [bare, `file://${bare}`]) {
    const right = await openTestPublisher({ fleet, branch: 'main', stateDir: at.path(`state-${fleet.length}`) });
    assert.is((await right.repository.snapshot(() => false)).manifests.size, 1);
    await right.close();
  }
  at.remove();
});

test('#22.1 another repository or remote is refused by name; one that has moved with its state is not', async () => {
  const at = createGitFolder();
  const { bare, human } = remoteAndClone(at, FLEET);
  git(at.root, 'clone', '--quiet', '--bare', bare, 'second.git');
  const stateDir = at.path('state');
  const first = await openTestPublisher({ fleet: human, remote: 'origin', stateDir });
  await first.repository.snapshot(() => false);
  await first.close();
  for (const fleet of [`file://${at.path('second.git')}`, at.path('second.git'), human]) {
    const refused = await openTestPublisher({ fleet, stateDir }).then(
      () => null,
      (reason: Error) => reason,
    );
    assert.match(String(refused?.message), /belongs to the fleet of repository .*remote\.git, and not /);
    assert.match(String(refused?.message), /fleet\.json/);
  }
  const inside = await openTestPublisher({ fleet: human, stateDir: at.path('human', '.git', 'bmcron') });
  await inside.repository.snapshot(() => false);
  await inside.close();
  const moved = at.path('moved');
  renameSync(human, moved);
  const again = await openTestPublisher({ fleet: moved, stateDir: at.path('moved', '.git', 'bmcron') });
  await again.close();
  at.remove();
});

test('#22.22 a remote whose HEAD names a branch that is not there: told, with the branches that are', async () => {
  const at = createGitFolder();
  const { bare } = remoteAndClone(at, FLEET);
  git(bare, 'branch', 'stable', 'main');
  git(bare, 'symbolic-ref', 'HEAD', 'refs/heads/gone');
  const refused = await openTestPublisher({ fleet: `file://${bare}`, stateDir: at.path('state') }).then(
    () => null,
    (reason: Error) => reason,
  );
  assert.match(String(refused?.message), /HEAD of .* names a branch that is not there.*--branch: main, stable/);
  at.remove();
});

test.run();
