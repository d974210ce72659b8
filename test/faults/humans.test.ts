import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { commit, git, result, status } from '../support/git-folder.ts';
import { assertSound, openTestPublisher, pathsIn, type TestPublisher } from '../support/publisher.ts';
import { type FaultContext, faultTest, LOGS } from './fault.ts';

const STATUS = 'jobs/a.status.yaml';

/** A service that has published some results, and a human who has them. */
async function published(at: FaultContext, count: number): Promise<TestPublisher> {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  await service.repository.snapshot(() => false);
  for (let number = 1; number <= count; number += 1) {
    await service.journal.append([result(number), status('a', number)]);
    await service.publisher.publish();
  }
  git(at.human, 'pull', '--quiet');
  return service;
}

faultTest(
  'F08: a force-push that drops commits of the service: its records come back, the rewrite stays',
  async (at) => {
    const service = await published(at, 5);
    git(at.human, 'reset', '--quiet', '--hard', 'HEAD~3');
    commit(at.human, { 'jobs/b.yaml': 'Name: B\n' });
    git(at.human, 'push', '--quiet', '--force');
    const { manifests } = await service.repository.snapshot(() => false);
    assert.ok(manifests.has('jobs/b.yaml'));
    const told = service.events.find(({ kind }) => kind === 'SourceRewritten');
    assert.ok(told && 'kept' in told && git(at.folder.path('state', 'repo.git'), 'rev-parse', told.kept) === told.was);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.is(pathsIn(at.bare, 'main', LOGS).length, 5);
    assert.match(git(at.bare, 'show', `main:${STATUS}`), '"ExecutionCount":5');
    assert.is(git(at.bare, 'show', 'main:jobs/b.yaml'), 'Name: B');
    assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
    assertSound(at.bare);
  },
);

faultTest(
  'F09: all commit IDs change: the watermark is read from the new tip, nothing is written again',
  async (at) => {
    const service = await published(at, 3);
    git(at.human, 'rebase', '--quiet', '--root', '--force-rebase', '--exec', 'git commit --quiet --amend -m rewritten');
    git(at.human, 'push', '--quiet', '--force');
    const tip = git(at.bare, 'rev-parse', 'main');
    await service.repository.snapshot(() => false);
    assert.ok(service.kinds().includes('SourceRewritten'));
    assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
    assert.is(git(at.bare, 'rev-parse', 'main'), tip);
    await service.journal.append([result(9)]);
    await service.publisher.publish();
    assert.is(pathsIn(at.bare, 'main', LOGS).length, 4);
  },
);

faultTest('F10: a force-push older than what the journal keeps: statuses come back, the gap is told', async (at) => {
  const stateDir = at.folder.path('state');
  const service = await at.open({ fleet: at.url, stateDir });
  await service.journal.append([result(1), status('a', 1)]);
  await service.publisher.publish();
  const old = git(at.bare, 'rev-parse', 'main');
  await service.journal.close();
  const { openJournal } = await import('../../controller/state/journal.ts');
  const small = await openJournal(join(stateDir, 'journal'), { fileBytes: 100 });
  for (let number = 2; number <= 9; number += 1) await small.append([result(number), status('a', number)]);
  await small.append([result(10)]);
  const second = await openTestPublisher({ fleet: at.url, stateDir }, { journal: small });
  await second.publisher.publish();
  await small.prune(18, new Date(Date.now() + 60_000));
  assert.ok(small.pruned > 4);
  git(at.bare, 'update-ref', 'refs/heads/main', old);
  git(join(stateDir, 'repo.git'), 'update-ref', '-d', `refs/bmcron/published/${service.journal.id}/main`); // a fresh clone
  const third = await openTestPublisher({ fleet: at.url, stateDir }, { journal: small });
  await third.repository.snapshot(() => false);
  assert.is((await third.publisher.publish()).outcome, 'Pushed');
  assert.match(git(at.bare, 'show', `main:${STATUS}`), '"ExecutionCount":9');
  assert.ok(third.kinds().includes('RecordsGone'));
  await Promise.all([small.close(), second.journal.close(), third.journal.close()]);
});

