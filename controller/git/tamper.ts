import type { Ground } from './build.ts';
import type { Git } from './command.ts';
import { isOwn, manifestsOf, OWN_PLACES } from './own.ts';
import { differences, isFile } from './tree.ts';

/** What others did to the service's files since it last published. Paths are below the fleet's root. */
export interface Tampering {
  /** What was there, by path: object IDs, to be put back. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Another controller has written too: then nothing is put back, or the two would do so for ever. */
  readonly rival: string | null;
}

/** Compares the tip with what the service last published. A file that others add is not its business. */
export async function findTampering(
  git: Git,
  published: string,
  tip: string,
  prefix: string,
  journalID: string,
): Promise<Tampering> {
  const places = OWN_PLACES.map((place) => prefix + place);
  const blobs = new Map<string, string>();
  let rival: string | null = null;
  for (const [full, { before, after }] of await differences(git, published, tip, places)) {
    const path = full.slice(prefix.length);
    if (!isOwn(path)) continue;
    const mark = /^\.bmcron\/(.+)\.json$/.exec(path)?.[1];
    if (mark !== undefined && mark !== journalID && after !== null) rival = mark;
    if (before && isFile(before)) blobs.set(path, before.id);
  }
  return { blobs: rival === null ? blobs : new Map(), rival };
}

/** Which of them are to be put back: a status file that went with its manifest is gone for good. */
export function toRestore(
  blobs: ReadonlyMap<string, string>,
  ground: Ground,
  prefix: string,
  shared: boolean,
): Map<string, string> {
  const there = (path: string) => ground.entries.has(prefix + path);
  const wanted = ([path]: [string, string]) =>
    !shared || !path.endsWith('.status.yaml') || there(path) || manifestsOf(path).some(there);
  return new Map([...blobs].filter(wanted));
}
