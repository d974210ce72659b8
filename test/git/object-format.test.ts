import { mkdirSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startForge } from '../support/forge.ts';
import { commit, createGitFolder, type GitFolder, git, result } from '../support/git-folder.ts';
import { assertSound, openTestPublisher, type TestPublisher } from '../support/publisher.ts';

/** A remote of this format with a commit on main. */
function remoteOf(at: GitFolder, format: string): string {
  const bare = at.path('remote.git');
  const human = at.path(`human-${format}`);
  rmSync(bare, { recursive: true, force: true });
  for (const folder of [bare, human]) mkdirSync(folder);
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`);
  git(bare, 'config', 'http.receivepack', 'true');
  git(human, 'init', '--quiet', '--initial-branch=main', `--object-format=${format}`);
  commit(human, { 'machines/m.yaml': 'ID: m\n', 'jobs/a.yaml': 'Name: A\n' });
  git(human, 'push', '--quiet', bare, 'main');
  return bare;
}

async function publishes(service: TestPublisher, number: number): Promise<void> {
  await service.repository.snapshot(() => false);
  await service.journal.append([result(number)]);
  const { outcome } = await service.publisher.publish();
  assert.is(outcome, 'Pushed');
}

for (const [format, digits] of [
  ['sha1', 40],
  ['sha256', 64],
] as const) {
  test(`#22.20 a ${format} remote, as a folder and over HTTP: read and written; the clone has its format`, async () => {
    const at = createGitFolder();
    const bare = remoteOf(at, format);
    const forge = await startForge(at.root, () => 1);
    let number = 0;
    for (const fleet of [`file://${bare}`, `${forge.url}/remote.git`]) {
      const stateDir = at.path(`state-${++number}`);
      const service = await openTestPublisher({ fleet, stateDir });
      const { commit: tip, manifests } = await service.repository.snapshot(() => false);
      assert.equal([tip.length, manifests.size], [digits, 2]);
      await publishes(service, number);
      await service.close();
      assert.is(git(`${stateDir}/repo.git`, 'rev-parse', '--show-object-format'), format);
      assert.equal(service.kinds(), [], 'nothing to report');
      const again = await openTestPublisher({ fleet, stateDir });
      await publishes(again, number + 2);
      await again.close();
    }
    assert.is(git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n').length, 4);
    assertSound(bare);
    await forge.close();
    at.remove();
  });
}

test('#22.20 a remote made anew in the other format: the clone follows, the old one is kept aside', async () => {
  const at = createGitFolder();
  const fleet = `file://${remoteOf(at, 'sha1')}`;
  const service = await openTestPublisher({ fleet, stateDir: at.path('state') });
  await publishes(service, 1);
  const bare = remoteOf(at, 'sha256');
  await publishes(service, 2);
  assert.ok(service.kinds().includes('CloneRepaired'));
  assert.is(git(bare, 'ls-tree', '-r', '--name-only', 'main', 'logs/').split('\n').length, 2, 'all records are there');
  await service.close();
  at.remove();
});

test.run();
