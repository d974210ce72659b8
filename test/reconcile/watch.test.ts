import { setTimeout as sleep } from 'node:timers/promises';
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
  type GitFolder,
  git,
  isManifest,
  keepsTables,
  remoteAndClone,
  until,
} from '../support/git-folder.ts';
import { IDENTITY } from '../support/publisher.ts';

const FILES = { 'jobs/a.yaml': 'Name: A\n' };

/** A fleet that is watched as the service watches it, and what a look has seen there. */
interface Watched {
  /** Where people commit. */
  readonly human: string;
  readonly branch: string;
  /** The commit of the last look. */
  readonly seen: () => string;
  /** How many looks there were. */
  readonly looks: () => number;
  close(): Promise<void>;
}

type Layout =
  | 'checkout'
  | 'branch with slashes'
  | 'linked work tree'
  | 'bare'
  | 'remote that is a local folder'
  | 'refs in tables'
  | 'linked work tree, refs in tables';

const LAYOUTS: readonly Layout[] = [
  'checkout',
  'branch with slashes',
  'linked work tree',
  'bare',
  'remote that is a local folder',
  ...(keepsTables() ? (['refs in tables', 'linked work tree, refs in tables'] as const) : []),
];

/** A repository: where people commit, and to which branch. */
function create(layout: Layout, at: GitFolder): { readonly folder: string; readonly branch: string } {
  const isLinked = layout.startsWith('linked');
  const { bare, human } = remoteAndClone(at, FILES);
  const top = layout.endsWith('tables') ? at.path('tables') : human;
  if (layout.endsWith('tables')) {
    git('.', 'init', '--quiet', '--ref-format=reftable', '--initial-branch=main', top);
    commit(top, FILES);
  }
  if (layout === 'bare') return { folder: bare, branch: 'main' };
  if (layout === 'branch with slashes') git(top, 'switch', '--quiet', '--create', 'team/a/fleet');
  if (isLinked) git(top, 'worktree', 'add', '--quiet', '-b', 'served', at.path('linked'));
  const branch = layout === 'branch with slashes' ? 'team/a/fleet' : isLinked ? 'served' : 'main';
  return { folder: isLinked ? at.path('linked') : top, branch };
}

async function openWatched(layout: Layout): Promise<Watched> {
  const at = createGitFolder();
  const { folder, branch } = create(layout, at);
  const isRemote = layout.startsWith('remote');
  const repository = await openRepository({
    location: { fleet: folder, ...(isRemote ? { remote: 'origin' } : {}) },
    stateDir: at.path('state'),
    environment: GIT_ENVIRONMENT,
    identity: IDENTITY,
    isManifest,
    ownSigners: null,
    clock: systemClock,
    observe: () => undefined,
  });
  let [seen, looks] = ['', 0];
  const never = (error: unknown) => assert.unreachable(String(error));
  const nudge = createNudge(async () => {
    looks += 1;
    seen = (await repository.snapshot(() => false)).commit;
  }, never);
  await nudge.begin();
  const watching = await watch(repository.watched, nudge, never);
  await until(() => looks > 1); // the one after all is watched
  await nudge.now();
  return {
    human: isRemote ? at.path('remote.git') : folder,
    branch,
    seen: () => seen,
    looks: () => looks,
    async close() {
      await watching.close();
      await nudge.stop();
      at.remove();
    },
  };
}

/** A chain of commits on a branch, none of them its tip yet. */
function chain({ human, branch }: Watched, length: number): string[] {
  const commits = [git(human, 'rev-parse', branch)];
  const tree = git(human, 'rev-parse', `${branch}^{tree}`);
  while (commits.length <= length) {
    commits.push(git(human, 'commit-tree', tree, '-p', commits.at(-1) ?? '', '-m', `${commits.length}`));
  }
  return commits.slice(1);
}

const moveBranch = ({ human, branch }: Watched, commit = '') =>
  git(human, 'update-ref', `refs/heads/${branch}`, commit);

for (const layout of LAYOUTS) {
  test(`#15.4 a commit is seen at whatever distance it follows another: ${layout}`, async () => {
    const watched = await openWatched(layout);
    const distances = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 80, 100, 120, 160, 200, 250, 300];
    const commits = chain(watched, distances.length * 2);
    for (const distance of distances) {
      moveBranch(watched, commits.shift());
      await sleep(distance);
      const last = commits.shift();
      moveBranch(watched, last);
      await until(() => watched.seen() === last, 5_000).catch(() => assert.unreachable(`overlooked at ${distance} ms`));
    }
    await watched.close();
  });

  test(`#15.4 a commit is seen although Git packs the refs around it: ${layout}`, async () => {
    const watched = await openWatched(layout);
    const commits = chain(watched, 9);
    for (const distance of [0, 15, 40]) {
      for (let each = 0; each < 2; each += 1) {
        git(watched.human, 'pack-refs', '--all');
        await sleep(distance);
        moveBranch(watched, commits.shift());
        await sleep(30);
      }
      const looks = watched.looks();
      const last = commits.shift();
      await until(() => watched.looks() > looks); // the one after what went before
      await sleep(400); // at rest: nothing but the commit makes a look
      moveBranch(watched, last);
      await until(() => watched.seen() === last, 5_000).catch(() => assert.unreachable(`overlooked at ${distance} ms`));
    }
    await watched.close();
  });
}

test('#15.4 without events nothing looks', async () => {
  const watched = await openWatched('checkout');
  const [commit] = chain(watched, 1);
  moveBranch(watched, commit);
  await until(() => watched.seen() === commit);
  await sleep(5_000); // the looks that follow an event
  const looks = watched.looks();
  git(watched.human, 'status');
  git(watched.human, 'tag', 'unrelated');
  await sleep(4_000);
  assert.is(watched.looks(), looks);
  await watched.close();
});

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
    await nudge.begin();
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

test.run();
