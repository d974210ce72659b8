import { posix } from 'node:path';
import type { Publication } from '../../definitions/publication.ts';
import type { Git } from '../git/command.ts';
import { isFile, readBlobs } from '../git/tree.ts';
import type { TipEntries } from './commit.ts';

type Files = Publication['files'];

const SEGMENT = /^(.+)-(\d+)-(\d+)\.ndjson$/;

/** What is known of the tip on which segments are to be written. */
export interface Doubt {
  readonly ground: TipEntries;
  /** The fleet's folder inside the repository. */
  readonly prefix: string;
  readonly journalID: string;
  /** The watermark. */
  readonly hi: number;
  /** Whether the tip's segments may be of other numbers than it says. */
  readonly unsure: boolean;
}

/**
 * Takes out of segments (`Logs.Layout`) what other segments of the tip hold already. A file of its own for each log
 * can be written twice and is the same file; a segment is named by its numbers, so a record that comes again under
 * other numbers (a journal that was set back and renamed, a watermark that was removed or held back) would stand twice.
 * @throws GitError
 */
export async function withoutRepeats(git: Git, files: Files, doubt: Doubt): Promise<Files> {
  const { prefix } = doubt;
  const segments = [...files.keys()].filter((path) => path.endsWith('.ndjson'));
  const ids = new Map<string, string[]>();
  for (const folder of new Set(segments.map((path) => posix.dirname(path)))) {
    const there = othersIn(prefix + folder, new Set(segments.map((path) => prefix + path)), doubt);
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
function othersIn(folder: string, wanted: ReadonlySet<string>, { ground, journalID, hi, unsure }: Doubt): string[] {
  const found: string[] = [];
  let doubtful = unsure;
  for (const [path, entry] of ground.entries) {
    const [, id, , last] = SEGMENT.exec(posix.basename(path)) ?? [];
    if (posix.dirname(path) !== folder || id === undefined || !isFile(entry) || wanted.has(path)) continue;
    found.push(entry.id);
    if (id === journalID && Number(last) > hi) doubtful = true;
  }
  return doubtful ? found : [];
}
