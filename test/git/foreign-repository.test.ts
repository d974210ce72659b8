// What a repository may make the service do that reads it: another user's nothing, and nobody's any program (#20.C13).
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createManifestCommits } from '../../controller/publish/manifest-commits.ts';
import { FILES } from '../faults/fault.ts';
import {
  createGitFolder,
  GIT_ENVIRONMENT,
  type GitFolder,
  git,
  remoteAndClone,
  result,
} from '../support/git-folder.ts';
import { IDENTITY, openTestPublisher } from '../support/publisher.ts';

/** A git that writes down its arguments, and takes each repository for another user's where `isOthers` says so. */
function watchedGit(at: GitFolder, isOthers: boolean): { readonly path: string; readonly calls: () => string[] } {
  const [folder, calls] = [at.path('bin'), at.path('calls')];
  mkdirSync(folder);
  const others = isOthers ? 'export GIT_TEST_ASSUME_DIFFERENT_OWNER=1' : '';
  const script = `#!/bin/sh\necho "$*" >> ${calls}\n${others}\nPATH=${process.env['PATH']} exec git "$@"\n`;
  writeFileSync(`${folder}/git`, script);
  chmodSync(`${folder}/git`, 0o755);
  return { path: `${folder}:${process.env['PATH']}`, calls: () => readFileSync(calls, 'utf8').trim().split('\n') };
}

function repositoryTest(
  name: string,
  isOthers: boolean,
  body: (
    at: GitFolder,
    of: { readonly human: string; readonly watched: ReturnType<typeof watchedGit> },
  ) => Promise<void>,
): void {
  test(name, async () => {
    const at = createGitFolder();
    const { human } = remoteAndClone(at, FILES);
    try {
      await body(at, { human, watched: watchedGit(at, isOthers) });
    } finally {
      at.remove();
    }
  });
}

/** A program that leaves a trace. */
function trapIn(at: GitFolder): { readonly program: string; readonly sprung: () => boolean } {
  writeFileSync(at.path('evil'), `#!/bin/sh\ntouch ${at.path('trap')}\nexit 1\n`);
  chmodSync(at.path('evil'), 0o755);
  return { program: at.path('evil'), sprung: () => existsSync(at.path('trap')) };
}

for (const remote of [undefined, 'origin']) {
  const what = remote === undefined ? 'a checkout' : '--remote origin';
  repositoryTest(
    `#20.C13 ${what} of another user's repository is refused, as git itself refuses it`,
    true,
    async (at, { human, watched }) => {
      const environment = { ...GIT_ENVIRONMENT, PATH: watched.path };
      const options = { fleet: human, ...(remote && { remote }), stateDir: at.path('state'), environment };
      const error = await openTestPublisher(options).catch((reason: Error) => reason);
      assert.match(String(error), /another user.*safe\.directory/);
    },
  );
}

repositoryTest(
  '#20.C13 a trusted repository of another user says where its remote is, not what runs',
  true,
  async (at, { human, watched }) => {
    const trap = trapIn(at);
    git(human, 'remote', 'set-url', 'origin', `ssh://git@forge.example${at.path('remote.git')}`);
    git(human, 'config', 'core.sshCommand', trap.program);
    git(human, 'config', `url.ext::${trap.program}.insteadOf`, 'ssh://');
    git(human, 'config', 'remote.origin.uploadpack', trap.program);
    const settings = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
    const ssh = `sh -c 'unset GIT_TEST_ASSUME_DIFFERENT_OWNER; for last in "$@"; do :; done; exec sh -c "$last"' ssh`;
    const environment = {
      ...GIT_ENVIRONMENT,
      ...settings,
      GIT_SSH_COMMAND: ssh,
      GIT_SSH_VARIANT: 'simple',
      PATH: watched.path,
    };
    const service = await openTestPublisher({
      fleet: human,
      remote: 'origin',
      stateDir: at.path('state'),
      environment,
    });
    assert.is((await service.repository.snapshot(() => false)).manifests.size, 2, 'by the way of who runs the service');
    await service.close();
    assert.not.ok(trap.sprung());
  },
);

repositoryTest(
  '#20.C13 no filter of a repository runs while manifests are written in it',
  false,
  async (at, { human }) => {
    const trap = trapIn(at);
    git(human, 'config', 'filter.evil.clean', trap.program);
    git(human, 'config', 'filter.evil.required', 'true');
    writeFileSync(`${human}/.git/info/attributes`, '*.yaml filter=evil\n');
    const [path = ''] = Object.keys(FILES);
    const service = await openTestPublisher({ fleet: human, stateDir: at.path('state') });
    const { followed, prefix } = service.repository;
    const authoring = createManifestCommits({ branch: followed, prefix, committer: IDENTITY, clock: systemClock });
    const text = readFileSync(`${human}/${path}`, 'utf8');
    writeFileSync(`${human}/${path}`, text.replace(/./, 'X')); // of the same size: git has to look at the bytes
    const files = new Map([[path, 'Name: New\n']]);
    const written = await authoring.write(git(human, 'rev-parse', 'HEAD'), { files, message: 'x', author: IDENTITY });
    assert.is(written.outcome, 'InTheWay', 'the edit is seen');
    assert.not.ok(trap.sprung());
    await service.close();
  },
);

repositoryTest(
  '#20 nothing that a partial clone lacks is fetched by what its settings name',
  false,
  async (at, { human }) => {
    const trap = trapIn(at);
    for (const [name, value] of [
      ['core.repositoryformatversion', '1'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.url', 'ssh://nowhere.invalid/x'],
      ['core.sshCommand', trap.program],
    ] as const)
      git(human, 'config', name, value);
    const blob = git(human, 'rev-parse', `HEAD:${Object.keys(FILES)[0]}`);
    rmSync(`${human}/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
    const service = await openTestPublisher({ fleet: human, stateDir: at.path('state') });
    const error = await service.repository.snapshot(() => false).catch((reason: Error) => reason);
    assert.instance(error, Error);
    assert.not.ok(trap.sprung());
    await service.close();
  },
);

repositoryTest(
  'what is committed in a checkout is on the disk before the branch names it',
  false,
  async (at, { human, watched }) => {
    const environment = { ...GIT_ENVIRONMENT, PATH: watched.path };
    const service = await openTestPublisher({ fleet: human, stateDir: at.path('state'), environment });
    await service.journal.append([result(1)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    await service.close();
    const writing = watched.calls().filter((call) => / (fast-import|update-ref) /.test(call));
    assert.ok(writing.length >= 2);
    for (const call of writing) assert.match(call, '-c core.fsync=committed,reference');
  },
);

test.run();
