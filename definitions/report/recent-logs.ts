// Holds memory: log files of the last runs, a bounded number. They can be read from the journal again.
import type { JournalEntry } from '../lifecycle/journal-record.ts';
import type { RunID } from '../run.ts';
import { createBoundedMap } from '../values/bounded-map.ts';

/** The log file of one machine of a run. */
export interface RecentLog {
  readonly machine: string;
  readonly path: string;
  readonly failed: boolean;
}

/** The log files of the last runs, by what the journal holds. */
export interface RecentLogs {
  /** Takes the next entry of the journal. */
  take(entry: JournalEntry): void;
  /** Takes the log files of a run of which the journal says nothing any more. */
  recall(run: RunID, logs: readonly RecentLog[]): void;
  logs(run: RunID): readonly RecentLog[];
  /** The number of the last entry that was taken. */
  readonly last: number;
}

/** More than a page shows, since other runs may have recorded results after those it shows. */
const RUNS_KEPT = 200;
/** Of one run. */
const LOGS_KEPT = 1_000;

/** Begins without any log files. */
export function createRecentLogs(): RecentLogs {
  const runs = createBoundedMap<RunID, RecentLog[]>(RUNS_KEPT, 'oldest');
  let last = 0;
  return {
    take({ seq, record }) {
      last = seq;
      if (record.kind !== 'result') return;
      const logs = runs.get(record.run) ?? [];
      runs.delete(record.run); // and in again: the run that got no result for longest is the oldest
      runs.set(record.run, logs);
      const { MachineID, Status } = record.log;
      if (logs.length < LOGS_KEPT) logs.push({ machine: MachineID, path: record.path, failed: Status === 'failed' });
    },
    recall(run, logs) {
      if (logs.length > 0 && !runs.get(run)) runs.set(run, logs.slice(0, LOGS_KEPT));
    },
    logs: (run) => runs.get(run) ?? [],
    get last() {
      return last;
    },
  };
}
