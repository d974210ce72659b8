import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commit, git, result, status, until } from '../support/git-folder.ts';
import { assertSound, pathsIn } from '../support/publisher.ts';
import { faultTest, LOGS } from './fault.ts';

faultTest('F03: a crash after the push and before its answer repeats nothing', async ({ folder, bare, url, open }) => {
  const first = await open({ fleet: url, stateDir: folder.path('state') });
  await first.repository.snapshot(() => false);
  await first.journal.append([result(1), status('a', 1)]);
  await first.publisher.publish();
  const tip = git(bare, 'rev-parse', 'main');
  // What a crash there leaves: a clone that does not know of the push.
  git(folder.path('state', 'repo.git'), 'update-ref', 'refs/bmcron/remote/main', `${tip}~1`);
  git(folder.path('state', 'repo.git'), 'update-ref', '-d', `refs/bmcron/published/${first.journal.id}/main`);
  await first.journal.close();
  const second = await open({ fleet: url, stateDir: folder.path('state') });
  const published = await second.publisher.publish();
  assert.is.not(published.outcome, 'Blocked');
  assert.is(git(bare, 'rev-parse', 'main'), tip, 'no further commit');
  assert.is(pathsIn(bare, 'main', LOGS).length, 1);
});

faultTest(
  'F03: what a push brought in the moment of a crash is kept, though a human removes it at once',
  async (at) => {
    const stateDir = at.folder.path('state');
    const first = await at.open({ fleet: at.url, stateDir });
    await first.journal.append([result(1)]);
    await first.publisher.publish();
    const before = git(at.bare, 'rev-parse', 'main');
    await first.journal.append([result(2)]);
    await first.publisher.publish();
    const clone = at.folder.path('state', 'repo.git');
    git(clone, 'update-ref', 'refs/bmcron/remote/main', before);
    git(clone, 'update-ref', `refs/bmcron/published/${first.journal.id}/main`, before);
    await first.journal.close();
    git(at.human, 'pull', '--quiet');
    commit(at.human, { [pathsIn(at.bare, 'main', LOGS).at(-1) ?? '']: null });
    git(at.human, 'push', '--quiet');
    const second = await at.open({ fleet: at.url, stateDir });
    await second.repository.snapshot(() => false);
    assert.is((await second.publisher.publish()).outcome, 'Pushed');
    assert.is(pathsIn(at.bare, 'main', LOGS).length, 2);
  },
);

faultTest('F05: what a killed git left in the clone is cleaned at the start', async ({ folder, bare, url, open }) => {
  const first = await open({ fleet: url, stateDir: folder.path('state') });
  await first.repository.snapshot(() => false);
  await first.journal.close();
  const clone = folder.path('state', 'repo.git');
  mkdirSync(join(clone, 'refs/bmcron/remote'), { recursive: true });
  for (const path of [
    'HEAD.lock',
    'packed-refs.lock',
    'config.lock',
    'refs/bmcron/remote/main.lock',
    'objects/pack/tmp_pack_x',
  ])
    writeFileSync(join(clone, path), '');
  mkdirSync(join(clone, 'rebase-merge'));
  const second = await open({ fleet: url, stateDir: folder.path('state') });
  assert.ok(second.kinds().includes('CloneRepaired'));
  await second.journal.append([status('a', 1)]);
  assert.is((await second.publisher.publish()).outcome, 'Pushed');
  assertSound(bare);
});

