import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { headBranch } from '../../controller/git/checkout.ts';
import { openGit } from '../../controller/git/command.ts';
import {
  commit,
  createGitFolder,
  GIT_ENVIRONMENT,
  type GitFolder,
  git,
  keepsTables,
  result,
  status,
  workTree,
} from '../support/git-folder.ts';
import { assertSound, createInstantClock, openTestPublisher, type TestPublisher } from '../support/publisher.ts';

const FILES = { 'jobs/a.yaml': 'Name: A\n', 'machines/m.yaml': 'ID: m\n', 'README.md': 'one\ntwo\n' };
const STATUS = 'jobs/a.status.yaml';

function checkoutTest(
  name: string,
  body: (at: GitFolder, human: string, service: TestPublisher) => Promise<void>,
): void {
  test(name, async () => {
    const at = createGitFolder();
    const human = workTree(at.path('human'), FILES);
    const service = await openTestPublisher(
      { fleet: human, stateDir: at.path('state') },
      { clock: createInstantClock() },
    );
    try {
      await body(at, human, service);
      assertSound(human);
    } finally {
      await service.close();
      at.remove();
    }
  });
}

checkoutTest("a human's staged and unstaged changes stay as they are", async (_at, human, { journal, publisher }) => {
  writeFileSync(`${human}/README.md`, 'staged\n');
  git(human, 'add', 'README.md');
  writeFileSync(`${human}/README.md`, 'unstaged\n');
  writeFileSync(`${human}/jobs/new.yaml`, 'Name: New\n');
  const before = git(human, 'status', '--porcelain');
  await journal.append([result(1), status('a', 1)]);
  assert.is((await publisher.publish()).outcome, 'Pushed');
  assert.is(git(human, 'status', '--porcelain'), before);
  assert.is(git(human, 'show', ':README.md'), 'staged');
  assert.is(readFileSync(`${human}/README.md`, 'utf8'), 'unstaged\n');
  assert.ok(existsSync(`${human}/${STATUS}`));
  await journal.append([status('a', null)]);
  assert.is((await publisher.publish()).outcome, 'Pushed');
  assert.not.ok(existsSync(`${human}/${STATUS}`));
  assert.is(git(human, 'status', '--porcelain'), before);
});

for (const [what, begin, end] of [
  ['a merge', ['merge', 'other'], ['merge', '--abort']],
  ['a rebase', ['rebase', 'other'], ['rebase', '--abort']],
  ['a cherry-pick', ['cherry-pick', 'other'], ['cherry-pick', '--abort']],
  ['a detached HEAD', ['checkout', '--quiet', '--detach'], ['checkout', '--quiet', 'main']],
] as const) {
  checkoutTest(`nothing is committed during ${what}; it waits, and lands afterwards`, async (_at, human, service) => {
    git(human, 'checkout', '--quiet', '-b', 'other');
    commit(human, { 'README.md': 'theirs\n' });
    git(human, 'checkout', '--quiet', 'main');
    commit(human, { 'README.md': 'ours\n' });
    try {
      git(human, ...begin);
    } catch {
      // a conflict, as it should be
    }
    const before = git(human, 'rev-parse', 'main');
    const state = git(human, 'status', '--porcelain');
    await service.journal.append([status('a', 1)]);
    const published = await service.publisher.publish();
    assert.is(published.outcome, 'Contended', JSON.stringify(published));
    assert.is(git(human, 'rev-parse', 'main'), before);
    assert.is(git(human, 'status', '--porcelain'), state);
    git(human, ...end);
    const { retryAt } = published as { retryAt: Date };
    assert.ok(retryAt.getTime() - Date.now() < 60_000);
    await service.close();
    const again = await openTestPublisher({ fleet: human, stateDir: service.journal.id && `${human}/../state` });
    assert.is((await again.publisher.publish()).outcome, 'Pushed');
    assert.is(git(human, 'status', '--porcelain'), '');
    await again.close();
  });
}

