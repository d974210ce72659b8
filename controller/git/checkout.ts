import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwn } from '../../definitions/own-paths.ts';
import type { Branch } from './branch.ts';
import type { Git } from './command.ts';
import type { GitFolder } from './discover.ts';
import { resolveRef } from './refs.ts';
import { dropStaleLock, finishUpdate, updateCheckout } from './worktree.ts';

/** Files of a Git folder that are there while a human is in the middle of something, and what that is. */
const UNDER_WAY = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisection'],
] as const;

const HEAD = /^(?:ref: )?refs\/heads\/(.+)\n?$/;
/** What the file HEAD says where Git keeps refs in tables (reftable); no branch can be called that. */
const ELSEWHERE = '.invalid';

/** The branch that is checked out; null when HEAD is detached. */
export async function headBranch(git: Git): Promise<string | null> {
  const name = HEAD.exec(await readFile(join(git.folder, 'HEAD'), 'utf8'))?.[1] ?? null;
  if (name !== ELSEWHERE) return name;
  const head = await git.text(['symbolic-ref', '--quiet', 'HEAD']).catch(() => '');
  return HEAD.exec(head)?.[1] ?? null;
}

/** A repository of this machine whose branch is advanced in place, its work tree brought along. */
export async function openCheckoutBranch(
  git: Git,
  place: GitFolder,
  options: { readonly name: string; readonly shared: boolean; readonly prefix: string },
): Promise<Branch> {
  const { name, shared, prefix } = options;
  const isOwnPath = (path: string) => path.startsWith(prefix) && isOwn(path.slice(prefix.length));
  if (place.top !== null) await finishUpdate(git, place.git, place.top, isOwnPath);
  const ref = `refs/heads/${name}`;
  const tip = () => resolveRef(git, ref);
  const checkedOut = async () => place.top !== null && (await headBranch(git)) === name;
  return {
    git,
    name,
    shared,
    tip,
    refresh: tip,
    async advance(commit, from) {
      if (place.top !== null && (await checkedOut())) {
        await updateCheckout({ git, folder: place.git, top: place.top, ref, commit, from });
      } else await git.text(['update-ref', '-m', 'bmcron', ref, commit, from ?? '0'.repeat(commit.length)]);
    },
    async busy() {
      if (place.top === null) return null;
      for (const [file, what] of UNDER_WAY) {
        if (await isThere(git, file)) return `${what} is under way in ${place.top}`;
      }
      if ((await headBranch(git)) === null) return `HEAD of ${place.top} is on no branch`;
      await dropStaleLock(place.git);
      return (await exists(join(place.git, 'index.lock'))) ? `git is at work in ${place.top} (index.lock)` : null;
    },
    reached: null,
  };
}

/** Whether a file of the Git folder is there; those that name a commit are refs where Git keeps refs in tables. */
async function isThere(git: Git, name: string): Promise<boolean> {
  if (await exists(join(git.folder, name))) return true;
  if (!name.endsWith('_HEAD') || !(await exists(join(git.folder, 'reftable')))) return false;
  return (await resolveRef(git, name)) !== null;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