faultTest('F14: manifests from main, statuses on a branch of their own', async ({ folder, bare, human, url, open }) => {
  const options = { fleet: url, statusBranch: 'bmcron-status', stateDir: folder.path('state') };
  const service = await open(options);
  const before = git(bare, 'rev-parse', 'main');
  await service.repository.snapshot(() => false);
  await service.journal.append([result(1), status('a', 1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  commit(human, { 'jobs/b.yaml': 'Name: B\n' });
  git(human, 'push', '--quiet');
  await service.journal.append([result(2), status('a', 2)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is(git(bare, 'rev-parse', 'main~1'), before);
  assert.equal(pathsIn(bare, 'main', /status|logs|bmcron/), []);
  assert.is(pathsIn(bare, 'bmcron-status').length, 4);
  assert.is((await service.repository.snapshot(() => false)).manifests.size, 3);
  assert.is((await service.repository.published()).size, 1);
  await service.journal.close();
  const again = await open(options);
  assert.equal(await again.publisher.publish(), { outcome: 'Unchanged' });
});

for (const [what, damage] of [
  ['an empty object', (clone: string) => truncateSync(looseObject(clone), 0)],
  ['all objects gone', (clone: string) => rmSync(join(clone, 'objects'), { recursive: true })],
  ['HEAD gone', (clone: string) => rmSync(join(clone, 'HEAD'))],
] as const) {
  faultTest(`F17: a damaged clone (${what}) is set aside and made again`, async ({ folder, bare, url, open }) => {
    const first = await open({ fleet: url, stateDir: folder.path('state') });
    await first.repository.snapshot(() => false);
    await first.journal.append([result(1)]);
    await first.publisher.publish();
    await first.journal.close();
    damage(folder.path('state', 'repo.git'));
    const second = await open({ fleet: url, stateDir: folder.path('state') });
    assert.is((await second.repository.snapshot(() => false)).manifests.size, 2);
    await second.journal.append([result(2)]);
    assert.is((await second.publisher.publish()).outcome, 'Pushed');
    assert.is(pathsIn(bare, 'main', LOGS).length, 2);
    assertSound(bare);
  });
}

function looseObject(clone: string): string {
  const blob = git(clone, 'rev-parse', 'refs/bmcron/remote/main:jobs/a.yaml');
  const path = join(clone, 'objects', blob.slice(0, 2), blob.slice(2));
  execFileSync('chmod', ['u+w', path]);
  return path;
}

faultTest('F18: a state folder that is gone: a new name, and no number is used again', async (at) => {
  const stateDir = at.folder.path('state');
  const first = await at.open({ fleet: at.url, stateDir });
  await first.journal.append([result(1), result(2), status('a', 2)]);
  await first.publisher.publish();
  await first.journal.close();
  rmSync(stateDir, { recursive: true });
  const second = await at.open({ fleet: at.url, stateDir });
  assert.is.not(second.journal.id, first.journal.id);
  await second.repository.snapshot(() => false);
  assert.is((await second.repository.published()).size, 1);
  await second.journal.append([result(3)]);
  assert.is((await second.publisher.publish()).outcome, 'Pushed');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 3);
  assert.is(pathsIn(at.bare, 'main', /^\.bmcron/).length, 2);
});

faultTest('F18: a disk that was set back goes on under a new name, and loses nothing new', async (at) => {
  const stateDir = at.folder.path('state');
  const first = await at.open({ fleet: at.url, stateDir });
  await first.journal.append([result(1)]);
  await first.publisher.publish();
  execFileSync('cp', ['-a', stateDir, `${stateDir}.old`]);
  await first.journal.append([result(2), result(3)]);
  await first.publisher.publish();
  await first.journal.close();
  rmSync(stateDir, { recursive: true });
  execFileSync('mv', [`${stateDir}.old`, stateDir]);
  const second = await at.open({ fleet: at.url, stateDir });
  await second.journal.append([result(4), result(5), result(6)]);
  assert.is((await second.publisher.publish()).outcome, 'Pushed');
  assert.ok(second.kinds().includes('JournalRenewed'));
  assert.is.not(second.journal.id, first.journal.id, 'under the old name its numbers would be used again');
  assert.is(pathsIn(at.bare, 'main', /^\.bmcron/).length, 2);
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 6);
  await until(() => git(at.bare, 'fsck') === '');
});

test.run();
