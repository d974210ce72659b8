import { posix } from 'node:path';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import { isLog } from '../../definitions/own-paths.ts';
import type { Publication } from '../../definitions/publication.ts';
import type { Git } from '../git/command.ts';
import type { PathChange } from '../git/fast-import.ts';
import { isFile, readBlobs } from '../git/tree.ts';
import { createTimeSlice } from '../time-slice.ts';
import { blobID, changeTo, obstacleTo, type TipEntries } from './commit.ts';

type Files = Publication['files'];

/** The tip that a commit is built on. */
export interface CommitBase {
  /** What it has where the commit is to write. */
  readonly entries: TipEntries;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  readonly journalID: string;
  /** Its watermark. */
  readonly hi: number;
  /** Whether its segments may be of other numbers than the watermark says. */
  readonly unsure: boolean;
}

/** What a commit is to bring about; paths are below the fleet's root. */
export interface Wanted {
  /** Texts by path; null: the file goes. */
  readonly files: Files;
  /** Objects to be put back where others changed the service's files. */
  readonly restored: ReadonlyMap<string, string>;
  /** Logs that have become too old. */
  readonly old: readonly string[];
}

/** What of it a commit on this base changes. */
export interface Changeset {
  /** Paths are below the repository's root. */
  readonly changes: readonly PathChange[];
  /** Where somebody's file or link is in the way; below the fleet's root. */
  readonly conflicts: readonly string[];
  /** What others had changed and is put right. */
  readonly overridden: readonly string[];
}

/** Compares what is wanted with what is there. What is so already makes no change. */
export async function changesetOn({ entries, prefix }: CommitBase, wanted: Wanted): Promise<Changeset> {
  const all = [...new Set([...wanted.files.keys(), ...wanted.restored.keys()])];
  const conflicts = all.filter((path) => obstacleTo(entries, prefix + path) !== null);
  const inTheWay = new Set(conflicts);
  // Segments are written all or none: half of them now would repeat records when the rest can be written.
  const noSegments = conflicts.some(isSegment);
  const changes: PathChange[] = [];
  const overridden: string[] = [];
  const pace = createTimeSlice();
  for (const path of all) {
    await pace();
    if (inTheWay.has(path) || (noSegments && isSegment(path))) continue;
    const change = changeAt(entries, path, wanted, prefix);
    if (!change) continue;
    changes.push(change);
    if (wanted.restored.has(path)) overridden.push(path);
  }
  const gone = wanted.old.filter((path) => !wanted.files.has(path));
  return { changes: [...changes, ...gone.map((path) => ({ path: prefix + path }))], conflicts, overridden };
}

function changeAt(entries: TipEntries, path: string, { files, restored }: Wanted, prefix: string): PathChange | null {
  const text = files.get(path);
  if (text !== undefined) return changeTo(entries, prefix + path, text);
  const id = restored.get(path) ?? '';
  const there = entries.get(prefix + path);
  return there?.id === id && there.mode === '100644' ? null : { path: prefix + path, id };
}

/**
 * The last entry before the first one that could not be written: that one and what follows stay pending.
 * @param through the last that was looked at
 */
export function writtenThrough(
  entries: readonly JournalEntry[],
  conflicts: readonly string[],
  through: number,
): number {
  if (conflicts.length === 0) return through;
  const paths = new Set(conflicts);
  const noSegments = conflicts.some(isSegment);
  const first = entries.find(({ record }) => {
    if (record.kind === 'status') return paths.has(record.path);
    return record.kind === 'result' && (noSegments || paths.has(record.path));
  });
  return first ? first.seq - 1 : through;
}

/** `…_success.json`, `…_success_2.json` (R33); `…-1-9.ndjson`, `…-1-9_2.ndjson`. */
const LOG = /^(.+_(?:success|failed)|.+-\d+-\d+)(?:_(\d+))?(\.json|\.ndjson)$/;

/**
 * Gives logs another number where somebody else's file has the same name: two controllers that run a job on a machine
 * in the same second call its log the same, people call files as they like, and nobody's is ever overwritten (R33). One
 * that is there already, under whatever number, is found again and makes no change.
 * @param restored files of this controller that people changed: these are put right, not written beside
 */
export function withOwnNames(files: Files, base: CommitBase, restored: ReadonlyMap<string, string>): Files {
  const result = new Map<string, string | null>();
  for (const [path, text] of files) {
    if (text === null || !isLog(path) || restored.has(path)) result.set(path, text);
    else result.set(nameFor(path, text, files, base), text);
  }
  return result;
}

function nameFor(path: string, text: string, files: Files, { entries, prefix }: CommitBase): string {
  const isTaken = (name: string) => {
    const there = entries.get(prefix + name);
    return there !== undefined && there.id !== blobID(text, there.id.length);
  };
  if (!isFile(entries.get(prefix + path)) || !isTaken(path)) return path;
  const [, stem, number = '1', ending = ''] = LOG.exec(path) ?? [];
  if (stem === undefined) return path;
  for (let copy = Number(number) + 1; ; copy += 1) {
    const name = `${stem}_${copy}${ending}`;
    if (!files.has(name) && !isTaken(name)) return name;
  }
}

const SEGMENT = /^(.+)-(\d+)-(\d+)(?:_\d+)?\.ndjson$/;

function isSegment(path: string): boolean {
  return path.endsWith('.ndjson');
}

/**
 * Takes out of segments (`Logs.Layout`) what other segments of the tip hold already. A file of its own for each log
 * can be written twice and is the same file; a segment is named by its numbers, so a record that comes again under
 * other numbers (a journal that was set back and renamed, a watermark that was removed or held back) would stand twice.
 * @throws GitError
 */
export async function withoutRepeats(git: Git, files: Files, base: CommitBase): Promise<Files> {
  const { prefix } = base;
  const segments = [...files.keys()].filter(isSegment);
  const ids = new Map<string, string[]>();
  for (const folder of new Set(segments.map((path) => posix.dirname(path)))) {
    const there = doubtfulSegments(prefix + folder, new Set(segments.map((path) => prefix + path)), base);
    if (there.length > 0) ids.set(folder, there);
  }
  if (ids.size === 0) return files;
  const blobs = await readBlobs(git, [...new Set([...ids.values()].flat())]);
  const result = new Map(files);
  for (const path of segments) {
    const known = new Set<string>();
    for (const id of ids.get(posix.dirname(path)) ?? []) {
      for (const line of (blobs.get(id)?.toString('utf8') ?? '').split('\n')) known.add(line);
    }
    const lines = (files.get(path) ?? '').split('\n').filter((line) => line !== '' && !known.has(line));
    if (lines.length === 0) result.delete(path);
    else result.set(path, `${lines.join('\n')}\n`);
  }
  return result;
}

/** Segments of a folder that may hold the same records: none when the watermark says which are there. */
function doubtfulSegments(folder: string, wanted: ReadonlySet<string>, base: CommitBase): string[] {
  const found: string[] = [];
  let isDoubtful = base.unsure;
  for (const [path, entry] of base.entries) {
    const [, id, , last] = SEGMENT.exec(posix.basename(path)) ?? [];
    if (posix.dirname(path) !== folder || id === undefined || !isFile(entry) || wanted.has(path)) continue;
    found.push(entry.id);
    if (id === base.journalID && Number(last) > base.hi) isDoubtful = true;
  }
  return isDoubtful ? found : [];
}
