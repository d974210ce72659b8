import type { Job } from '../job.ts';
import type { Status } from '../status.ts';
import { counted } from '../values/text.ts';
import { timestamp } from '../values/time.ts';

const DAY_MS = 86_400_000;

/** A chart of a day's runs. */
export interface Gantt {
  /** The source text, for Mermaid. */
  readonly text: string;
  /** How many runs it does not show. */
  readonly more: number;
}

/**
 * A chart of each job's next run, where that is within 24 hours of the first one; null when no run is to come. It
 * depends on the jobs and their facts, not on the clock. GitHub and GitLab draw it.
 * @param most jobs that the chart shows
 * @see https://mermaid.js.org/syntax/gantt.html
 */
export function gantt(jobs: Iterable<{ readonly job: Job; readonly status: Status }>, most: number): Gantt | null {
  const waiting = [...jobs].filter(({ status }) => status.NextRunTime !== null && !status.Suspended);
  const due = waiting.map((each) => ({ at: Date.parse(each.status.NextRunTime ?? ''), ...each }));
  const begin = due.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const runs = due.filter(({ at }) => at < begin + DAY_MS);
  if (runs.length === 0) return null;
  runs.sort((a, b) => a.at - b.at || (a.job.id < b.job.id ? -1 : 1));
  // A word before each ID: Mermaid would take `title` or `2026-03-10` at the start of a line for its own.
  const lines = runs.slice(0, most).map(({ at, job: { id, machines } }) => {
    return `    job ${id}, ${counted(machines.length, 'machine')} :milestone, ${timestamp(new Date(at)).slice(0, 19)}, 0d`;
  });
  const head = ['gantt', '    dateFormat YYYY-MM-DDTHH:mm:ss', '    axisFormat %H:%M', '    section UTC'];
  return { text: [...head, ...lines].join('\n'), more: Math.max(0, runs.length - most) };
}
