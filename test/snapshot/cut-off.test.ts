import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GitError } from '../../controller/git/error.ts';
import { createGitFolder, GIT_ENVIRONMENT, git, remoteAndClone } from '../support/git-folder.ts';
import { openTestPublisher } from '../support/publisher.ts';

test('a git that a signal ended is no damage of the clone: it stays, and the next look is a look', async () => {
  const at = createGitFolder();
  const { bare, human } = remoteAndClone(at, { 'jobs/a.yaml': 'Name: A\n' });
  mkdirSync(at.path('bin'));
  const kill = `case "$*" in *ls-tree*|*rev-list*) [ -e ${at.path('now')} ] && kill -9 $$;; esac`;
  const real = `PATH=${process.env['PATH']} exec git "$@"`;
  writeFileSync(at.path('bin/git'), `#!/bin/sh\n${kill}\n${real}\n`, { mode: 0o755 });
  const environment = { ...GIT_ENVIRONMENT, PATH: `${at.path('bin')}:${process.env['PATH']}` };
  const options = { fleet: `file://${bare}`, stateDir: at.path('state'), environment };
  const service = await openTestPublisher(options);
  writeFileSync(at.path('now'), '');
  const error = await service.repository.snapshot(() => false).catch((reason) => reason);
  assert.instance(error, GitError);
  assert.match(error.message, 'was ended before it was done');
  rmSync(at.path('now'));
  assert.is((await service.repository.snapshot(() => false)).commit, git(human, 'rev-parse', 'HEAD'));
  assert.equal(service.kinds(), []);
  await service.close();
  writeFileSync(at.path('now'), '');
  assert.instance(await openTestPublisher(options).catch((reason) => reason), Error, 'nor by a start');
  assert.is(existsSync(at.path('state/repo.git.broken')), false);
  at.remove();
});

test.run();
