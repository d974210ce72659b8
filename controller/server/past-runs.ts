import type { JobID } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { pastRuns } from '../../definitions/report/past-runs.ts';
import type { LastRun } from '../../definitions/status.ts';
import { dayFolder } from '../../definitions/values/time.ts';
import type { Repository } from '../snapshot/repository.ts';
import { ENDINGS_KEPT, type RecentRuns } from './recent-runs.ts';

/** As many days as the page shows. */
const DAYS = 30;
const DAY_MS = 86_400_000;

/** Where runs of the past are told of. */
export interface PastRunsSource {
  readonly agenda: Agenda;
  readonly backend: { readonly repository: Pick<Repository, 'logs'> };
}

/**
 * Reads in Git what the journal does not know of the last runs: it is new, or has become short. Only days are read that
 * it does not cover, and none where it knows as many runs of each job as there were, or as the page shows.
 */
export async function recallRuns(
  { agenda, backend }: PastRunsSource,
  recentRuns: Pick<RecentRuns, 'endings' | 'oldest' | 'recall'>,
  now: Date,
): Promise<void> {
  const last = new Map<JobID, LastRun>();
  let isKnown = true;
  for (const job of agenda.jobs.keys()) {
    const status = agenda.status(job);
    if (!status?.LastRun?.EndTime) continue;
    last.set(job, status.LastRun);
    isKnown &&= recentRuns.endings(job).length >= Math.min(status.ExecutionCount, ENDINGS_KEPT);
  }
  if (isKnown) return;
  const { oldest } = recentRuns;
  const covered = oldest === null ? null : dayFolder(new Date(oldest));
  const days = Array.from({ length: DAYS }, (_, ago) => dayFolder(new Date(now.getTime() - ago * DAY_MS)));
  const missing = days.filter((day) => covered === null || day <= covered);
  recentRuns.recall(pastRuns(await backend.repository.logs(missing), last));
}
