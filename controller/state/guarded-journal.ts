import type { GuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Timestamp } from '../../definitions/values/time.ts';
import type { Journal } from './journal.ts';

/** A journal that the guards learn from: each record once it is durable, before whoever appended it goes on. */
export interface GuardedJournal {
  readonly journal: Journal;
  /** What a start replays, noted on the way. */
  noted(entries: AsyncIterable<JournalEntry>): AsyncIterable<JournalEntry>;
  /** The guards follow the settings of a commit, durably where that can be. */
  follow(settings: Pick<Settings, 'Guards' | 'Breaker'>, now: Date): Promise<void>;
}

/**
 * @param moved hears that the breaker has opened, or with null that it was closed
 * @param appended hears that there is more in the journal
 */
export function guardJournal(
  journal: Journal,
  guards: GuardState,
  moved: (opened: Timestamp | null) => void,
  appended: () => void,
): GuardedJournal {
  let opened: Timestamp | null = null;
  const tell = () => {
    const now = guards.breaker.state.opened;
    if (now === opened) return;
    opened = now;
    moved(now);
  };
  const note = (records: readonly JournalRecord[]) => {
    for (const record of records) guards.note(record);
  };
  /** What cannot be written now is written with the next record: until then it is in memory. */
  const keep = async () => {
    const record = guards.unrecorded();
    if (record === null) return;
    tell();
    await journal.append([record]).then(
      () => note([record]),
      () => undefined,
    );
  };
  const guarded: Journal = Object.assign(Object.create(journal) as Journal, {
    async append(records: readonly JournalRecord[]) {
      const seq = await journal.append(records);
      note(records);
      await keep();
      appended();
      return seq;
    },
  });
  return {
    journal: guarded,
    async *noted(entries) {
      for await (const entry of entries) {
        note([entry.record]);
        yield entry;
      }
    },
    async follow(settings, now) {
      guards.follow(settings, now);
      await keep();
      tell();
    },
  };
}
