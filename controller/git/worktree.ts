import { copyFile, link, lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../state/atomic-file.ts';
import type { Git } from './command.ts';
import { GitError } from './error.ts';
import { differences, isFile, listFiles, parseDifferences, readBlobs, type TreeEntry } from './tree.ts';

/** What moves a branch that is checked out. */
export interface CheckoutUpdate {
  readonly git: Git;
  /** The work tree's own Git folder. */
  readonly folder: string;
  readonly top: string;
  readonly ref: string;
  readonly commit: string;
  readonly from: string | null;
}

/**
 * Moves a checked-out branch from one commit to another that differs in the service's own paths, and brings these, and
 * only these, up to date in the index and the work tree. Holds the index lock meanwhile, as git does: a human's
 * `git commit` in between would record the old files. Other staged and unstaged changes stay as they are.
 * @throws GitError when the branch has moved, or git is at work there
 */
export async function updateCheckout(update: CheckoutUpdate): Promise<void> {
  const { git, folder, ref, commit, from } = update;
  const { lock, token } = lockIn(folder);
  await dropStaleLock(folder);
  await (await open(token, 'w')).close();
  await link(token, lock).catch((error: NodeJS.ErrnoException) => {
    throw new GitError(error.code === 'EEXIST' ? `git is at work in ${update.top} (index.lock)` : error.message, null);
  });
  try {
    await git.text(['update-ref', '-m', 'bmcron', ref, commit, from ?? '0'.repeat(commit.length)]);
    await updateFiles(update, await newEntries(git, from, commit));
  } finally {
    await rm(lock, { force: true });
    await rm(token, { force: true });
  }
}

/** Removes the index lock that a killed service left, and no other: it is the same file as the token beside it. */
export async function dropStaleLock(folder: string): Promise<void> {
  const { lock, token } = lockIn(folder);
  const [held, own] = await Promise.all([lock, token].map((path) => lstat(path).catch(() => null)));
  if (held && own && held.ino === own.ino && held.dev === own.dev) await rm(lock, { force: true });
}

function lockIn(folder: string) {
  return { lock: join(folder, 'index.lock'), token: join(folder, 'bmcron-index') };
}

/**
 * Finishes what a killed service began: the branch had moved, the index and the work tree had not. Until then a human's
 * commit would take the service's files back.
 */
export async function finishUpdate(git: Git, folder: string, top: string, isOwnPath: (path: string) => boolean) {
  const { token } = lockIn(folder);
  const begun = await lstat(token).catch(() => null);
  if (begun === null) return;
  await dropStaleLock(folder);
  const differing = parseDifferences(await git.text(['diff-index', '-z', '--cached', '--no-renames', 'HEAD']));
  const behind = [...differing]
    .filter(([path]) => isOwnPath(path))
    .map(([path, { before }]) => [path, before] as const);
  if (behind.length > 0) await updateFiles({ git, folder, top }, new Map(behind));
  await rm(token, { force: true });
}

/** Brings paths up to date in the work tree and the index; null: it goes. */
async function updateFiles(
  { git, folder, top }: Pick<CheckoutUpdate, 'git' | 'folder' | 'top'>,
  changed: ReadonlyMap<string, TreeEntry | null>,
): Promise<void> {
  const files = [...changed].filter((each): each is [string, TreeEntry] => isFile(each[1] ?? undefined));
  const blobs = await readBlobs(git, [...new Set(files.map(([, entry]) => entry.id))]);
  for (const [path, entry] of changed) {
    const bytes = entry && blobs.get(entry.id);
    if (bytes) await placeFile(top, path, bytes);
    else await removeFile(top, path);
  }
  const newIndex = join(folder, 'bmcron-index.new');
  await rm(newIndex, { force: true });
  await copyFile(join(folder, 'index'), newIndex).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  const some = files[0]?.[1].id ?? (await git.text(['rev-parse', 'HEAD'])).trim();
  const gone = '0'.repeat(some.length);
  const info = [...changed].map(([path, entry]) => `${entry?.mode ?? 0} ${entry?.id ?? gone}\t${path}\0`).join('');
  const environment = { GIT_INDEX_FILE: newIndex };
  await git.text(['update-index', '-z', '--index-info'], { input: info, environment });
  // No refresh: it would run the filters that somebody set up. The human's next `git status` does it.
  await rename(newIndex, join(folder, 'index'));
}

async function newEntries(git: Git, from: string | null, commit: string): Promise<Map<string, TreeEntry | null>> {
  if (from === null) return listFiles(git, commit, ['.']);
  return new Map([...(await differences(git, from, commit, ['.']))].map(([path, { after }]) => [path, after]));
}

/** Puts a file in the work tree, through no symbolic link; where somebody's file or link is in the way it stays. */
async function placeFile(top: string, path: string, bytes: Buffer): Promise<void> {
  if (!(await makeFolders(top, dirname(path)))) return;
  const file = join(top, path);
  const there = await lstat(file).catch(() => null);
  if (there === null || there.isFile()) await writeAtomically(file, bytes);
}

async function removeFile(top: string, path: string): Promise<void> {
  if (!(await isRealFolder(top, dirname(path)))) return;
  const file = join(top, path);
  if ((await lstat(file).catch(() => null))?.isFile()) await rm(file);
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const isGone = await rmdir(join(top, folder)).then(
      () => true,
      () => false,
    );
    if (!isGone) return; // not empty: git leaves it too
  }
}

/** Makes the folders of a path below `top`; false when one is a link or a file. */
export async function makeFolders(top: string, folder: string): Promise<boolean> {
  let at = top;
  for (const name of folder === '.' ? [] : folder.split('/')) {
    at = join(at, name);
    const there = await lstat(at).catch(() => null);
    if (there === null) await mkdir(at);
    else if (!there.isDirectory()) return false;
  }
  return true;
}

/** Whether a folder is there, and no link on the way to it. */
async function isRealFolder(top: string, folder: string): Promise<boolean> {
  let at = top;
  for (const name of folder === '.' ? [] : folder.split('/')) {
    at = join(at, name);
    if (!(await lstat(at).catch(() => null))?.isDirectory()) return false;
  }
  return true;
}
