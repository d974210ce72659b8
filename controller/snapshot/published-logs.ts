import { posix } from 'node:path';
import { isLog } from '../../definitions/own-paths.ts';
import { type LogRecord, readLog } from '../../definitions/run-log.ts';
import type { Git } from '../git/command.ts';
import { blobSizes, isFile, listFiles, listFolders, readBlobs } from '../git/tree.ts';

/** A log as it stands in Git: a file of its own, or a line of a segment (`Logs.Layout`). */
export interface PublishedLog {
  readonly path: string;
  readonly log: LogRecord;
}

/** After so many logs no further day is begun, nor one that makes it more bytes than that: nobody reads years. */
const MOST_LOGS = 5_000;
const MOST_BYTES = 32 << 20;

/** The days of which a commit has logs (`2026/03/10`), the newest first. @throws GitError */
export async function logDays(git: Git, commit: string, prefix: string): Promise<readonly string[]> {
  const folders = await listFolders(git, commit, `${prefix}logs`);
  const days = folders.map((path) => path.slice(`${prefix}logs/`.length));
  return days
    .filter((day) => /^\d{4}\/\d{2}\/\d{2}$/.test(day))
    .sort()
    .reverse();
}

/**
 * The logs of these days (`2026/03/10`) at a commit, whole days in the order given, until there are enough. What is
 * no log of the service is left out.
 * @param prefix the fleet's folder inside the repository: `` or `a/b/`
 * @param isWanted judges a log that is a file of its own by its name
 * @param unread hears what is wanted and not read, since it is too much: a file, a day's folder
 * @throws GitError
 */
export async function readLogs(
  git: Git,
  commit: string,
  prefix: string,
  days: readonly string[],
  isWanted: (name: string) => boolean,
  unread: (what: string) => void = () => {},
): Promise<readonly PublishedLog[]> {
  const found: PublishedLog[] = [];
  let bytes = 0;
  for (const day of days) {
    const folder = `logs/${day}`;
    if (found.length >= MOST_LOGS || bytes > MOST_BYTES) {
      unread(folder);
      continue;
    }
    const listed = await listFiles(git, commit, [`${prefix}logs/${day}`]);
    const blobs = [...listed]
      .map(([full, { id, mode }]) => ({ path: full.slice(prefix.length), id, mode }))
      .filter((each) => isFile(each) && isLog(each.path))
      .filter(({ path }) => isSegment(path) || isWanted(posix.basename(path)));
    if (blobs.length === 0) continue;
    const sizes = await blobSizes(git, [...new Set(blobs.map(({ id }) => id))]);
    const readable = blobs.slice(0, MOST_LOGS).filter(({ path, id }) => {
      const isSmall = (sizes.get(id) ?? 0) <= MOST_BYTES;
      if (!isSmall) unread(path);
      return isSmall;
    });
    const IDs = [...new Set(readable.map(({ id }) => id))];
    for (const id of IDs) bytes += sizes.get(id) ?? 0;
    if (blobs.length > MOST_LOGS || bytes > MOST_BYTES) unread(folder);
    if (bytes > MOST_BYTES) continue;
    const texts = await readBlobs(git, IDs);
    for (const { path, id } of readable) found.push(...logsIn(path, texts.get(id)?.toString('utf8') ?? ''));
  }
  return found;
}

function isSegment(path: string): boolean {
  return path.endsWith('.ndjson');
}

function logsIn(path: string, text: string): PublishedLog[] {
  const texts = isSegment(path) ? text.split('\n') : [text];
  return texts.flatMap((each) => {
    const log = readLog(each);
    return log ? [{ path, log }] : [];
  });
}
