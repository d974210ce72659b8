import { nextRun } from './calendar.ts';
import type { Status } from './status.ts';
import { timestamp } from './time.ts';

const DAY_MS = 86_400_000;

/** The runs of a day, as Mermaid draws them. */
export interface Gantt {
  /** Mermaid's text. */
  readonly text: string;
  /** How many runs it does not show. */
  readonly more: number;
}

/**
 * A chart of the 24 hours that begin with the next run; null when none is to come. It follows from the facts alone:
 * the clock has no say. GitHub and GitLab draw it.
 * @see https://mermaid.js.org/syntax/gantt.html
 */
export function gantt(statuses: Iterable<Status>, timeZone: string, most: number): Gantt | null {
  const runs: { readonly at: number; readonly status: Status }[] = [];
  const armed = [...statuses].filter(({ NextRunTime, Suspended }) => NextRunTime !== null && !Suspended);
  const firsts = armed.map(({ NextRunTime }) => Date.parse(NextRunTime ?? ''));
  const begin = firsts.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  for (const [index, status] of armed.entries()) {
    for (let at = firsts[index] ?? begin; at < begin + DAY_MS; ) {
      runs.push({ at, status });
      const next = status.Schedule.Type === 'Once' ? null : nextRun(status.Schedule, timeZone, new Date(at));
      at = next?.getTime() ?? Number.POSITIVE_INFINITY;
    }
  }
  if (runs.length === 0) return null;
  runs.sort((a, b) => a.at - b.at || (a.status.Id < b.status.Id ? -1 : 1));
  // A name of its own before each ID: Mermaid would take `title` or `2026-03-10` at the start of a line for its own words.
  const lines = runs.slice(0, most).map(({ at, status: { Id, Machines } }) => {
    const on = `${Machines.length} machine${Machines.length === 1 ? '' : 's'}`;
    return `    job ${Id}, ${on} :milestone, ${timestamp(new Date(at)).slice(0, 19)}, 0d`;
  });
  const head = ['gantt', '    dateFormat YYYY-MM-DDTHH:mm:ss', '    axisFormat %H:%M', '    section UTC'];
  return { text: [...head, ...lines].join('\n'), more: Math.max(0, runs.length - most) };
}
