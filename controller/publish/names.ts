import { isLog } from '../../definitions/own-paths.ts';
import type { Publication } from '../../definitions/publication.ts';
import { isFile } from '../git/tree.ts';
import { blobID, type TipEntries } from './commit.ts';
import { markedID } from './watermark.ts';

type Files = Publication['files'];

/** `…_success.json`, `…_success_2.json` (R33). */
const NAME = /^(.+_(?:success|failed))(?:_(\d+))?\.json$/;

/** Where files are to be written, and what must stay called as it is. */
export interface Place {
  readonly ground: TipEntries;
  /** The fleet's folder inside the repository. */
  readonly prefix: string;
  readonly journalID: string;
  /** Files of this controller that people changed: these are put right, not written beside. */
  readonly restored: ReadonlyMap<string, string>;
}

/**
 * Gives logs another number where another controller has written one of the same name: two that run a job on a machine
 * in the same second call its log the same, and neither is ever overwritten (R33). One that is there already, under
 * whatever number, is found again and makes no change.
 */
export function withOwnNames(files: Files, place: Place): Files {
  if (!hasOthers(place)) return files;
  const result = new Map<string, string | null>();
  for (const [path, text] of files) {
    if (text === null || !isLog(path) || place.restored.has(path)) result.set(path, text);
    else result.set(nameFor(path, text, files, place), text);
  }
  return result;
}

function nameFor(path: string, text: string, files: Files, { ground, prefix }: Place): string {
  const isTaken = (name: string) => {
    const there = ground.entries.get(prefix + name);
    return there !== undefined && there.id !== blobID(text, there.id.length);
  };
  const [, stem, number = '1'] = NAME.exec(path) ?? [];
  if (stem === undefined || !isFile(ground.entries.get(prefix + path)) || !isTaken(path)) return path;
  for (let copy = Number(number) + 1; ; copy += 1) {
    const name = `${stem}_${copy}.json`;
    if (!files.has(name) && !isTaken(name)) return name;
  }
}

/** Whether the tip holds a watermark of another controller. */
function hasOthers({ ground, prefix, journalID }: Place): boolean {
  for (const path of ground.entries.keys()) {
    const id = path.startsWith(prefix) ? markedID(path.slice(prefix.length)) : null;
    if (id !== null && id !== journalID) return true;
  }
  return false;
}
