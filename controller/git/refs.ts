import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './command.ts';
import { GitError } from './error.ts';

/** The commit that a ref names, null when there is none. */
export async function resolveRef(git: Git, ref: string): Promise<string | null> {
  try {
    return (await git.text(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])).trim();
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return null;
    throw error;
  }
}

/**
 * The commit that a ref names, null when there is none. Where it is loose, its file is read without a process: git puts
 * it in place whole, and what is loose counts before what is packed.
 * @param folder where the repository keeps its refs: of a linked work tree, the Git folder that all share
 */
export async function readRef(git: Git, ref: string, folder = git.folder): Promise<string | null> {
  const text = await readFile(join(folder, ref), 'utf8').catch(() => '');
  return /^([0-9a-f]{40}|[0-9a-f]{64})\n$/.test(text) ? text.trim() : resolveRef(git, ref);
}

/** Whether a tip contains a commit; false also when it is not here. @throws GitError */
export async function contains(
  git: Git,
  tip: string,
  commit: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  try {
    await git.text(['merge-base', '--is-ancestor', commit, tip], { environment });
    return true;
  } catch (error) {
    if (error instanceof GitError && (error.exitCode === 1 || error.exitCode === 128)) return false;
    throw error;
  }
}

const KEPT = 'refs/bmcron/keep/';
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Keeps a commit that its branch no longer contains, so that versions in force can be read from it (R21). */
export async function keep(git: Git, commit: string, now: Date): Promise<string> {
  const ref = `${KEPT}${now.toISOString().slice(0, 10)}-${commit.slice(0, 12)}`;
  await git.text(['update-ref', ref, commit]);
  return ref;
}

/** Deletes the refs of what was kept longer than 30 days ago. */
export async function dropOldKept(git: Git, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const refs = (await git.text(['for-each-ref', '--format=%(refname)', KEPT])).split('\n');
  const old = refs.filter((ref) => ref !== '' && ref.slice(KEPT.length) < oldest);
  for (const ref of old) await git.text(['update-ref', '-d', ref]);
}
