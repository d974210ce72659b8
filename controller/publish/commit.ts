import { hash } from 'node:crypto';
import { posix } from 'node:path';
import { isOwn } from '../../definitions/own-paths.ts';
import type { Git } from '../git/command.ts';
import { GitError } from '../git/error.ts';
import { type CommitDraft, fastImport, type PathChange } from '../git/fast-import.ts';
import type { Signer } from '../git/signature.ts';
import { isFile, parseDifferences, parseTree, type TreeEntry } from '../git/tree.ts';

/** What a tip has where something is to be written; by path below the repository's root. */
export type TipEntries = ReadonlyMap<string, TreeEntry>;

/** Looks at a tip where these paths are, and their folders. @throws GitError */
export async function survey(git: Git, tip: string | null, paths: Iterable<string>): Promise<TipEntries> {
  if (tip === null) return new Map();
  const asked = new Set<string>();
  for (const path of paths) {
    if (!path.includes('/')) asked.add(path);
    for (let folder = posix.dirname(path); folder !== '.' && !asked.has(`${folder}/`); folder = posix.dirname(folder)) {
      asked.add(`${folder}/`); // what is in it
      if (!folder.includes('/')) asked.add(folder); // and what it is itself
    }
  }
  const entries = new Map<string, TreeEntry>();
  const list = [...asked];
  for (let from = 0; from < list.length; from += 1_000) {
    const some = list.slice(from, from + 1_000);
    const output = await git.text(['ls-tree', '-t', '-z', '--full-tree', tip, '--', ...some]);
    for (const [path, entry] of parseTree(output)) entries.set(path, entry);
  }
  return entries;
}

/** Where something of somebody's is in the way of a file: at its path, or where a folder is needed; null: nowhere. */
export function obstacleTo(entries: TipEntries, path: string): string | null {
  const there = entries.get(path);
  if (there && !isFile(there)) return path;
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
    const entry = entries.get(folder);
    if (entry && entry.mode !== '040000') return folder;
  }
  return null;
}

/** The change that brings a path to this text (null: gone); null when the tip has it so. */
export function changeTo(entries: TipEntries, path: string, text: string | null): PathChange | null {
  const there = entries.get(path);
  if (text === null) return there ? { path } : null;
  if (there && there.id === blobID(text, there.id.length) && there.mode === '100644') return null;
  return { path, text };
}

/** The ID that Git gives to a text, for repositories of SHA-1 (40 digits) and SHA-256 (64). */
export function blobID(text: string, digits: number): string {
  return hash(digits === 64 ? 'sha256' : 'sha1', `blob ${Buffer.byteLength(text)}\0${text}`);
}

/**
 * Makes a commit of the service, and proves that it is what it should be: on its parent, and of the service's paths
 * alone.
 * @throws GitError
 */
export async function buildCommit(
  git: Git,
  draft: CommitDraft,
  { prefix, signer }: { readonly prefix: string; readonly signer: Signer | null },
): Promise<string> {
  const isAlien = (path: string) => !path.startsWith(prefix) || !isOwn(path.slice(prefix.length));
  const bad = draft.changes.find(({ path }) => isAlien(path));
  if (bad) throw new GitError(`refusing to write ${JSON.stringify(bad.path)}: it is not a path of the service`, null);
  const built = await fastImport(git, draft);
  const commit = signer === null ? built : await signer.sign(git, built, draft);
  const printed = await git.text(['diff-tree', '-r', '-z', '--root', '--raw', '--no-renames', '--format=%P', commit]);
  const end = printed.indexOf('\0');
  const parents = printed.slice(0, end);
  if (parents !== (draft.parent ?? '')) throw new GitError(`commit ${commit} is not built on ${draft.parent}`, null);
  const strange = [...parseDifferences(printed.slice(end + 1).replace(/^\n/, '')).keys()].find(isAlien);
  if (strange !== undefined) throw new GitError(`commit ${commit} touches ${JSON.stringify(strange)}`, null);
  return commit;
}
