import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observe } from '../events/git-event.ts';
import { syncFolder } from './atomic-file.ts';
import { readLines } from './journal-lines.ts';

const { O_CREAT, O_DSYNC, O_EXCL, O_RDWR } = constants;
/** On Linux a write to such a file returns once fdatasync would have; elsewhere that says less than fdatasync does. */
const SYNCED_BY_WRITE = process.platform === 'linux';

/** The file of a journal that is being written. */
export interface JournalFile {
  readonly handle: FileHandle;
  /** The number of its first entry. */
  readonly first: number;
  /** Bytes of it that are durable and whole lines. */
  size: number;
  /** Where entries begin, by their number less `first`; a damaged one where its follower does. */
  readonly offsets: number[];
}

/** The path of the file whose first entry has a number. */
export function journalFilePath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(12, '0')}.ndjson`);
}

/** Opens a file to write on, or begins it; what a crash tore off its end is cut. */
export async function openJournalFile(folder: string, first: number, observe: Observe): Promise<JournalFile> {
  const path = journalFilePath(folder, first);
  const found = await stat(path).catch(() => null);
  const handle = await open(path, O_RDWR | (found ? 0 : O_CREAT | O_EXCL) | (SYNCED_BY_WRITE ? O_DSYNC : 0));
  if (!found) await syncFolder(folder);
  const offsets: number[] = [];
  let size = 0;
  let damaged = 0;
  const countDamaged = (lines: number) => {
    damaged += lines;
  };
  for await (const lines of readLines(path, 0, Number.POSITIVE_INFINITY, countDamaged)) {
    for (const { seq, start, end } of lines) {
      while (offsets.length < seq - first) offsets.push(start); // a damaged one: its follower is found there
      offsets.push(start);
      size = end;
    }
  }
  const torn = (found?.size ?? 0) - size;
  if (torn > 0) {
    await handle.truncate(size);
    await handle.sync();
    observe({ kind: 'JournalRepaired', file: path, bytes: torn });
  }
  if (damaged > 0) observe({ kind: 'JournalDamaged', file: path, lines: damaged });
  return { handle, first, size, offsets };
}

/** Writes bytes at the end of a file; they are on the disk when it resolves. `size` stays: the caller moves it. */
export async function writeDurably({ handle, size }: JournalFile, bytes: Buffer): Promise<void> {
  // One call may write less than it was given, and not say so.
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, size + done);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    done += bytesWritten;
  }
  if (!SYNCED_BY_WRITE) await handle.datasync();
}
