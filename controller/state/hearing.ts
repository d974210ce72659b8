import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Journal } from './journal.ts';

/** A journal whose new entries are told once they are durable: pages and metrics show facts, never intentions. */
export function hearing(journal: Journal, hear: (entries: readonly JournalEntry[]) => void): Journal {
  return Object.create(journal, {
    append: {
      async value(records: Parameters<Journal['append']>[0]) {
        const last = await journal.append(records);
        hear(records.map((record, index) => ({ seq: last - records.length + 1 + index, record })));
        return last;
      },
    },
  }) as Journal;
}
