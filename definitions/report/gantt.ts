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
 * depends on the statuses alone, not on the clock. GitHub and GitLab draw it.
 * @param most jobs that the chart shows
 * @see https://mermaid.js.org/syntax/gantt.html
 */
export function gantt(statuses: Iterable<Status>, most: number): Gantt | null {
  const waiting = [...statuses].filter(({ NextRunTime, Suspended }) => NextRunTime !== null && !Suspended);
  const due = waiting.map((status) => ({ at: Date.parse(status.NextRunTime ?? ''), status }));
  const begin = due.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const runs = due.filter(({ at }) => at < begin + DAY_MS);
  if (runs.length === 0) return null;
  runs.sort((a, b) => a.at - b.at || (a.status.Id < b.status.Id ? -1 : 1));
  // A word before each ID: Mermaid would take `title` or `2026-03-10` at the start of a line for its own.
  const lines = runs.slice(0, most).map(({ at, status: { Id, Machines } }) => {
    return `    job ${Id}, ${counted(Machines.length, 'machine')} :milestone, ${timestamp(new Date(at)).slice(0, 19)}, 0d`;
  });
  const head = ['gantt', '    dateFormat YYYY-MM-DDTHH:mm:ss', '    axisFormat %H:%M', '    section UTC'];
  return { text: [...head, ...lines].join('\n'), more: Math.max(0, runs.length - most) };
}
