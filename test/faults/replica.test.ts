import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { git } from '../support/git-folder.ts';
import { openTestService, until } from '../support/service.ts';

/** Takes a push and forgets it, once: a replica that lags behind, after a failover. */
const FORGETS = (refs: string) => `#!/bin/sh
[ -e forgot ] && exit 0
while read old new ref; do
  case $ref in ${refs}) touch forgot; git update-ref "$ref" "$old"; git update-ref refs/forgotten "$new";; esac
done
`;

for (const [what, options, ref] of [
  ['the followed branch', {}, 'refs/heads/main'],
  ['a branch for statuses', { statusBranch: 'status' }, 'refs/heads/status'],
] as const) {
  test(`#20.9 F10: a push to ${what} that the remote drops at once is repeated with the next look`, async () => {
    const service = await openTestService({
      ...options,
      async prepare({ repository }) {
        if (ref !== 'refs/heads/main') git(repository.remote, 'branch', 'status', 'main');
        const hook = join(repository.remote, 'hooks', 'post-receive');
        await writeFile(hook, FORGETS(ref));
        await chmod(hook, 0o755);
      },
    });
    try {
      const { remote } = service.fleet.repository;
      const refs = () => git(remote, 'for-each-ref', '--format=%(refname)', 'refs/forgotten');
      await until(() => refs() !== '');
      const forgotten = git(remote, 'rev-parse', 'refs/forgotten');
      await until(() => {
        service.service.controller.nudge();
        return service.events.some((event) => event.event === 'git' && event.detail.kind === 'SourceRewritten');
      });
      const statuses = () => git(remote, 'ls-tree', '-r', '--name-only', ref, 'jobs').match(/\.status\.yaml$/m);
      await until(statuses);
      const show = (commit: string) => git(remote, 'show', `${commit}:STATUS.md`).split('\n').slice(0, 1);
      assert.equal(show(ref), show(forgotten));
    } finally {
      await service.stop();
    }
  });
}

test.run();
