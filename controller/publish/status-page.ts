import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { type InForce, nextBlock } from '../../definitions/lifecycle/in-force.ts';
import { daysOf, isOf } from '../../definitions/report/past-runs.ts';
import { createRecentLogs, type RecentLogs } from '../../definitions/report/recent-logs.ts';
import { lastRuns, statusPage } from '../../definitions/report/status-page.ts';
import type { Status } from '../../definitions/status.ts';
import type { Repository } from '../snapshot/repository.ts';
import type { Journal } from '../state/journal.ts';
import { inSlices } from '../time-slice.ts';

/** STATUS.md, kept up to date with the facts. */
export interface StatusPage {
  /** Writes it anew. When it differs from before, a record goes to the journal, so that the next commit has it. */
  update(): Promise<void>;
  /** As it was written last. */
  readonly text: string;
}

export interface StatusPageOptions {
  readonly journal: Journal;
  readonly agenda: Agenda;
  readonly inForce: InForce;
  /** What stops until a person has done something. */
  readonly alerts: () => readonly string[];
  /** Logs as they stand in Git. */
  readonly publishedLogs: Repository['logs'];
}

/** Runs for whose log files Git is asked: some more than the page shows, since jobs go. */
const RECALLED_RUNS = 50;

/** The status page of a fleet; it says nothing before the first pass. */
export function createStatusPage(options: StatusPageOptions): StatusPage {
  const { journal, agenda, inForce } = options;
  const recent = createRecentLogs();
  let isRecalled = false;
  let text = '';
  return {
    async update() {
      if (inForce.commit === null) return;
      for await (const entry of journal.since(recent.last)) recent.take(entry);
      const { Logs } = inForce.settings;
      const jobs: { readonly job: Job; readonly status: Status }[] = [];
      for (const job of agenda.jobs.values()) {
        const status = agenda.status(job.id);
        if (status) jobs.push({ job, status });
      }
      if (!isRecalled && Logs.Layout === 'files') {
        await recall(jobs, recent, options);
        isRecalled = true;
      }
      const logs = Logs.Layout === 'files' ? recent.logs : () => []; // in segments no run has a file of its own
      const blocked = (job: Job, status: Status) => nextBlock(inForce, job, status);
      const alerts = options.alerts();
      const now = await inSlices(statusPage({ jobs, problems: inForce.problems, alerts, logs, blocked }));
      if (now === text) return;
      await journal.append([{ kind: 'overview' }]);
      text = now;
    },
    get text() {
      return text;
    },
  };
}

/** Asks Git for the logs of the last runs that the journal does not know: it is new, or has become short. */
async function recall(
  jobs: readonly { readonly status: Status }[],
  recent: RecentLogs,
  { publishedLogs }: StatusPageOptions,
): Promise<void> {
  const runs = lastRuns(jobs.map(({ status }) => status))
    .slice(0, RECALLED_RUNS)
    .filter(({ run }) => run.EndTime !== null && recent.logs(run.RunID).length === 0);
  if (runs.length === 0) return;
  const days = new Set(runs.flatMap(({ run }) => daysOf(run)));
  const found = await publishedLogs([...days], (name) => runs.some(({ Id }) => name.startsWith(`${Id}_`)));
  for (const { Id, run } of runs) {
    const logs = found.filter(({ log }) => isOf(log, Id, run));
    recent.recall(
      run.RunID,
      logs.map(({ path, log }) => ({ machine: log.MachineID, path, failed: log.Status === 'failed' })),
    );
  }
}