checkoutTest("another program's index lock is respected, a stale one of ours is not", async (_at, human, service) => {
  const lock = `${human}/.git/index.lock`;
  writeFileSync(lock, '');
  await service.journal.append([status('a', 1)]);
  assert.is((await service.publisher.publish()).outcome, 'Contended');
  assert.ok(existsSync(lock));
  git(human, 'rev-parse', 'HEAD');
  (await import('node:fs')).unlinkSync(lock);
  writeFileSync(`${human}/.git/bmcron-index`, '');
  linkSync(`${human}/.git/bmcron-index`, lock); // what a SIGKILL in the middle leaves
  await service.close();
  const again = await openTestPublisher({ fleet: human, stateDir: `${human}/../state` });
  assert.is((await again.publisher.publish()).outcome, 'Pushed');
  assert.not.ok(existsSync(lock));
  assert.is(git(human, 'status', '--porcelain'), '');
  await again.close();
});

checkoutTest('a step that a SIGKILL cut off is finished at the next start', async (_at, human, service) => {
  await service.journal.append([status('a', 1), result(1)]);
  await service.publisher.publish();
  const tip = git(human, 'rev-parse', 'HEAD');
  git(human, 'read-tree', 'HEAD~1'); // the index and the work tree as they were before
  (await import('node:fs')).unlinkSync(`${human}/${STATUS}`);
  writeFileSync(`${human}/.git/bmcron-index`, '');
  writeFileSync(`${human}/README.md`, 'mine\n');
  await service.close();
  const again = await openTestPublisher({ fleet: human, stateDir: `${human}/../state` });
  assert.is(git(human, 'status', '--porcelain'), ' M README.md');
  assert.is(git(human, 'rev-parse', 'HEAD'), tip);
  await again.close();
});

checkoutTest('the followed branch goes on when a human switches to another', async (_at, human, service) => {
  git(human, 'checkout', '--quiet', '-b', 'elsewhere');
  commit(human, { 'jobs/a.yaml': null });
  assert.ok((await service.repository.snapshot(() => false)).manifests.has('jobs/a.yaml'));
  await service.journal.append([status('a', 1)]);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.match(git(human, 'ls-tree', '-r', '--name-only', 'main'), STATUS);
  assert.is(git(human, 'status', '--porcelain'), '');
  assert.not.ok(existsSync(`${human}/${STATUS}`));
});

