import { randomBytes } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Observe } from '../events/git-event.ts';
import { makeFolder, writeAtomically } from './atomic-file.ts';
import { type JournalFiles, openJournalFiles } from './journal-files.ts';

/** What is durable before it is public in Git (docs/git.md, The journal): append-only, a checksum a line, fdatasync. */
export interface Journal extends Omit<JournalFiles, 'append'> {
  /** Names this journal in Git (`.bmcron/<id>.json`): its numbers mean something together with this alone. */
  readonly id: string;
  /**
   * Makes records durable; resolves with the last one's number once they are. Appends of one moment share a sync.
   * @throws JournalError when they are not: none of them is kept then
   */
  append(records: readonly JournalRecord[]): Promise<number>;
  /** Gives this journal a new ID, as if nothing of it had been published. */
  renew(): Promise<void>;
  /** Whether the disk has room for what a run of this many machines will record, beside all runs in progress (R40). */
  hasRoom(machines: number): Promise<boolean>;
}

/** A record is not durable: the disk is full or broken. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

export interface JournalOptions {
  /** Bytes after which a new file begins; 8 MiB by default. */
  readonly fileBytes?: number;
  readonly observe?: Observe;
  /** Gets new entries once they are durable, in order, before whoever appended them goes on. It must not throw. */
  readonly onAppend?: ((entries: readonly JournalEntry[]) => void) | undefined;
  /** Asked before each sync: rejects where this process may write nothing any more. */
  readonly mayWrite?: () => Promise<void>;
  /** Bytes free for the service on the disk that holds a folder. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

const RECORDS_PER_SYNC = { claims: 180, others: 60 } as const;
const FILE_BYTES = 8 << 20;
/** What publishing, statuses and maintenance need beside a run's own records. */
const RESERVE_BYTES = 16 << 20;
/** A claim, a result as large as they get, and its copies in Git, for a machine. */
const MACHINE_BYTES = 64 << 10;

interface Waiting {
  readonly records: readonly JournalRecord[];
  readonly resolve: (seq: number) => void;
  readonly reject: (error: unknown) => void;
}

interface JournalState {
  id: string;
  readonly files: JournalFiles;
  readonly onAppend: (entries: readonly JournalEntry[]) => void;
  readonly mayWrite: () => Promise<void>;
  /** Claims go first: a run that is due does not wait for other records. No record before a claim depends on it. */
  readonly claims: Waiting[];
  readonly others: Waiting[];
  /** Machines that were claimed and whose results are not recorded yet. */
  expected: number;
  writing: Promise<void> | null;
}

/** Opens the journal in a folder, or begins one; a tail torn by a crash is cut and reported. @throws JournalError */
export async function openJournal(folder: string, options: JournalOptions = {}): Promise<Journal> {
  const observe = options.observe ?? (() => undefined);
  await makeFolder(folder);
  const id = await readID(folder);
  const files = await openJournalFiles(folder, options.fileBytes ?? FILE_BYTES, observe);
  const state: JournalState = {
    id,
    files,
    onAppend: options.onAppend ?? (() => undefined),
    mayWrite: options.mayWrite ?? (async () => undefined),
    claims: [],
    others: [],
    expected: 0,
    writing: null,
  };
  return {
    get id() {
      return state.id;
    },
    get last() {
      return files.last;
    },
    get pruned() {
      return files.pruned;
    },
    append(records) {
      if (records.length === 0) return Promise.resolve(files.last);
      return new Promise((resolve, reject) => {
        (records.at(-1)?.kind === 'claim' ? state.claims : state.others).push({ records, resolve, reject });
        state.writing ??= writeWaiting(state);
      });
    },
    since: files.since,
    replay: files.replay,
    digest: files.digest,
    prune: files.prune,
    async renew() {
      state.id = await writeID(folder);
    },
    async hasRoom(machines) {
      const free = await (options.freeBytes ?? freeBytes)(folder);
      return free >= RESERVE_BYTES + (state.expected + machines) * MACHINE_BYTES;
    },
    async close() {
      await state.writing;
      await files.close();
    },
  };
}

async function writeWaiting(state: JournalState): Promise<void> {
  const { claims, others } = state;
  await Promise.resolve(); // what is appended in this moment shares one sync
  while (claims.length + others.length > 0) {
    const batch = [...take(claims, RECORDS_PER_SYNC.claims), ...take(others, RECORDS_PER_SYNC.others)];
    if (await writeBatch(state, batch)) state.expected = Math.max(0, state.expected + machinesLeft(batch));
  }
  state.writing = null;
}

/** Removes the first that wait, up to `most` records but one at least: what comes in a crowd is answered in bits. */
function take(waiting: Waiting[], most: number): Waiting[] {
  let records = 0;
  const end = waiting.findIndex((each) => {
    records += each.records.length;
    return records > most;
  });
  return waiting.splice(0, end < 0 ? waiting.length : Math.max(1, end));
}

/** Settles each that waits; returns whether the batch is durable. */
async function writeBatch({ files, mayWrite, onAppend }: JournalState, batch: readonly Waiting[]): Promise<boolean> {
  try {
    await mayWrite();
    let seq = files.last;
    const entries = batch.flatMap(({ records }) =>
      records.map((record) => {
        seq += 1;
        return { seq, record };
      }),
    );
    let end = files.last;
    await files.append(entries);
    onAppend(entries);
    for (const { records, resolve } of batch) {
      end += records.length;
      resolve(end);
    }
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const failure = new JournalError(`the journal cannot be written: ${why}`, { cause: error });
    for (const { reject } of batch) reject(failure);
    return false;
  }
}

/** How many machines' results will come because of these records, less those that are among them. */
function machinesLeft(batch: readonly Waiting[]): number {
  let left = 0;
  for (const record of batch.flatMap(({ records }) => records)) {
    if (record.kind === 'claim') left += record.claim.machines.length;
    if (record.kind === 'result' || record.kind === 'skip') left -= 1;
  }
  return left;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function readID(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'id'), 'utf8').catch(absent);
  return /^[a-z0-9][a-z0-9-]{0,62}\n$/.test(text) ? text.trim() : writeID(folder);
}

/** Nothing when there is no such file; any other error is no reason to go on under another name. */
function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

/** The host's name is for people who read the repository; the random part makes it one of a kind. */
async function writeID(folder: string): Promise<string> {
  const host = hostname()
    .toLowerCase()
    .split('.')[0]
    ?.replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const id = `${host || 'bmcron'}-${randomBytes(4).toString('hex')}`;
  await writeAtomically(join(folder, 'id'), `${id}\n`);
  return id;
}