faultTest("F19: a human's edits of the service's files are put right in one commit, and told", async (at) => {
  const service = await published(at, 2);
  const log = pathsIn(at.bare, 'main', LOGS)[0] ?? '';
  commit(at.human, {
    [STATUS]: 'ExecutionCount: 99\n',
    [log]: null,
    'logs/notes.txt': 'mine\n',
    'jobs/b.yaml': 'Name: B\n',
  });
  git(at.human, 'push', '--quiet');
  await service.repository.snapshot(() => false);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.match(git(at.bare, 'show', `main:${STATUS}`), '"ExecutionCount":2');
  assert.is(pathsIn(at.bare, 'main', /^logs\/.*json$/).length, 2);
  assert.is(git(at.bare, 'show', 'main:logs/notes.txt'), 'mine');
  assert.match(git(at.bare, 'log', '-1', '--format=%B', 'main'), `Bmcron-Override: ${STATUS}`);
  assert.ok(service.kinds().includes('Overridden'));
  const tip = git(at.bare, 'rev-parse', 'main');
  for (let times = 0; times < 3; times += 1) assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  assert.is(git(at.bare, 'rev-parse', 'main'), tip, 'no edit war');
});

faultTest('R20: a status file that a human removes with its manifest does not come back', async (at) => {
  const service = await published(at, 1);
  commit(at.human, { 'jobs/a.yaml': null, [STATUS]: null });
  git(at.human, 'push', '--quiet');
  await service.repository.snapshot(() => false);
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  assert.not.ok(pathsIn(at.bare, 'main').includes(STATUS));
});

