import type { JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { RolloutFacts, Status } from '../../../definitions/status.ts';
import type { LifeEvent } from '../../events/event.ts';
import type { EndedRuns, RecentRuns } from '../recent-runs.ts';
import type { Instruments } from './instruments.ts';

export interface PerJobOptions {
  readonly agenda: Agenda;
  readonly recentRuns: Pick<RecentRuns, 'ended'>;
  /** `Metrics.PerJob`, at the time of a scrape. */
  readonly most: () => number;
}

/** How the latest occurrence of a job went; pending: none has ended yet. */
type LastOutcome = 'completed' | 'failed' | 'missed' | 'pending';

/** Adds the metrics that have a job as their label: for all jobs, or for none when there are too many. */
export function installPerJob(instruments: Instruments, { agenda, recentRuns, most }: PerJobOptions): void {
  const shown = (): Iterable<JobID> => (jobsLeftOut(agenda.jobs.size, most()) > 0 ? [] : agenda.jobs.keys());
  const success = 'When a run of the job completed the last time; 0: none is known. See bmcron_jobs_without_metrics.';
  instruments.gaugeBy('job_last_success_timestamp_seconds', success, ['job'], (set) => {
    for (const job of shown()) set(lastSuccess(agenda.status(job), recentRuns.ended(job)), { job });
  });
  const outcome = 'How the latest occurrence of the job went: 1 at completed, failed, missed or pending.';
  instruments.gaugeBy('job_last_outcome', outcome, ['job', 'outcome'], (set) => {
    for (const job of shown()) set(1, { job, outcome: lastOutcome(agenda.status(job), recentRuns.ended(job)) });
  });
  const wave = 'The wave of the rollout that comes next or is under way, from 1; 0: it is promoted.';
  instruments.gaugeBy('rollout_wave', wave, ['job'], (set) => {
    for (const [job, facts] of rollouts(shown(), agenda)) {
      const isPromoted = facts.Promoted?.Effect === facts.Effect && facts.Wave === 0;
      set(isPromoted ? 0 : facts.Wave + 1, { job });
    }
  });
  instruments.gaugeBy('rollout_halted', 'Whether the rollout is halted: 1, else 0.', ['job'], (set) => {
    for (const [job, facts] of rollouts(shown(), agenda)) set(facts.Halted ? 1 : 0, { job });
  });
  const without = 'Jobs without metrics of their own, since there are more than Metrics.PerJob of bmcron.yaml allows.';
  instruments.gauge('jobs_without_metrics', without, (set) => set(jobsLeftOut(agenda.jobs.size, most())));
}

/** The jobs among these that have a rollout, and its facts. */
function* rollouts(jobs: Iterable<JobID>, agenda: Agenda): Generator<readonly [job: JobID, facts: RolloutFacts]> {
  for (const job of jobs) {
    const facts = agenda.status(job)?.Rollout;
    if (facts) yield [job, facts];
  }
}

/** Tells by an event when metrics a job are left out, each time that it comes to that; to be called after a pass. */
export function createLeftOutNotice(
  { agenda, most }: Pick<PerJobOptions, 'agenda' | 'most'>,
  observe: (event: LifeEvent) => void,
): () => void {
  const state = { isTold: false };
  return () => {
    const jobs = jobsLeftOut(agenda.jobs.size, most());
    if (jobs > 0 && !state.isTold) observe({ event: 'jobMetricsLeftOut', jobs, most: most() });
    state.isTold = jobs > 0;
  };
}

/** How many jobs have no metrics of their own: none, or all. */
function jobsLeftOut(jobs: number, most: number): number {
  return jobs > most ? jobs : 0;
}

/** Seconds since 1970; 0: none is known. */
function lastSuccess(status: Status | undefined, ended: EndedRuns | null): number {
  const told = status?.Status === 'Completed' ? status.LastRun?.EndTime : null;
  const end = told ?? ended?.success;
  return end ? Date.parse(end) / 1000 : 0;
}

function lastOutcome(status: Status | undefined, ended: EndedRuns | null): LastOutcome {
  const [missed] = status?.Missed ?? [];
  const ran = status?.Status === 'Running' ? ended?.end : status?.LastRun?.NominalTime;
  if (missed && missed.Time > (ran ?? '')) return 'missed';
  if (status?.Status === 'Completed' || status?.Status === 'Failed') {
    return status.Status === 'Completed' ? 'completed' : 'failed';
  }
  if (ended === null) return 'pending';
  return ended.outcome === 'Completed' ? 'completed' : 'failed';
}
