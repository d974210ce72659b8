import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observe } from '../events/git-event.ts';
import type { Git } from './command.ts';
import { GitError } from './error.ts';

/** What a killed git leaves: locks, temporary packs and objects, a rebase that nobody is in. */
const STALE = /\.lock$|(^|\/)(tmp_(pack|idx|obj|rev|graph)_[^/]*|fast_import_crash_\d+|rebase-merge|gc\.pid)$/;

/**
 * Puts the private clone right after a crash: nobody else uses it (the instance lock is held), so every lock and every
 * temporary file in it is stale. One that cannot be read is set aside, to be cloned again.
 */
export async function repairClone(git: Git, stale: readonly string[], observe: Observe): Promise<void> {
  for (const path of stale) await rm(join(git.folder, path), { recursive: true, force: true });
  if (stale.length > 0) observe({ kind: 'CloneRepaired', what: `removed ${stale.slice(0, 10).join(', ')}` });
  if (!(await isSound(git, stale.length > 0))) await setAside(git.folder, observe);
}

/** Puts a clone that cannot be read out of the way; one such is kept for whoever wants to know why. */
export async function setAside(
  folder: string,
  observe: Observe,
  why = 'objects are missing or damaged',
): Promise<void> {
  const aside = `${folder}.broken`;
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
  observe({ kind: 'CloneRepaired', what: `set aside as ${aside}: ${why}` });
}

/** What a killed git left in a clone; paths in its folder. */
export async function staleFiles(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => STALE.test(path));
}

/**
 * Whether what the clone's refs name is there; after a crash, all that they reach.
 * @throws GitError when git did not get to its end: nobody can tell
 */
async function isSound(git: Git, crashed: boolean): Promise<boolean> {
  try {
    const tips = await git.text(['for-each-ref', '--format=%(objectname)', 'refs/bmcron/remote/']);
    if (tips === '') return true; // a first start that got no further: nothing is there to be damaged
    // A power cut leaves empty objects at the tips: what these hold is the cheap test.
    await git.text(['rev-list', '--objects', '--no-walk', '--quiet', '--stdin'], { input: tips });
    if (crashed) await git.text(['fsck', '--connectivity-only', '--no-dangling', '--no-progress']);
    return true;
  } catch (error) {
    if (error instanceof GitError && !error.isScarcity && !error.isCutOff) return false;
    throw error;
  }
}
