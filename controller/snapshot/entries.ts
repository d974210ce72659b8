import { NAME_NOT_UTF8, UNDECODABLE } from '../../definitions/manifest/reading.ts';
import type { Git } from '../git/command.ts';
import { blobSizes, isFile, readBlobs, type TreeEntry } from '../git/tree.ts';
import type { SnapshotFile } from './snapshot.ts';

/** What a manifest may have (R04). */
const LARGEST_BYTES = 1 << 20;
/** So many blobs are read without a look at their sizes. */
const FEW = 50;
const POINTER = 'version https://git-lfs.github.com/spec/';
const POINTER_BYTES = 1_024;

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
    const refused = path.includes(UNDECODABLE) ? NAME_NOT_UTF8 : refusal(entry, sizes.get(entry.id) ?? 0, bytes);
    files.set(path, { blob: entry.id, bytes: refused === null ? bytes : null, refused });
  }
  return files;
}

function refusal(entry: TreeEntry, size: number, bytes: Buffer | null): string | null {
  if (entry.mode === '120000') return 'a symbolic link: its target is never read, put what it names here';
  if (entry.mode === '160000') return 'a submodule: put the manifests themselves here';
  if (size > LARGEST_BYTES) return `${size} bytes: at most ${LARGEST_BYTES} are read, split the file`;
  const pointer = bytes !== null && size <= POINTER_BYTES && bytes.toString('latin1').startsWith(POINTER);
  return pointer ? 'a Git LFS pointer: keep manifests in Git itself, not in LFS' : null;
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
