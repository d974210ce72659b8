import type { Git } from './command.ts';
import { GitError } from './error.ts';

/** One entry of a tree. */
export interface TreeEntry {
  /** `100644` a file, `100755` one that runs, `120000` a symbolic link, `160000` a submodule, `040000` a folder. */
  readonly mode: string;
  /** Object ID, hex. */
  readonly id: string;
}

/** Whether an entry is a file with bytes of its own. */
export function isFile(entry: TreeEntry | undefined): boolean {
  return entry?.mode === '100644' || entry?.mode === '100755';
}

/** Entries below these paths of a commit, folders opened, by path. @throws GitError */
export async function listFiles(git: Git, commit: string, paths: readonly string[]): Promise<Map<string, TreeEntry>> {
  const output = await git.text(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths.map(unslashed)]);
  return parseTree(output);
}

/** Entries of `ls-tree -z`, by path. */
export function parseTree(output: string): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const line of output.split('\0')) {
    const tab = line.indexOf('\t'); // "100644 blob <id>\t<path>"
    if (tab < 0) continue;
    const mode = line.slice(0, 6);
    entries.set(line.slice(tab + 1), { mode, id: line.slice(line.indexOf(' ', 7) + 1, tab) });
  }
  return entries;
}

/** How one path differs between two commits; null where it is absent. */
export interface Difference {
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** What differs between two commits below these paths, by path. @throws GitError */
export async function differences(
  git: Git,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<Map<string, Difference>> {
  return parseDifferences(
    await git.text(['diff-tree', '-r', '-z', '--no-renames', from, to, '--', ...paths.map(unslashed)]),
  );
}

/** What `diff-tree -z` or `diff-index -z` print, by path. */
export function parseDifferences(output: string): Map<string, Difference> {
  const fields = output.split('\0');
  const found = new Map<string, Difference>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    // ":<mode> <mode> <id> <id> <letter>", and the path
    const [was = '', now = '', wasID = '', nowID = ''] = (fields[index] ?? '').split(' ');
    const entry = (mode: string, id: string) => (mode === '000000' ? null : { mode, id });
    found.set(fields[index + 1] ?? '', { before: entry(was.slice(1), wasID), after: entry(now, nowID) });
  }
  return found;
}

/** The bytes of blobs, all through one process. @throws GitError, also when they are more than `mostBytes` */
export async function readBlobs(git: Git, ids: readonly string[], mostBytes?: number): Promise<Map<string, Buffer>> {
  const blobs = new Map<string, Buffer>();
  if (ids.length === 0) return blobs;
  const input = `${ids.join('\n')}\n`;
  const output = await git.bytes(['cat-file', '--batch', '--buffer'], { input, ...(mostBytes && { mostBytes }) });
  for (let at = 0; at < output.length; ) {
    const newline = output.indexOf(0x0a, at);
    const [id = '', type, size] = output.toString('latin1', at, newline).split(' ');
    if (type === 'missing') throw new GitError(`object ${id} is missing from ${git.folder}`, null);
    const end = newline + 1 + Number(size);
    blobs.set(id, output.subarray(newline + 1, end));
    at = end + 1;
  }
  return blobs;
}

/** Sizes of blobs in bytes. */
export async function blobSizes(git: Git, ids: readonly string[]): Promise<Map<string, number>> {
  const format = '--batch-check=%(objectname) %(objectsize)';
  const output = await git.text(['cat-file', format, '--buffer'], { input: `${ids.join('\n')}\n` });
  const pairs = output.split('\n').map((line) => line.split(' '));
  return new Map(pairs.map(([id = '', size]) => [id, Number(size)]));
}

function unslashed(path: string): string {
  return path.replace(/\/$/, '') || '.';
}
