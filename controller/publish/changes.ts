import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { PathChange } from '../git/fast-import.ts';
import { createTimeSlice } from '../time-slice.ts';
import { blocked, changeTo, type TipEntries } from './commit.ts';

/** What a commit is asked to bring about; paths are below the fleet's root. */
export interface Wanted {
  /** Texts by path; null: the file goes. */
  readonly files: ReadonlyMap<string, string | null>;
  /** Objects to be put back where others changed the service's files. */
  readonly restored: ReadonlyMap<string, string>;
  /** Logs that have become too old. */
  readonly old: readonly string[];
}

/** What of it a commit on this ground changes. */
export interface Changeset {
  /** Paths are below the repository's root. */
  readonly changes: readonly PathChange[];
  /** Where somebody's file or link is in the way; below the fleet's root. */
  readonly conflicts: readonly string[];
  /** What others had changed and is put right. */
  readonly overridden: readonly string[];
}

/** Compares what is wanted with what is there. What is so already makes no change. */
export async function changesetOf(ground: TipEntries, wanted: Wanted, prefix: string): Promise<Changeset> {
  const all = [...new Set([...wanted.files.keys(), ...wanted.restored.keys()])];
  const conflicts = all.filter((path) => blocked(ground, prefix + path));
  const inTheWay = new Set(conflicts);
  // Segments stand or fall together: half of them now would repeat records when the rest can be written.
  const noSegments = conflicts.some(isSegment);
  const changes: PathChange[] = [];
  const overridden: string[] = [];
  const pace = createTimeSlice();
  for (const path of all) {
    await pace();
    if (inTheWay.has(path) || (noSegments && isSegment(path))) continue;
    const change = changeAt(ground, path, wanted, prefix);
    if (!change) continue;
    changes.push(change);
    if (wanted.restored.has(path)) overridden.push(path);
  }
  const gone = wanted.old.filter((path) => !wanted.files.has(path));
  return { changes: [...changes, ...gone.map((path) => ({ path: prefix + path }))], conflicts, overridden };
}

function changeAt(ground: TipEntries, path: string, { files, restored }: Wanted, prefix: string): PathChange | null {
  const text = files.get(path);
  if (text !== undefined) return changeTo(ground, prefix + path, text);
  const id = restored.get(path) ?? '';
  const there = ground.entries.get(prefix + path);
  return there?.id === id && there.mode === '100644' ? null : { path: prefix + path, id };
}

/** The last entry before the first one that could not be written: that one and what follows stay pending. */
export function heldAt(entries: readonly JournalEntry[], conflicts: readonly string[], hi: number): number {
  if (conflicts.length === 0) return entries.at(-1)?.seq ?? hi;
  const paths = new Set(conflicts);
  const noSegments = conflicts.some(isSegment);
  const first = entries.find(({ record }) => {
    if (record.kind === 'status') return paths.has(record.path);
    return record.kind === 'result' && (noSegments || paths.has(record.path));
  });
  return first ? first.seq - 1 : (entries.at(-1)?.seq ?? hi);
}

function isSegment(path: string): boolean {
  return path.endsWith('.ndjson');
}
