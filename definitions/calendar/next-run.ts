import type { Schedule } from '../job.ts';
import { momentAt } from './clock-changes.ts';
import { DAY_MS, type DateMs, dateOf } from './dates.ts';
import { matching } from './period.ts';
import { localDate, zoneOf } from './time-zone.ts';

/**
 * The next run of a schedule strictly after a moment (R11–R15), null when there is none: the Period is over, or the
 * `Day` of a Once job has passed.
 */
export function nextRun(schedule: Schedule, serviceTimeZone: string, after: Date): Date | null {
  const zone = zoneOf(schedule, serviceTimeZone);
  if (schedule.Type === 'Once') return nextOnce(schedule, zone, after);
  const period = schedule.Period ?? {};
  const end = period.EndDay ? dateOf(period.EndDay) : Number.POSITIVE_INFINITY;
  let from = firstDate(schedule, zone, after);
  for (;;) {
    const date = matching(period, from);
    if (date === null || date > end) return null;
    const moment = momentAt(date, schedule.Time, zone);
    if (moment && moment > after) return moment;
    from = date + DAY_MS;
  }
}

/** The first date whose run may come after a moment. */
export function firstDate({ Period: period }: Schedule, zone: string, after: Date): DateMs {
  // From yesterday: a time in a gap at midnight belongs to the day before the one on which it runs.
  const yesterday = localDate(after, zone) - DAY_MS;
  return period?.StartDay ? Math.max(dateOf(period.StartDay), yesterday) : yesterday;
}

/** The moment that a Once job with a `Day` names, whether it has passed or not (R13); null without a `Day`. */
export function onceMoment(schedule: Schedule, serviceTimeZone: string): Date | null {
  if (schedule.Type !== 'Once' || !schedule.Day) return null;
  return momentAt(dateOf(schedule.Day), schedule.Time, zoneOf(schedule, serviceTimeZone));
}

function nextOnce(schedule: Schedule, zone: string, after: Date): Date | null {
  if (schedule.Day) {
    const moment = onceMoment(schedule, zone);
    return moment && moment > after ? moment : null;
  }
  const today = localDate(after, zone);
  for (let date = today; date <= today + 3 * DAY_MS; date += DAY_MS) {
    const moment = momentAt(date, schedule.Time, zone);
    if (moment && moment > after) return moment;
  }
  return null;
}
