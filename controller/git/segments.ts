import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../definitions/record.ts';
import { createPacer } from '../pacer.ts';
import { foldCheckpoint, readCheckpoint } from './checkpoint.ts';
import type { Observe } from './event.ts';
import { pieces } from './pieces.ts';
import { type Line, printLine, scanning } from './segment.ts';
import { syncFolder } from './state.ts';

const { O_CREAT, O_DSYNC, O_EXCL, O_RDWR } = constants;
/** On Linux a write to such a file returns once fdatasync would have; elsewhere that says less than fdatasync does. */
const SYNCED_BY_WRITE = process.platform === 'linux';

/** The files of a journal: `<first number>.ndjson`, and the statuses of those that are gone. */
export interface Folder {
  readonly last: number;
  readonly pruned: number;
  append(entries: readonly Entry[]): Promise<void>;
  since(seq: number): AsyncIterable<Entry>;
  replay(): AsyncIterable<Entry>;
  digest(seq: number): Promise<string | null>;
  prune(through: number, before: Date): Promise<void>;
  close(): Promise<void>;
}

/** The file being written. */
interface Current {
  readonly handle: FileHandle;
  readonly first: number;
  size: number;
  /** Where entries begin, by their number less `first`; NaN: damaged. */
  readonly offsets: number[];
}

/** Opens the files of a journal. */
export async function createFolder(folder: string, segmentBytes: number, observe: Observe): Promise<Folder> {
  const firsts = await listSegments(folder);
  if (firsts.length === 0) firsts.push((await readCheckpoint(folder)).through + 1);
  let current = await openSegment(folder, firsts.at(-1) ?? 1, observe);
  let last = current.first + current.offsets.length - 1;
  let pruned = Math.max(0, (firsts[0] ?? 1) - 1);
  let folding: Promise<void> = Promise.resolve();
  let broken: unknown = null;
  const closing = new AbortController();

  async function rotate(): Promise<void> {
    const next = await openSegment(folder, last + 1, observe);
    await current.handle.close();
    firsts.push(next.first);
    current = next;
    // The newest full segment stays as it is: a start wants the latest log paths too.
    folding = folding.then(() => foldUpTo((firsts.at(-2) ?? 1) - 1)).catch(() => undefined); // again with the next one
  }

  async function foldUpTo(through: number): Promise<void> {
    const sealed = firsts.filter((first) => first <= through).map((first) => segmentPath(folder, first));
    await foldCheckpoint(folder, sealed, through, closing.signal);
  }

  async function* entriesOf(seq: number): AsyncIterable<Entry> {
    const upTo = last;
    const pace = createPacer();
    for (const [index, first] of [...firsts].entries()) {
      if ((firsts[index + 1] ?? upTo + 1) <= seq + 1) continue;
      for await (const lines of linesOf(first, seq + 1)) {
        for (const line of lines) {
          await pace();
          if (line.seq > seq && line.seq <= upTo) yield line.entry();
        }
      }
    }
  }

  async function append(entries: readonly Entry[]): Promise<void> {
    if (broken) throw broken;
    if (current.size >= segmentBytes) await rotate();
    const lines = entries.map((entry) => Buffer.from(printLine(entry)));
    try {
      await writeWhole(current.handle, Buffer.concat(lines), current.size);
      if (!SYNCED_BY_WRITE) await current.handle.datasync();
    } catch (error) {
      // Half a line must not stand before the next one. What cannot even be cut must not be written to again.
      await current.handle.truncate(current.size).catch((failure) => (broken = failure));
      if ((error as NodeJS.ErrnoException).code === 'EIO') broken = error; // the kernel may have dropped the pages
      throw error;
    }
    for (const line of lines) {
      current.offsets.push(current.size);
      current.size += line.length;
    }
    last += entries.length;
  }

  /** The lines of a segment from an entry on, up to what is durable. */
  function linesOf(first: number, seq: number): AsyncGenerator<readonly Line[]> {
    const path = segmentPath(folder, first);
    if (first !== current.first) return scanning(pieces(path));
    const start = seq <= first ? 0 : (current.offsets[seq - first] ?? current.size);
    return scanning(pieces(path, start, current.size));
  }

  return {
    get last() {
      return last;
    },
    get pruned() {
      return pruned;
    },
    append,
    async *since(seq) {
      if (seq < pruned) {
        const { entries } = await readCheckpoint(folder);
        for (const entry of entries) {
          if (entry.seq > seq && entry.seq <= pruned && entry.record.kind === 'status') yield entry;
        }
      }
      yield* entriesOf(seq);
    },
    async *replay() {
      const { through, entries } = await readCheckpoint(folder);
      yield* entries;
      yield* entriesOf(through);
    },
    async digest(seq) {
      const first = firsts.findLast((each) => each <= seq);
      if (first === undefined || seq > last) return null;
      for await (const lines of linesOf(first, seq)) {
        const line = lines.find((each) => each.seq === seq);
        if (line) return line.digest;
      }
      return null;
    },
    async prune(through, before) {
      const gone: number[] = [];
      for (const [index, first] of firsts.slice(0, -1).entries()) {
        const end = (firsts[index + 1] ?? 0) - 1;
        const written = (await stat(segmentPath(folder, first))).mtime;
        if (end >= through || written >= before) break; // the entry at the watermark stays: it proves whose it is
        gone.push(first);
      }
      if (gone.length === 0) return;
      await folding;
      await foldUpTo((firsts[gone.length] ?? 1) - 1);
      for (const first of gone) await rm(segmentPath(folder, first), { force: true });
      firsts.splice(0, gone.length);
      pruned = (firsts[0] ?? 1) - 1;
    },
    async close() {
      closing.abort();
      await folding;
      await current.handle.close();
    },
  };
}

async function openSegment(folder: string, first: number, observe: Observe): Promise<Current> {
  const path = segmentPath(folder, first);
  const found = await stat(path).catch(() => null);
  const handle = await open(path, O_RDWR | (found ? 0 : O_CREAT | O_EXCL) | (SYNCED_BY_WRITE ? O_DSYNC : 0));
  if (!found) await syncFolder(folder);
  const offsets: number[] = [];
  let size = 0;
  let damaged = 0;
  const countDamaged = (lines: number) => {
    damaged += lines;
  };
  for await (const lines of scanning(pieces(path), countDamaged)) {
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

/** Writes all of it: one call may write less than it was given, and not say so. */
async function writeWhole(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    done += bytesWritten;
  }
}

async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d{12}\.ndjson$/.test(name))
    .map((name) => Number(name.slice(0, 12)))
    .sort((a, b) => a - b);
}

function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(12, '0')}.ndjson`);
}
