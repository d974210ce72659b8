import type { SnapshotFile } from '../snapshot/repository.ts';
import { type Git, GitError } from './command.ts';

/** What a manifest may have (R04). */
const LARGEST_BYTES = 1 << 20;
/** So many blobs are read without a look at their sizes. */
const FEW = 50;
const POINTER = 'version https://git-lfs.github.com/spec/';
const POINTER_BYTES = 1_024;

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

/**
 * The bytes of blobs that are no larger than a manifest may be, and the sizes of all. Few are read at once and without
 * asking for their sizes, since most are small: a process less for what a person has just pushed.
 */
async function readSmall(git: Git, ids: readonly string[]) {
  const few = ids.length > FEW ? null : await readBlobs(git, ids, LARGEST_BYTES).catch(() => null);
  if (few) return { blobs: few, sizes: new Map([...few].map(([id, bytes]) => [id, bytes.length])) };
  const sizes = ids.length === 0 ? new Map<string, number>() : await blobSizes(git, ids);
  const small = ids.filter((id) => (sizes.get(id) ?? 0) <= LARGEST_BYTES);
  return { blobs: await readBlobs(git, small), sizes };
}

/** Sizes of blobs in bytes. */
async function blobSizes(git: Git, ids: readonly string[]): Promise<Map<string, number>> {
  const format = '--batch-check=%(objectname) %(objectsize)';
  const output = await git.text(['cat-file', format, '--buffer'], { input: `${ids.join('\n')}\n` });
  const pairs = output.split('\n').map((line) => line.split(' '));
  return new Map(pairs.map(([id = '', size]) => [id, Number(size)]));
}

/** Keeps a file's place in the order until it is read. */
const UNREAD: SnapshotFile = { blob: '', bytes: null, refused: null };

/** The files of entries that were read before. */
export interface Seen {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly files: ReadonlyMap<string, SnapshotFile>;
}

/**
 * The files that entries stand for, refused where they must not be read (R04); the bytes of all that are wanted come
 * through one process. No refused entry's bytes are read.
 * @param before entries that are the same objects are the same files, as far as their bytes are not wanted
 */
export async function readEntries(
  git: Git,
  entries: ReadonlyMap<string, TreeEntry>,
  known: (blob: string) => boolean,
  before?: Seen,
): Promise<Map<string, SnapshotFile>> {
  const wanted = new Set<string>();
  const files = new Map<string, SnapshotFile>();
  const fresh: [string, TreeEntry][] = [];
  for (const [path, entry] of entries) {
    const file = before?.entries.get(path) === entry ? before.files.get(path) : undefined;
    const isWanted = isFile(entry) && !known(entry.id);
    if (isWanted) wanted.add(entry.id);
    const stays = file !== undefined && !isWanted && file.bytes === null;
    files.set(path, stays ? file : UNREAD);
    if (!stays) fresh.push([path, entry]);
  }
  const { blobs, sizes } = await readSmall(git, [...wanted]);
  for (const [path, entry] of fresh) {
    const bytes = blobs.get(entry.id) ?? null;
    const refused = refusal(entry, sizes.get(entry.id) ?? 0, bytes);
    files.set(path, { blob: entry.id, bytes: refused === null ? bytes : null, refused });
  }
  return files;
}

function refusal(entry: TreeEntry, size: number, bytes: Buffer | null): string | null {
  if (entry.mode === '120000') return 'a symbolic link: its target is never read, put the text here';
  if (entry.mode === '160000') return 'a submodule: put the manifest itself here';
  if (size > LARGEST_BYTES) return `${size} bytes: at most ${LARGEST_BYTES} are read, split the file`;
  const pointer = bytes !== null && size <= POINTER_BYTES && bytes.toString('latin1').startsWith(POINTER);
  return pointer ? 'a Git LFS pointer: keep manifests in Git itself, not in LFS' : null;
}

function unslashed(path: string): string {
  return path.replace(/\/$/, '') || '.';
}
