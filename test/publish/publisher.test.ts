import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  commit,
  createGitFolder,
  git,
  project,
  remoteAndClone,
  result,
  status,
  workTree,
} from '../support/git-folder.ts';
import { openTestPublisher } from '../support/publisher.ts';

const FILES = { 'jobs/a.yaml': 'Name: A\n', 'machines/m.yaml': 'ID: m\n', 'README.md': 'hello\n' };

for (const mode of ['checkout', 'remote', 'url'] as const) {
  test(`${mode}: snapshot, publish, snapshot again`, async () => {
    const at = createGitFolder();
    const { bare, human } = remoteAndClone(at, FILES);
    const options = {
      checkout: { fleet: human },
      remote: { fleet: human, remote: 'origin' },
      url: { fleet: `file://${bare}` },
    }[mode];
    const { repository, journal, publisher } = await openTestPublisher({ ...options, stateDir: at.path('state') });
    const first = await repository.snapshot(() => false);
    assert.equal([...first.manifests.keys()].sort(), ['jobs/a.yaml', 'machines/m.yaml']);
    assert.is(Buffer.from(first.manifests.get('jobs/a.yaml')?.bytes ?? []).toString(), 'Name: A\n');
    await journal.append([result(1), status('a', 1)]);
    const published = await publisher.publish();
    assert.is(published.outcome, 'Pushed', JSON.stringify(published));
    assert.equal(await publisher.publish(), { outcome: 'Unchanged' });
    const where = mode === 'checkout' ? human : bare;
    assert.is(git(where, 'show', 'main:jobs/a.status.yaml'), '[{"Id":"a","ExecutionCount":1}]');
    assert.is(git(where, 'show', 'main:README.md'), 'hello');
    const known = new Set([...first.manifests.values()].map(({ blob }) => blob));
    const second = await repository.snapshot((blob) => known.has(blob));
    assert.not.equal(second.commit, first.commit);
    assert.ok([...second.manifests.values()].every(({ bytes }) => bytes === null));
    assert.is((await repository.published()).size, 1);
    assert.is((await repository.read(first.commit, ['jobs/a.yaml', 'jobs/none.yaml'])).size, 1);
    if (mode === 'checkout') {
      assert.is(git(human, 'status', '--porcelain'), '');
      assert.ok(existsSync(`${human}/jobs/a.status.yaml`));
      assert.is(readFileSync(`${human}/jobs/a.status.yaml`, 'utf8'), '[{"Id":"a","ExecutionCount":1}]\n');
    }
    await journal.close();
    at.remove();
  });
}

test('R37: a race with a human is won by rebuilding on the new tip', async () => {
  const at = createGitFolder();
  const { bare, human } = remoteAndClone(at, FILES);
  const { repository, journal, publisher } = await openTestPublisher({
    fleet: bare.replace(/^/, 'file://'),
    stateDir: at.path('state'),
  });
  await repository.snapshot(() => false);
  commit(human, { 'jobs/b.yaml': 'Name: B\n' });
  git(human, 'push', '--quiet');
  await journal.append([status('a', 1)]);
  assert.is((await publisher.publish()).outcome, 'Pushed');
  assert.is(git(bare, 'show', 'main:jobs/b.yaml'), 'Name: B');
  assert.is(git(bare, 'rev-list', '--count', 'main'), '3');
  assert.is(git(bare, 'rev-list', '--merges', '--count', 'main'), '0');
  await journal.close();
  at.remove();
});

test('a path of somebody else is refused before anything is written', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), FILES);
  const { journal, publisher } = await openTestPublisher(
    { fleet: human, stateDir: at.path('state') },
    { project: () => ({ files: new Map([['README.md', 'mine']]), message: 'x' }) },
  );
  await journal.append([status('a', 1)]);
  await publisher.publish().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, 'not a path of the service'),
  );
  assert.is(git(human, 'rev-list', '--count', 'main'), '1');
  await journal.close();
  at.remove();
});

test('#15.5 R38 what comes while it publishes is for the next commit: a crowd makes one, not fifty', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), FILES);
  let runs = 1;
  const service = await openTestPublisher(
    { fleet: human, stateDir: at.path('state') },
    {
      async project(entries) {
        if (runs < 5) await service.journal.append([result(++runs), status('a', runs)]); // the next run has ended
        return project(entries);
      },
    },
  );
  const { journal, publisher } = service;
  await journal.append([result(1), status('a', 1)]);
  const counted = () => JSON.parse(git(human, 'show', 'main:jobs/a.status.yaml'))[0].ExecutionCount;
  for (const count of [1, 2]) {
    assert.is((await publisher.publish()).outcome, 'Pushed');
    assert.is(counted(), count);
    assert.is(git(human, 'rev-list', '--count', 'main'), String(1 + count));
  }
  await journal.close();
  at.remove();
});

test('#15.5 R38 who asks while it publishes has what was there by then published, too', async () => {
  const at = createGitFolder();
  const human = workTree(at.path('human'), FILES);
  const asked: Promise<{ readonly outcome: string }>[] = [];
  const service = await openTestPublisher(
    { fleet: human, stateDir: at.path('state') },
    {
      async project(entries) {
        if (asked.length === 0) {
          await service.journal.append([status('a', 2)]);
          asked.push(service.publisher.publish());
        }
        return project(entries);
      },
    },
  );
  await service.journal.append([status('a', 1)]);
  await service.publisher.publish();
  assert.is((await asked[0])?.outcome, 'Pushed');
  assert.match(git(human, 'show', 'main:jobs/a.status.yaml'), '"ExecutionCount":2');
  await service.journal.close();
  at.remove();
});

test.run();