faultTest("F20: somebody's file where a folder is needed stays, and the record waits for the place", async (at) => {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  commit(at.human, { logs: 'a file of mine\n' });
  git(at.human, 'push', '--quiet');
  await service.journal.append([status('b', 1), result(1), status('a', 1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed', 'what can be written is');
  assert.is(git(at.bare, 'show', 'main:logs'), 'a file of mine');
  assert.ok(service.kinds().includes('PathConflict'));
  const tip = git(at.bare, 'rev-parse', 'main');
  for (let times = 0; times < 3; times += 1) await service.publisher.publish();
  assert.is(git(at.bare, 'rev-parse', 'main'), tip);
  assert.is(service.kinds().filter((kind) => kind === 'PathConflict').length, 1);
  git(at.human, 'pull', '--quiet');
  commit(at.human, { logs: null });
  git(at.human, 'push', '--quiet');
  await service.repository.snapshot(() => false);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 1);
});

for (const [what, put, take] of [
  ['file', (human) => writeFileSync(join(human, '.bmcron'), 'mine\n'), '.bmcron'],
  ['link', (human) => symlinkSync('/etc', join(human, '.bmcron')), '.bmcron'],
  ['folder in place of the watermark', (human, mark) => putFolder(join(human, mark)), null],
] as const satisfies readonly (readonly [string, (human: string, mark: string) => void, string | null])[]) {
  faultTest(
    `#20.8 F20: somebody's ${what} where the watermark belongs stops nothing else, is told, and stays`,
    async (at) => {
      const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
      const mark = `.bmcron/${service.journal.id}.json`;
      put(at.human, mark);
      const human = commit(at.human, { 'README.md': what });
      git(at.human, 'add', '--all');
      git(at.human, 'commit', '--quiet', '--amend', '--no-edit');
      git(at.human, 'push', '--quiet');
      await service.repository.snapshot(() => false);
      const theirs = git(at.bare, 'ls-tree', '-r', 'main', '.bmcron');
      for (const number of [1, 2, 3]) {
        await service.journal.append([status('a', number), result(number)]);
        assert.is((await service.publisher.publish()).outcome, 'Pushed');
        assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
      }
      assert.is(pathsIn(at.bare, 'main', LOGS).length, 3);
      assert.match(git(at.bare, 'show', `main:${STATUS}`), '"ExecutionCount":3');
      assert.is(git(at.bare, 'ls-tree', '-r', 'main', '.bmcron'), theirs, 'it stays as it was');
      const told = service.events.flatMap((event) => (event.kind === 'PathConflict' ? [event.paths] : []));
      assert.equal(told, [[take ?? mark]], 'once, by its path');
      // Moved away, the watermark is written, and nothing is written twice.
      git(at.human, 'pull', '--quiet');
      git(at.human, 'rm', '-r', '--quiet', take ?? mark);
      git(at.human, 'commit', '--quiet', '-m', `not ${human}`);
      git(at.human, 'push', '--quiet');
      await service.repository.snapshot(() => false);
      await service.journal.append([result(4)]);
      assert.is((await service.publisher.publish()).outcome, 'Pushed');
      assert.match(git(at.bare, 'show', `main:${mark}`), '"hi":7');
      assert.is(pathsIn(at.bare, 'main', LOGS).length, 4);
    },
  );
}

faultTest(
  "#20.8 R33: a human's file under the very name of a coming log stays, and the log gets the next one",
  async (at) => {
    const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
    const { path } = result(1) as Extract<JournalRecord, { kind: 'result' }>;
    commit(at.human, { [path]: 'my own notes\n' });
    git(at.human, 'push', '--quiet');
    await service.repository.snapshot(() => false);
    await service.journal.append([result(1)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.is(git(at.bare, 'show', `main:${path}`), 'my own notes');
    assert.match(git(at.bare, 'show', `main:${path.replace('.json', '_2.json')}`), '"Run":"job@1"');
  },
);

faultTest('F20: a link where a status belongs is neither followed nor replaced', async (at) => {
  const victim = at.folder.path('victim');
  writeFileSync(victim, 'untouched');
  for (const path of [STATUS, 'STATUS.md']) symlinkSync(victim, join(at.human, path));
  commit(at.human, { [STATUS.replace('a.', 'b.')]: 'x' });
  git(at.human, 'add', '--all');
  git(at.human, 'commit', '--quiet', '-m', 'links');
  git(at.human, 'push', '--quiet');
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  await service.journal.append([status('a', 1), status('b', 1)]);
  await service.publisher.publish();
  assert.match(git(at.bare, 'ls-tree', 'main', STATUS), '120000');
  assert.match(git(at.bare, 'show', 'main:jobs/b.status.yaml'), '"ExecutionCount":1');
  assert.ok(service.kinds().includes('PathConflict'));
  // The same fleet as a checkout: the work tree's link is not followed either.
  git(at.human, 'pull', '--quiet');
  const local = await at.open({ fleet: at.human, stateDir: at.folder.path('local') });
  await local.journal.append([status('a', 2), status('b', 2)]);
  await local.publisher.publish();
  unlinkSync(join(at.human, STATUS));
  assert.is((await import('node:fs')).readFileSync(victim, 'utf8'), 'untouched');
});

function putFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'notes.txt'), 'mine\n');
}

faultTest('F24, R38: own commits, many in a row, change no manifest, and nothing new makes no commit', async (at) => {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  const first = await service.repository.snapshot(() => false);
  const known = new Set([...first.manifests.values()].map(({ blob }) => blob));
  for (let number = 1; number <= 20; number += 1) {
    await service.journal.append([status('a', number % 2), status('a', number)]);
    await service.publisher.publish();
    await service.publisher.publish();
    const { manifests } = await service.repository.snapshot((blob) => known.has(blob));
    assert.ok([...manifests.values()].every(({ blob, bytes }) => bytes === null && known.has(blob)));
  }
  await service.journal.append([status('a', 20)]);
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  assert.is(git(at.bare, 'rev-list', '--count', 'main'), '21');
  assertSound(at.bare);
});

test.run();