checkoutTest(
  'F21: filters, line ends and hooks of the repository neither run nor change a byte',
  async (at, human, service) => {
    const trap = at.path('trap');
    mkdirSync(`${human}/hooks`, { recursive: true });
    for (const hook of ['pre-commit', 'post-commit', 'reference-transaction', 'post-index-change', 'pre-push']) {
      for (const folder of [`${human}/.git/hooks`, `${human}/hooks`]) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/${hook}`, `#!/bin/sh\ntouch ${trap}\n`);
        chmodSync(`${folder}/${hook}`, 0o755);
      }
    }
    git(human, 'config', 'core.hooksPath', `${human}/hooks`);
    git(human, 'config', 'filter.evil.clean', `sh -c 'touch ${trap}; echo changed'`);
    git(human, 'config', 'core.fsmonitor', `${human}/hooks/pre-commit`);
    writeFileSync(`${human}/.git/info/attributes`, '*.json filter=evil\n*.yaml text eol=crlf ident\n');
    await service.journal.append([result(1), status('a', 1)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    assert.not.ok(existsSync(trap));
    assert.is(git(human, 'cat-file', 'blob', `main:${STATUS}`), '[{"Id":"a","ExecutionCount":1}]');
    git(human, 'config', '--unset', 'core.hooksPath');
    git(human, 'config', '--unset', 'core.fsmonitor');
  },
);

checkoutTest('F22: what must not be read is refused file by file (R04)', async (_at, human, { repository }) => {
  const { symlinkSync } = await import('node:fs');
  symlinkSync('/etc/passwd', `${human}/jobs/link.yaml`);
  commit(human, {
    'jobs/big.yaml': 'x'.repeat((1 << 20) + 1),
    'jobs/full.yaml': 'x'.repeat(1 << 20),
    'jobs/lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    'jobs/bytes.yaml': 'Name: \u00e4\u{1f600}\n',
  });
  git(human, 'add', 'jobs/link.yaml');
  const sha = git(human, 'rev-parse', 'HEAD');
  git(human, 'update-index', '--add', '--cacheinfo', `160000,${sha},jobs/sub.yaml`);
  git(human, 'commit', '--quiet', '-m', 'hazards');
  const { manifests } = await repository.snapshot(() => false);
  const refused = [...manifests].filter(([, file]) => file.refused !== null).map(([path]) => path);
  assert.equal(refused.sort(), ['jobs/big.yaml', 'jobs/lfs.yaml', 'jobs/link.yaml', 'jobs/sub.yaml']);
  assert.ok([...manifests.values()].every(({ refused: why, bytes }) => (why === null) === (bytes !== null)));
  assert.is(Buffer.from(manifests.get('jobs/bytes.yaml')?.bytes ?? []).toString(), 'Name: \u00e4\u{1f600}\n');
  assert.is(manifests.get('jobs/full.yaml')?.bytes?.length, 1 << 20);
});

for (const command of keepsTables() ? ['cherry-pick', 'revert'] : []) {
  test(`#15.4 refs in tables: nothing is written while a ${command} is under way`, async () => {
    const at = createGitFolder();
    const human = at.path('human');
    git('.', 'init', '--quiet', '--ref-format=reftable', '--initial-branch=main', human);
    for (const text of ['one', 'two', 'three']) commit(human, { 'README.md': text });
    assert.throws(() => git(human, command, '--no-edit', 'HEAD~1'));
    const service = await openTestPublisher({ fleet: human, stateDir: at.path('state') });
    assert.match((await service.repository.branch.busy()) ?? 'not busy', `a ${command} is under way`);
    await service.close();
    at.remove();
  });
}

for (const [head, answer, branch] of [
  ['ref: refs/heads/main\n', null, 'main'],
  ['ref: refs/heads/team/a/fleet\n', null, 'team/a/fleet'],
  [`${'0'.repeat(40)}\n`, null, null],
  ['ref: refs/heads/.invalid\n', 'refs/heads/main\n', 'main'],
  ['ref: refs/heads/.invalid\n', null, null],
] as const) {
  test(`#15.4 HEAD is ${JSON.stringify(head)}, Git says ${answer}: ${branch ?? 'no branch'}`, async () => {
    const at = createGitFolder();
    writeFileSync(at.path('HEAD'), head);
    const text = async () => answer ?? Promise.reject(new Error('exit 1'));
    assert.is(await headBranch({ ...openGit(at.root, GIT_ENVIRONMENT), text }), branch);
    at.remove();
  });
}

checkoutTest(
  '#22.21 names that are not UTF-8: a refusal each, the others are read',
  async (_at, human, { repository }) => {
    const { writeFileSync } = await import('node:fs');
    for (const name of ['jobs/caf\u00e9.yaml', 'machines/caf\u00e9.yaml']) {
      writeFileSync(Buffer.from(`${human}/${name}`, 'latin1'), 'Name: A\n');
    }
    git(human, 'add', '--all');
    git(human, 'commit', '--quiet', '-m', 'odd names');
    const { manifests } = await repository.snapshot(() => false);
    const refused = [...manifests].filter(([, file]) => file.refused?.includes('not UTF-8')).map(([path]) => path);
    assert.equal(refused.sort(), ['jobs/caf\ufffd.yaml', 'machines/caf\ufffd.yaml']);
    assert.ok([...manifests.values()].some(({ bytes }) => bytes !== null));
  },
);

test.run();
