import type { Entry, JournalRecord } from '../../definitions/record.ts';

/** What is durable here before it is public in Git: append-only, a checksum a line, fdatasync (git.md, decision 1). */
export interface Journal {
  /** The number of the newest entry, 0 when empty. */
  readonly last: number;
  /** Makes records durable; resolves with the last one's number once they are. Appends of one moment share a sync. */
  append(records: readonly JournalRecord[]): Promise<number>;
  /** The entries after a number, oldest first. */
  since(seq: number): AsyncIterable<Entry> | Iterable<Entry>;
  /** Whether the disk has room for what a run of this many machines will record (R40, git.md §3). */
  hasRoom(machines: number): Promise<boolean>;
  close(): Promise<void>;
}
