import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Journal } from '../state/journal.ts';

/** Entries that one commit carries at most. */
export const CHUNK = 10_000;

/** Entries that may be to be published. */
export interface Batch {
  /** Without statuses of which a newer one follows: behind a blocked path that stands there already. */
  readonly entries: readonly JournalEntry[];
  /** The last entry that was looked at. */
  readonly through: number;
}

/** The numbers of the latest statuses of a backlog, by path; empty where one commit can carry all of it. */
export type LatestStatuses = ReadonlyMap<string, number>;

/** Looks through a backlog that is more than one commit carries. @param hi the watermark */
export async function latestStatuses(journal: Journal, hi: number): Promise<LatestStatuses> {
  const latest = new Map<string, number>();
  if (journal.last - hi <= CHUNK) return latest;
  for await (const { seq, record } of journal.since(hi)) if (record.kind === 'status') latest.set(record.path, seq);
  return latest;
}

/** The entries after a number, as many as one commit carries. */
export async function batchAfter(journal: Journal, after: number, latest: LatestStatuses): Promise<Batch> {
  const entries: JournalEntry[] = [];
  let through = after;
  let count = 0;
  for await (const entry of journal.since(after)) {
    const { seq, record } = entry;
    const isOld = record.kind === 'status' && seq < (latest.get(record.path) ?? 0);
    if (!isOld) entries.push(entry);
    through = seq;
    count += 1;
    if (count >= CHUNK) break;
  }
  return { entries, through };
}
