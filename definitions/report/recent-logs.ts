import type { JournalEntry } from '../lifecycle/journal-record.ts';
import type { RunID } from '../run.ts';
import { createBoundedMap } from '../values/bounded-map.ts';

/** The log file of one machine of a run. */
export interface RecentLog {
  readonly machine: string;
  readonly path: string;
  readonly failed: boolean;
}

/** The log files of the last runs, as the journal tells them. */
export interface Recent {
  take(entry: JournalEntry): void;
  logs(run: RunID): readonly RecentLog[];
  /** The number of the last entry that was taken. */
  readonly last: number;
}

/** More runs than a page shows, so that those it shows are among them. */
const RUNS_KEPT = 200;
const LOGS_KEPT = 1_000;

/** An empty memory of log files; bounded. */
export function createRecent(): Recent {
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
    logs: (run) => runs.get(run) ?? [],
    get last() {
      return last;
    },
  };
}
