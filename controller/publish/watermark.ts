import type { Branch } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import { GitError } from '../git/error.ts';
import { listFiles, readBlobs, type TreeEntry } from '../git/tree.ts';
import type { Journal } from '../state/journal.ts';

/** What a tip says about how far a journal is published. */
export interface Watermark {
  /** The number of the last journal entry that the tree holds. */
  readonly hi: number;
  /** That entry's checksum: tells whether these are still the same numbers. */
  readonly digest: string | null;
}

/** Nothing is published. */
export const NOTHING: Watermark = { hi: 0, digest: null };

/** The path of a journal's watermark below the fleet's root. */
export function watermarkPath(id: string): string {
  return `.bmcron/${id}.json`;
}

/** The journal whose watermark a path below the fleet's root is; null for any other path. */
export function markedID(path: string): string | null {
  return /^\.bmcron\/([a-z0-9][a-z0-9-]{0,62})\.json$/.exec(path)?.[1] ?? null;
}

/** The text of a watermark's file. */
export function printWatermark(mark: Watermark): string {
  return `${JSON.stringify({ hi: mark.hi, digest: mark.digest })}\n`;
}

/** The watermark that an entry of a tip holds; nothing is published when there is none. */
export async function readWatermark(git: Git, entry: TreeEntry | undefined): Promise<Watermark> {
  if (!entry?.mode.startsWith('100')) return NOTHING;
  return parseWatermark((await readBlobs(git, [entry.id])).get(entry.id)?.toString('utf8') ?? '');
}

/**
 * The watermark at a path below the repository's root, by one command; nothing is published when there is none.
 * @throws GitError
 */
export async function watermarkAt(git: Git, commit: string, path: string): Promise<Watermark> {
  try {
    return parseWatermark(await git.text(['cat-file', 'blob', `${commit}:${path}`]));
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 128 && !error.isScarcity) return NOTHING; // it is not there
    throw error;
  }
}

function parseWatermark(text: string): Watermark {
  try {
    const { hi, digest } = JSON.parse(text) as { hi?: unknown; digest?: unknown };
    if (typeof hi !== 'number' || !Number.isSafeInteger(hi) || hi < 0) return NOTHING;
    return { hi, digest: typeof digest === 'string' ? digest : null };
  } catch {
    return NOTHING; // somebody's edit: all is projected again, and what is there already makes no change
  }
}

/** Whether a watermark is of this journal's entries, and not of one that was lost or set back. */
export async function isMarkOf(journal: Journal, mark: Watermark): Promise<boolean> {
  if (mark.hi === 0) return true;
  if (mark.hi > journal.last) return false;
  const digest = await journal.digest(mark.hi);
  return digest === null ? mark.hi <= journal.pruned : digest === mark.digest;
}

/** The number up to which the newest tip known here holds the journal's entries; 0 when it is not known. */
export async function publishedThrough(branch: Branch, prefix: string, journal: Journal): Promise<number> {
  const tip = await branch.tip();
  if (tip === null) return 0;
  const path = prefix + watermarkPath(journal.id);
  const mark = await readWatermark(branch.git, (await listFiles(branch.git, tip, [path])).get(path));
  return (await isMarkOf(journal, mark)) ? mark.hi : 0;
}

/** The ref that names what a controller published last: it outlives the process, and keeps the objects. */
export function publishedRef({ name }: Branch, journalID: string): string {
  return `refs/bmcron/published/${journalID}/${name}`;
}

/** The newest commit of those that a tip contains that changed one of these paths. */
export async function newestChange(git: Git, tip: string, paths: readonly string[]): Promise<string | null> {
  const literal = paths.map((path) => `:(literal)${path}`);
  const args = ['rev-list', '--full-history', '--topo-order', '--max-count=1', tip, '--', ...literal];
  return (await git.text(args, { environment: asWritten() })).trim() || null;
}
