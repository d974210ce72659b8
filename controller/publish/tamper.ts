import { isOwn, manifestsOf, OWN_PLACES } from '../../definitions/own-paths.ts';
import type { Git } from '../git/command.ts';
import { differences, isFile } from '../git/tree.ts';
import type { TipEntries } from './commit.ts';
import { markedID } from './watermark.ts';

/** What others did to the service's files since it last published. Paths are below the fleet's root. */
export interface OthersChanges {
  /** What was there, by path: object IDs, to be put back. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Other controllers that have written too: their IDs, and the objects of their watermarks. */
  readonly rivals: ReadonlyMap<string, string>;
}

/** Compares the tip with what the service last published. A file that others add is not its business. */
export async function findTampering(
  git: Git,
  published: string,
  tip: string,
  prefix: string,
  journalID: string,
): Promise<OthersChanges> {
  const places = OWN_PLACES.map((place) => prefix + place);
  const blobs = new Map<string, string>();
  const rivals = new Map<string, string>();
  for (const [full, { before, after }] of await differences(git, published, tip, places)) {
    const path = full.slice(prefix.length);
    if (!isOwn(path)) continue;
    const mark = markedID(path);
    if (mark !== null && mark !== journalID && after !== null) rivals.set(mark, after.id);
    if (before && isFile(before)) blobs.set(path, before.id);
  }
  return { blobs, rivals };
}

/** Which of them are to be put back: a status file that went with its manifest is gone for good. */
export function toRestore(
  blobs: ReadonlyMap<string, string>,
  ground: TipEntries,
  prefix: string,
  shared: boolean,
): Map<string, string> {
  const there = (path: string) => ground.entries.has(prefix + path);
  const wanted = ([path]: [string, string]) =>
    !shared || !path.endsWith('.status.yaml') || there(path) || manifestsOf(path).some(there);
  return new Map([...blobs].filter(wanted));
}
