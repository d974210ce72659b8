import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Writes a file, and makes its folder. A reader finds the old bytes or the new ones, after a crash too. */
export async function writeAtomically(path: string, bytes: string | Uint8Array, mode = 0o666): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Makes a folder and those above it, durably: a file is lost with its folder, however well it was synced itself. Node's
 * own `recursive` tries for ever where a folder is there and takes nothing, as /proc.
 * @param mode of the folder itself, as far as it is new
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const at = resolve(folder);
  if (!(await tryToMake(at, mode))) {
    await makeFolder(dirname(at));
    if (!(await tryToMake(at, mode)))
      throw Object.assign(new Error(`ENOENT: ${at} cannot be made`), { code: 'ENOENT' });
  }
}

/** False where what is above it is not there. */
async function tryToMake(folder: string, mode: number): Promise<boolean> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder) return false;
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return true;
    throw error;
  }
  await syncFolder(dirname(folder));
  return true;
}

/** Makes the names in a folder durable; the sync of a file does not. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
