import type { Job } from '../../definitions/job.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { after } from '../clock.ts';
import type { Deps } from '../events/deps.ts';
import type { RunnerEvent } from '../events/event.ts';
import type { Journal } from '../state/journal.ts';

const JOURNAL_RETRY_MS = 1_000;

export interface RecordResultsOptions {
  readonly deps: Deps<RunnerEvent>;
  readonly records: { readonly journal: Journal };
  /** Aborted when the service ends: then it is tried once more. */
  readonly signal: AbortSignal;
}

/** What a BMC was asked to do must not be lost because the disk was full for a moment (R40). */
export async function recordResults(
  options: RecordResultsOptions,
  job: Job,
  records: readonly JournalRecord[],
): Promise<void> {
  const { signal } = options;
  const { clock, observe } = options.deps;
  for (;;) {
    try {
      await options.records.journal.append(records);
      return;
    } catch (error) {
      observe({ event: 'unrecorded', job: job.id, error });
      if (signal.aborted) throw error;
      await clock.sleep(after(clock, JOURNAL_RETRY_MS), signal).catch(() => undefined); // aborted: one last try
    }
  }
}
