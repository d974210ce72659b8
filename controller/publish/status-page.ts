import type { Job } from '../../definitions/job.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import { createRecentLogs } from '../../definitions/report/recent-logs.ts';
import { statusPage } from '../../definitions/report/status-page.ts';
import type { Status } from '../../definitions/status.ts';
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
}

/** The status page of a fleet; it says nothing before the first pass. */
export function createStatusPage({ journal, agenda, inForce }: StatusPageOptions): StatusPage {
  const recent = createRecentLogs();
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
      const logs = Logs.Layout === 'files' ? recent.logs : () => []; // in segments no run has a file of its own
      const now = await inSlices(statusPage({ jobs, problems: inForce.problems, logs }));
      if (now === text) return;
      await journal.append([{ kind: 'overview' }]);
      text = now;
    },
    get text() {
      return text;
    },
  };
}
