import { readdir, rm, stat } from 'node:fs/promises';
import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Observe } from '../events/git-event.ts';
import { createTimeSlice } from '../time-slice.ts';
import { foldCheckpoint, readCheckpoint } from './checkpoint.ts';
import { type JournalFile, journalFilePath, openJournalFile, writeDurably } from './journal-file.ts';
import { type JournalLine, type ParseRecord, printLine, readLines } from './journal-lines.ts';

/**
 * The files of a journal: `<number of the first entry>.ndjson`, and a checkpoint with the statuses of those that are
 * gone.
 */
export interface JournalFiles {
  /** The number of the newest entry, 0 when empty. */
  readonly last: number;
  /** Entries up to this number have been pruned; 0 when none has. */
  readonly pruned: number;
  /** Makes entries durable, all or none. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** The entries after a number, oldest first; of what was pruned, the latest status of each file. */
  since(seq: number): AsyncIterable<JournalEntry>;
  /** What a start needs: the latest statuses, runs without an end, and the newest entries; not all that ever was. */
  replay(parse?: ParseRecord): AsyncIterable<JournalEntry>;
  /** The checksum of an entry; null when the journal does not have it. */
  digest(seq: number): Promise<string | null>;
  /** Removes what is at most `through` and was written before `before`, but for the latest status of each file. */
  prune(through: number, before: Date): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

interface FilesState {
  readonly folder: string;
  /** Bytes after which the next file begins. */
  readonly fileBytes: number;
  readonly observe: Observe;
  /** The number of each file's first entry, oldest first; the last file is `current`. */
  readonly firsts: number[];
  current: JournalFile;
  /** The newest number that is durable. */
  last: number;
  pruned: number;
  /** The work on checkpoints, one after the other. */
  folding: Promise<void>;
  /** Why nothing may be written any more. */
  broken: unknown;
  readonly closing: AbortController;
}

/** Opens the files of the journal in a folder, which exists. @param fileBytes after which the next file begins */
export async function openJournalFiles(folder: string, fileBytes: number, observe: Observe): Promise<JournalFiles> {
  const firsts = await listFirsts(folder);
  if (firsts.length === 0) firsts.push((await readCheckpoint(folder)).through + 1);
  const current = await openJournalFile(folder, firsts.at(-1) ?? 1, observe);
  const state: FilesState = {
    folder,
    fileBytes,
    observe,
    firsts,
    current,
    last: current.first + current.offsets.length - 1,
    pruned: Math.max(0, (firsts[0] ?? 1) - 1),
    folding: Promise.resolve(),
    broken: null,
    closing: new AbortController(),
  };
  return {
    get last() {
      return state.last;
    },
    get pruned() {
      return state.pruned;
    },
    append: (entries) => append(state, entries),
    since: (seq) => since(state, seq),
    replay: (parse) => replay(state, parse),
    digest: (seq) => digest(state, seq),
    prune: (through, before) => prune(state, through, before),
    async close() {
      state.closing.abort();
      await state.folding;
      await state.current.handle.close();
    },
  };
}

async function append(state: FilesState, entries: readonly JournalEntry[]): Promise<void> {
  if (state.broken) throw state.broken;
  if (state.current.size >= state.fileBytes) await rotate(state);
  const { current } = state;
  const lines = entries.map((entry) => Buffer.from(printLine(entry)));
  try {
    await writeDurably(current, Buffer.concat(lines));
  } catch (error) {
    // Half a line must not stand before the next one. A file that cannot even be cut must not be written to again.
    await current.handle.truncate(current.size).catch((failure) => (state.broken = failure));
    if ((error as NodeJS.ErrnoException).code === 'EIO') state.broken = error; // the kernel may have dropped the pages
    throw error;
  }
  for (const line of lines) {
    current.offsets.push(current.size);
    current.size += line.length;
  }
  state.last += entries.length;
}

async function rotate(state: FilesState): Promise<void> {
  const { folder, observe, firsts } = state;
  const next = await openJournalFile(folder, state.last + 1, observe);
  await state.current.handle.close();
  firsts.push(next.first);
  state.current = next;
  // The newest full file is not folded: a start needs the latest log paths too.
  const fold = () => foldUpTo(state, (firsts.at(-2) ?? 1) - 1);
  state.folding = state.folding.then(fold).catch(() => undefined); // tried again with the next file
}

async function foldUpTo({ folder, firsts, closing }: FilesState, through: number): Promise<void> {
  const paths = firsts.filter((first) => first <= through).map((first) => journalFilePath(folder, first));
  await foldCheckpoint(folder, paths, through, closing.signal);
}

async function* since(state: FilesState, seq: number): AsyncIterable<JournalEntry> {
  if (seq < state.pruned) {
    const { entries } = await readCheckpoint(state.folder);
    for (const entry of entries) {
      if (entry.seq > seq && entry.seq <= state.pruned && entry.record.kind === 'status') yield entry;
    }
  }
  yield* entriesAfter(state, seq);
}

async function* replay(state: FilesState, parse?: ParseRecord): AsyncIterable<JournalEntry> {
  const { through, entries } = await readCheckpoint(state.folder, parse);
  yield* entries;
  yield* entriesAfter(state, through, parse);
}

/** The entries of the files after a number, up to what is durable when it begins. */
async function* entriesAfter(state: FilesState, seq: number, parse?: ParseRecord): AsyncIterable<JournalEntry> {
  const upTo = state.last;
  const pace = createTimeSlice();
  const firsts = [...state.firsts];
  for (const [index, first] of firsts.entries()) {
    if ((firsts[index + 1] ?? upTo + 1) <= seq + 1) continue;
    for await (const lines of linesFrom(state, first, seq + 1)) {
      for (const line of lines) {
        await pace();
        if (line.seq > seq && line.seq <= upTo) yield line.entry(parse);
      }
    }
  }
}

/** The lines of a file, up to what is durable; of the current one from an entry on, of the others all. */
function linesFrom(
  { folder, current }: FilesState,
  first: number,
  seq: number,
): AsyncGenerator<readonly JournalLine[]> {
  const path = journalFilePath(folder, first);
  if (first !== current.first) return readLines(path);
  const start = seq <= first ? 0 : (current.offsets[seq - first] ?? current.size);
  return readLines(path, start, current.size);
}

async function digest(state: FilesState, seq: number): Promise<string | null> {
  const first = state.firsts.findLast((each) => each <= seq);
  if (first === undefined || seq > state.last) return null;
  for await (const lines of linesFrom(state, first, seq)) {
    const line = lines.find((each) => each.seq === seq);
    if (line) return line.digest;
  }
  return null;
}

async function prune(state: FilesState, through: number, before: Date): Promise<void> {
  const { folder, firsts } = state;
  const gone: number[] = [];
  for (const [index, first] of firsts.slice(0, -1).entries()) {
    const end = (firsts[index + 1] ?? 0) - 1;
    const written = (await stat(journalFilePath(folder, first))).mtime;
    if (end >= through || written >= before) break; // the entry at the watermark stays: it proves whose journal it is
    gone.push(first);
  }
  if (gone.length === 0) return;
  // The checkpoint must be durable before the files go that it stands for.
  await state.folding;
  await foldUpTo(state, (firsts[gone.length] ?? 1) - 1);
  for (const first of gone) await rm(journalFilePath(folder, first), { force: true });
  firsts.splice(0, gone.length);
  state.pruned = (firsts[0] ?? 1) - 1;
}

async function listFirsts(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d{12}\.ndjson$/.test(name))
    .map((name) => Number(name.slice(0, 12)))
    .sort((a, b) => a - b);
}
