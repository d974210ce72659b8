import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createNudge } from '../../controller/reconcile/nudge.ts';
import { watch } from '../../controller/reconcile/watch.ts';
import { openRepository } from '../../controller/snapshot/repository.ts';
import {
  commit,
  createGitFolder,
  GIT_ENVIRONMENT,
  git,
  isManifest,
  remoteAndClone,
  until,
} from '../support/git-folder.ts';
import { IDENTITY } from '../support/publisher.ts';

const FILES = { 'jobs/a.yaml': 'Name: A\n' };

for (const mode of ['checkout', 'linked work tree', 'remote that is a local folder'] as const) {
  test(`a commit is noticed at once: ${mode}`, async () => {
    const at = createGitFolder();
    const { human } = remoteAndClone(at, FILES);
    const linked = at.path('linked');
    git(human, 'worktree', 'add', '--quiet', '-b', 'served', linked);
    const remote = mode.startsWith('remote');
    const repository = await openRepository({
      location: { fleet: mode.startsWith('linked') ? linked : human, ...(remote ? { remote: 'origin' } : {}) },
      stateDir: at.path('state'),
      environment: GIT_ENVIRONMENT,
      identity: IDENTITY,
      ownSigners: null,
      isManifest,
      clock: systemClock,
      observe: () => undefined,
    });
    let seen = '';
    const nudge = createNudge(
      async () => {
        seen = (await repository.snapshot(() => false)).commit;
      },
      (error) => assert.unreachable(String(error)),
    );
    const watching = await watch(repository.watched, nudge, (error) => assert.unreachable(String(error)));
    const wanted = commit(mode.startsWith('linked') ? linked : human, { 'jobs/b.yaml': 'Name: B\n' });
    if (remote) git(human, 'push', '--quiet');
    await until(() => seen === wanted);
    if (!remote) git(human, 'pack-refs', '--all');
    const packed = commit(mode.startsWith('linked') ? linked : human, { 'jobs/c.yaml': 'Name: C\n' });
    if (remote) git(human, 'push', '--quiet');
    await until(() => seen === packed);
    await watching.close();
    await nudge.stop();
    at.remove();
  });
}

test('nothing to watch is watched at once: a remote behind a URL has no folder', async () => {
  const never = (why: unknown) => assert.unreachable(String(why));
  await (await watch([], () => never('changed'), never)).close();
});

test('many wake-ups, one pass; one during a pass makes one more', async () => {
  let passes = 0;
  let open = () => {};
  const nudge = createNudge(
    async () => {
      passes += 1;
      if (passes === 1) await new Promise<void>((resolve) => (open = resolve));
      if (passes === 2) throw new Error('told');
    },
    (error) => told.push(String(error)),
  );
  const told: string[] = [];
  for (let each = 0; each < 100; each += 1) nudge();
  await until(() => passes === 1);
  for (let each = 0; each < 100; each += 1) nudge();
  open();
  await nudge.now();
  assert.is(passes, 2);
  assert.equal(told, ['Error: told']);
  await nudge.now();
  assert.is(passes, 3);
  await nudge.stop();
  nudge();
  await nudge.now();
  assert.is(passes, 3);
});

test.run();
