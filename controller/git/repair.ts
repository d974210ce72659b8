import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Git, GitError } from './command.ts';
import type { Observe } from './event.ts';

/**
 * Puts the private clone right after a crash: nobody else uses it (the instance lock is held), so every lock and every
 * temporary file in it is stale. One that cannot be read is set aside, to be cloned again.
 */
export async function repairClone(git: Git, observe: Observe): Promise<void> {
  const stale = await staleFiles(git.folder);
  for (const path of stale) await rm(join(git.folder, path), { recursive: true, force: true });
  if (stale.length > 0) observe({ kind: 'CloneRepaired', what: `removed ${stale.slice(0, 10).join(', ')}` });
  if (await sound(git)) return;
  const aside = `${git.folder}.broken`;
  await rm(aside, { recursive: true, force: true });
  await rename(git.folder, aside);
  observe({ kind: 'CloneRepaired', what: `set aside as ${aside}: objects are missing or damaged` });
}

async function staleFiles(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) =>
    /\.lock$|(^|\/)(tmp_(pack|idx|obj|rev)_[^/]*|fast_import_crash_\d+|rebase-merge)$/.test(path),
  );
}

/** Whether all that the clone's refs reach is there. */
async function sound(git: Git): Promise<boolean> {
  try {
    await git.text(['rev-parse', '--is-bare-repository']);
    await git.text(['fsck', '--connectivity-only', '--no-dangling', '--no-progress']);
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}
