import { readdir, rm, stat } from 'node:fs/promises';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Observe } from '../events/git-event.ts';
import { createTimeSlice } from '../time-slice.ts';
import { foldCheckpoint, readCheckpoint } from './checkpoint.ts';
import { openSegment, segmentPath, writeDurably } from './journal-file.ts';
import { type JournalLine, printLine, scanning } from './journal-lines.ts';
import { pieces } from './pieces.ts';

/** The files of a journal: `<first number>.ndjson`, and the statuses of those that are gone. */
export interface JournalFiles {
  readonly last: number;
  readonly pruned: number;
  append(entries: readonly JournalEntry[]): Promise<void>;
  since(seq: number): AsyncIterable<JournalEntry>;
  replay(): AsyncIterable<JournalEntry>;
  digest(seq: number): Promise<string | null>;
  prune(through: number, before: Date): Promise<void>;
  close(): Promise<void>;
}

/** Opens the files of a journal. */
export async function createJournalFiles(
  folder: string,
  segmentBytes: number,
  observe: Observe,
): Promise<JournalFiles> {
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

  async function* entriesOf(seq: number): AsyncIterable<JournalEntry> {
    const upTo = last;
    const pace = createTimeSlice();
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

  async function append(entries: readonly JournalEntry[]): Promise<void> {
    if (broken) throw broken;
    if (current.size >= segmentBytes) await rotate();
    const lines = entries.map((entry) => Buffer.from(printLine(entry)));
    try {
      await writeDurably(current, Buffer.concat(lines));
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
  function linesOf(first: number, seq: number): AsyncGenerator<readonly JournalLine[]> {
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

async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d{12}\.ndjson$/.test(name))
    .map((name) => Number(name.slice(0, 12)))
    .sort((a, b) => a - b);
}
