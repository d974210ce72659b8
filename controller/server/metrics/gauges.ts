import type { JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { Problem } from '../../../definitions/problem.ts';
import { OUTCOMES } from '../../../definitions/run.ts';
import type { SiteState } from '../../engine/served-sites.ts';
import type { LastPart } from '../views/last-parts.ts';
import type { Instruments } from './instruments.ts';

/** What the gauges are read from, at the time of a scrape. */
export interface GaugeOptions {
  readonly version: string;
  readonly now: () => Date;
  readonly agenda: Agenda;
  readonly machines: () => number;
  /** Of each machine of the inventory in force how the latest part of a run on it ended; null: not known. */
  readonly lastOutcomes: () => Iterable<LastPart['outcome'] | null>;
  /** Jobs whose next run is blocked by windows, as things stand. */
  readonly blocked: () => number;
  /** When the next closed window opens; null: none is known. */
  readonly nextOpening: () => Date | null;
  readonly workers: () => number;
  /** Runs that work. */
  readonly running: () => number;
  /** Runs that only wait, and have given their workers back. */
  readonly waiting: () => number;
  readonly connections: ConnectionCounts;
  /** Who serves the machines of sites. */
  readonly sites: () => readonly SiteState[];
  readonly problems: () => readonly Problem[];
  /** Results that are durable here and not public yet, and when the oldest came. */
  readonly unpushed: () => { readonly count: number; readonly oldest: Date | null };
}

/** `MaxConnections`, how many machines are talked to, and how many parts only wait. */
export interface ConnectionCounts {
  readonly most: () => number;
  readonly active: () => number;
  readonly waiting: () => number;
}

/** A file becomes a label only while it is among the worst so many: a label must not grow with the repository. */
const MOST_FILES = 50;
const OTHER_FILES = '(others)';
/** Of a part that Git alone tells of, success or failure is all that is known. */
const OUTCOME_LABELS = [...OUTCOMES, 'success', 'failed', 'none'];
const STATUSES = ['Pending', 'Running', 'Completed', 'Failed'];

/** Adds the gauges. */
export function installGauges(instruments: Instruments, options: GaugeOptions): void {
  const { agenda, now, workers, running } = options;
  const gauge = (name: string, help: string, value: () => number) =>
    instruments.gauge(name, help, (set) => set(value()));
  const count = (fits: (id: JobID, dueMs: number) => boolean) => {
    let found = 0;
    for (const id of agenda.jobs.keys()) if (fits(id, dueMs(agenda, id))) found += 1;
    return found;
  };
  instruments.gaugeBy('build_info', 'The version.', ['version'], (set) => set(1, { version: options.version }));
  gauge('machines', 'Machines of the inventory in force.', options.machines);
  gauge('clock_timestamp_seconds', "The time by the service's clock.", () => now().getTime() / 1000);
  installOutcomes(instruments, options);
  gauge('window_blocked', 'Jobs whose next run windows forbid, as things stand.', options.blocked);
  gauge('window_next_opening_seconds', 'Until the next closed window opens, or freeze ends; -1: none is known.', () => {
    const opens = options.nextOpening();
    return opens ? Math.max(0, (opens.getTime() - now().getTime()) / 1000) : -1;
  });
  gauge('jobs_suspended', 'Jobs in force that are suspended.', () => count((id) => !!agenda.status(id)?.Suspended));
  gauge('jobs_due', 'Jobs whose time has come and that have not started for it.', () =>
    count((_, due) => due <= now().getTime()),
  );
  gauge('runs_waiting', 'Due jobs that wait for a worker.', () =>
    count((id, due) => due <= now().getTime() && !agenda.isHeld(id)),
  );
  gauge('worker_pool_size', 'WorkerPoolSize: jobs that may run at once.', workers);
  gauge('worker_pool_active', 'Workers that carry out a run.', running);
  gauge('worker_pool_available', 'Workers that are free.', () => Math.max(0, workers() - running()));
  gauge(
    'worker_pool_waiting',
    'Runs that only wait, such as for a value to settle, and hold no worker.',
    options.waiting,
  );
  gauge('connection_pool_size', 'MaxConnections: machines that may be talked to at once.', options.connections.most);
  gauge('connection_pool_active', 'Machines that are talked to.', options.connections.active);
  gauge(
    'connection_pool_waiting',
    'Parts of runs that only wait, and hold no connection.',
    options.connections.waiting,
  );
  gauge('next_run_timestamp_seconds', 'When the next job falls due; 0: none will.', () => {
    return (agenda.nextDue()?.getTime() ?? 0) / 1000;
  });
  gauge('unpushed_results', 'Results that are recorded here and not public yet.', () => options.unpushed().count);
  gauge('unpushed_results_oldest_age_seconds', 'Age of the oldest result that is not public; 0: there is none.', () => {
    const { oldest } = options.unpushed();
    return oldest ? Math.max(0, (now().getTime() - oldest.getTime()) / 1000) : 0;
  });
  instruments.gaugeBy('site_workers', 'Workers that serve a site.', ['site'], (set) => {
    for (const { site, workers: there } of options.sites()) set(there, { site });
  });
  instruments.gaugeBy('site_waiting', 'Machines of a site that have a part, waiting or under way.', ['site'], (set) => {
    for (const { site, waiting } of options.sites()) set(waiting, { site });
  });
  instruments.gaugeBy('jobs', 'Jobs in force, by Status.', ['status'], (set) => {
    const found = new Map(STATUSES.map((status) => [status, 0]));
    for (const id of agenda.jobs.keys()) {
      const status = agenda.status(id)?.Status ?? 'Pending';
      found.set(status, (found.get(status) ?? 0) + 1);
    }
    for (const [status, jobs] of found) set(jobs, { status });
  });
  const help = `Problems of manifests, by file; beyond the ${MOST_FILES} worst files together as ${OTHER_FILES}.`;
  instruments.gaugeBy('problems', help, ['file', 'severity'], (set) => {
    for (const { file, severity, problems } of worstFiles(options.problems())) set(problems, { file, severity });
  });
}

/** A label for each outcome, at 0 too: an alert sees the first one. */
function installOutcomes({ gaugeBy }: Instruments, { lastOutcomes }: GaugeOptions): void {
  const help = 'Machines by how the latest part of a run on them ended; none: no run is remembered.';
  gaugeBy('machines_by_last_outcome', help, ['outcome'], (set) => {
    const found = new Map<string, number>(OUTCOME_LABELS.map((outcome) => [outcome, 0]));
    for (const outcome of lastOutcomes()) found.set(outcome ?? 'none', (found.get(outcome ?? 'none') ?? 0) + 1);
    for (const [outcome, machines] of found) set(machines, { outcome });
  });
}

/** When a job is due, in ms; never, when it is not going to be. */
function dueMs(agenda: Agenda, id: JobID): number {
  const status = agenda.status(id);
  return status?.NextRunTime && !status.Suspended ? Date.parse(status.NextRunTime) : Number.POSITIVE_INFINITY;
}

function worstFiles(problems: readonly Problem[]) {
  const files = new Map<string, number>();
  for (const { file } of problems) files.set(file, (files.get(file) ?? 0) + 1);
  const worst = [...files].sort((a, b) => b[1] - a[1]).slice(0, MOST_FILES);
  const named = new Set(worst.map(([file]) => file));
  const found = new Map<string, { file: string; severity: string; problems: number }>();
  for (const problem of problems) {
    const file = named.has(problem.file) ? problem.file : OTHER_FILES;
    const { severity } = problem;
    const key = `${severity} ${file}`;
    const was = found.get(key);
    if (was) was.problems += 1;
    else found.set(key, { file, severity, problems: 1 });
  }
  return found.values();
}
