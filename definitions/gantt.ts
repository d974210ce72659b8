import { nextRun } from './calendar.ts';
import type { Status } from './status.ts';
import { timestamp } from './time.ts';

const DAY_MS = 86_400_000;

/** One run a local date, and clocks change by an hour or two: a second run within a day follows an early first one. */
const SOONEST_AGAIN_MS = 4 * 3_600_000;

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
  const after = createFollowing(timeZone);
  for (const [index, status] of armed.entries()) {
    for (let at = firsts[index] ?? begin; at < begin + DAY_MS; ) {
      runs.push({ at, status });
      at = at > begin + SOONEST_AGAIN_MS ? Number.POSITIVE_INFINITY : after(status.Schedule, at);
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

/** The run after a run; schedules of a fleet are few, and asked for once each. */
function createFollowing(timeZone: string): (schedule: Status['Schedule'], at: number) => number {
  const known = new Map<string, number>();
  return (schedule, at) => {
    if (schedule.Type === 'Once') return Number.POSITIVE_INFINITY;
    const key = `${at} ${JSON.stringify(schedule)}`;
    const found = known.get(key) ?? nextRun(schedule, timeZone, new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
    known.set(key, found);
    return found;
  };
}
