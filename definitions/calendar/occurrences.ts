import type { Job, JobID, Schedule } from '../job.ts';
import { DAY_MS } from './dates.ts';
import { upcoming } from './upcoming.ts';

/** How far ahead is looked at most: a year, and a month more. */
export const HORIZON_DAYS = 400;

/** The coming runs of jobs, all up to one moment. */
export interface Occurrences {
  /** Milliseconds since the epoch, rising. */
  of(job: Job): readonly number[];
  /** How far ahead is looked. */
  readonly days: number;
}

/** From when the runs are counted, and how far. */
export interface Horizon {
  readonly now: Date;
  readonly timeZone: string;
  /** Jobs that run at once, beside their schedule. */
  readonly triggered: ReadonlySet<JobID>;
  /** At most `HORIZON_DAYS`. */
  readonly days: number;
}

/** The coming runs of jobs. Jobs with the same schedule are counted once. */
export function createOccurrences(horizon: Horizon): Occurrences {
  const { now, timeZone, triggered } = horizon;
  const days = Math.min(HORIZON_DAYS, horizon.days);
  const end = now.getTime() + days * DAY_MS;
  const known = new Map<string, readonly number[]>();
  return {
    days,
    of({ id, spec }) {
      const key = JSON.stringify(spec.Schedule);
      const times = spec.Suspend ? [] : (known.get(key) ?? timesOf(spec.Schedule, timeZone, now, end));
      if (!spec.Suspend) known.set(key, times);
      return triggered.has(id) ? [now.getTime(), ...times] : times;
    },
  };
}

function timesOf(schedule: Schedule, timeZone: string, now: Date, end: number): readonly number[] {
  const times: number[] = [];
  for (const run of upcoming(schedule, timeZone, now)) {
    if (run.getTime() > end) break;
    times.push(run.getTime());
  }
  return times;
}
