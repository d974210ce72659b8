import type { Job, Schedule } from '../job.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { clockChangeNote, momentAt } from './clock-changes.ts';
import { DAY_MS, dateOf, LAST_DATE } from './dates.ts';
import { firstDate, nextRun } from './next-run.ts';
import { dateFilter } from './period.ts';
import { localTime, zoneOf } from './time-zone.ts';

/**
 * The runs of a schedule after a moment, rising: each is the `nextRun` of the one before, and is found faster. A Once
 * job has one; the others go on until the Period or the calendar ends.
 */
export function* upcoming(schedule: Schedule, serviceTimeZone: string, after: Date): Generator<Date, void> {
  const first = nextRun(schedule, serviceTimeZone, after); // it leaps over years without a run
  if (!first) return;
  yield first;
  if (schedule.Type === 'Once') return;
  const zone = zoneOf(schedule, serviceTimeZone);
  const period = schedule.Period ?? {};
  const isOfPeriod = dateFilter(period);
  const last = period.EndDay ? Math.min(dateOf(period.EndDay), LAST_DATE) : LAST_DATE;
  let latest = first;
  for (let date = firstDate(schedule, zone, first); date <= last; date += DAY_MS) {
    if (!isOfPeriod(date)) continue;
    const moment = momentAt(date, schedule.Time, zone);
    if (!moment || moment <= latest) continue;
    yield moment;
    latest = moment;
  }
}

/** A coming run as people read it. */
export interface NextRun {
  readonly time: Timestamp;
  /** With the offset that the zone has then. */
  readonly local: string;
  readonly timeZone: string;
  /** What a clock change does to it; null when nothing. */
  readonly note: string | null;
}

/** A run of a schedule as people read it. */
export function describeRun(schedule: Schedule, serviceTimeZone: string, run: Date): NextRun {
  const timeZone = zoneOf(schedule, serviceTimeZone);
  return {
    time: timestamp(run),
    local: localTime(run, timeZone),
    timeZone,
    note: clockChangeNote(schedule, serviceTimeZone, run),
  };
}

/** The next runs of a job by its manifest alone, at most `count`; none while it is suspended. */
export function nextRuns({ spec }: Job, serviceTimeZone: string, now: Date, count: number): readonly NextRun[] {
  const runs: NextRun[] = [];
  if (spec.Suspend) return runs;
  for (const run of upcoming(spec.Schedule, serviceTimeZone, now)) {
    if (runs.length >= count) break;
    runs.push(describeRun(spec.Schedule, serviceTimeZone, run));
  }
  return runs;
}

/** Why a job has no next run; null when it has one. */
export function whyNever({ spec }: Job, next: readonly NextRun[]): string | null {
  if (spec.Suspend) return 'never due while Suspend is true';
  if (next.length > 0) return null;
  const { Type, Day, Time, Period } = spec.Schedule;
  if (Type === 'Once') return `never runs: ${Day} ${Time} has passed`;
  if (Period?.EndDay) return `never runs: no date that fits is left before its EndDay ${Period.EndDay} is over`;
  return 'never runs: no date fits its Period';
}
