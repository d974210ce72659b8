import type { Status } from '../status.ts';
import { timestamp } from '../values/time.ts';

const DAY_MS = 86_400_000;

/** The runs of a day, as Mermaid draws them. */
export interface Gantt {
  /** Mermaid's text. */
  readonly text: string;
  /** How many runs it does not show. */
  readonly more: number;
}

/**
 * A chart of the next run of each job that has it within 24 hours of the first; null when none is to come. It follows
 * from the facts alone: the clock has no say. GitHub and GitLab draw it.
 * @see https://mermaid.js.org/syntax/gantt.html
 */
export function gantt(statuses: Iterable<Status>, most: number): Gantt | null {
  const armed = [...statuses].filter(({ NextRunTime, Suspended }) => NextRunTime !== null && !Suspended);
  const due = armed.map((status) => ({ at: Date.parse(status.NextRunTime ?? ''), status }));
  const begin = due.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const runs = due.filter(({ at }) => at < begin + DAY_MS);
  if (runs.length === 0) return null;
  runs.sort((a, b) => a.at - b.at || (a.status.Id < b.status.Id ? -1 : 1));
  // A word before each ID: Mermaid would take `title` or `2026-03-10` at the start of a line for its own.
  const lines = runs.slice(0, most).map(({ at, status: { Id, Machines } }) => {
    const on = `${Machines.length} machine${Machines.length === 1 ? '' : 's'}`;
    return `    job ${Id}, ${on} :milestone, ${timestamp(new Date(at)).slice(0, 19)}, 0d`;
  });
  const head = ['gantt', '    dateFormat YYYY-MM-DDTHH:mm:ss', '    axisFormat %H:%M', '    section UTC'];
  return { text: [...head, ...lines].join('\n'), more: Math.max(0, runs.length - most) };
}
