import type { Job, JobID, Schedule } from '../job.ts';
import { DAYS_OF_WEEK, daysOfMonth, nextRun } from './next-run.ts';
import { HORIZON_DAYS, type Offsets } from './offsets.ts';

const DAY_MS = 86_400_000;

/** The coming runs of jobs, all up to one moment. */
export interface Occurrences {
  /** Milliseconds since the epoch, rising. */
  of(job: Job): readonly number[];
  /** How far ahead is looked. */
  readonly days: number;
}

/** What the runs are counted from, and how far. */
export interface Horizon {
  readonly now: Date;
  readonly timeZone: string;
  readonly offsets: (zone: string) => Offsets;
  /** Jobs that run at once, beside their schedule. */
  readonly triggered: ReadonlySet<JobID>;
  /** At most 400. */
  readonly days: number;
}

/** The coming runs of jobs. Jobs with the same schedule are counted once. */
export function createOccurrences(horizon: Horizon): Occurrences {
  const { now, triggered } = horizon;
  const days = Math.min(HORIZON_DAYS, horizon.days);
  const known = new Map<string, readonly number[]>();
  return {
    days,
    of({ id, spec }) {
      const key = JSON.stringify(spec.Schedule);
      const times = spec.Suspend ? [] : (known.get(key) ?? timesOf(spec.Schedule, { ...horizon, days }));
      if (!spec.Suspend) known.set(key, times);
      return triggered.has(id) ? [now.getTime(), ...times] : times;
    },
  };
}

/**
 * As often as `nextRun` would say, many times faster: away from clock changes a run is its date and time less the
 * zone's offset. Near them the calendar is asked.
 */
function timesOf(schedule: Schedule, { now, timeZone, offsets, days }: Horizon): readonly number[] {
  if (schedule.Type === 'Once') {
    const only = nextRun(schedule, timeZone, now);
    return only && only.getTime() <= now.getTime() + days * DAY_MS ? [only.getTime()] : [];
  }
  const zone = offsets(schedule.TimeZone ?? timeZone);
  const timeMs = Date.parse(`1970-01-01T${schedule.Time}Z`);
  const runsOn = dateFilter(schedule);
  const times: number[] = [];
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  for (let date = today - DAY_MS; date <= today + (days + 1) * DAY_MS; date += DAY_MS) {
    if (!runsOn(date)) continue;
    const offset = zone.at(date + timeMs);
    const at = offset === null ? asked(schedule, timeZone, date) : date + timeMs - offset;
    if (at !== null && at > now.getTime() && at <= now.getTime() + days * DAY_MS) times.push(at);
  }
  return times;
}

/** The run of one date, by the calendar. */
function asked(schedule: Schedule, timeZone: string, date: number): number | null {
  const day = iso(date);
  const only = { ...schedule, Period: { StartDay: day, EndDay: day } };
  return nextRun(only, timeZone, new Date(date - 3 * DAY_MS))?.getTime() ?? null;
}

/** Whether a date, as the midnight that begins it in UTC, is one of the Period's (R14). */
function dateFilter({ Period: period }: Schedule): (date: number) => boolean {
  const { StartDay, EndDay, DaysOfWeek, DaysOfMonth } = period ?? {};
  const weekdays = new Set((DaysOfWeek ?? []).map((name) => (DAYS_OF_WEEK.indexOf(name) + 1) % 7));
  const dates = DaysOfMonth ? new Set(daysOfMonth(DaysOfMonth)) : null;
  const [first, last] = [StartDay, EndDay].map((day) => (day ? Date.parse(`${day}T00:00:00Z`) : undefined));
  return (date) => {
    if ((first !== undefined && date < first) || (last !== undefined && date > last)) return false;
    const day = new Date(date);
    if (weekdays.size > 0 && !weekdays.has(day.getUTCDay())) return false;
    return dates === null || dates.has(day.getUTCDate());
  };
}

function iso(date: number): string {
  return new Date(date).toISOString().slice(0, 10);
}
