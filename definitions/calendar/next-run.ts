import { Temporal } from 'temporal-polyfill';
import type { Schedule } from '../job.ts';
import { DAY_MS, type DateMs, dateOf, dateText, matching } from './dates.ts';
import { steadyOffset } from './offsets.ts';

/** Whether a text names an IANA time zone that this host knows; offsets such as `+02:00` are none (R11). */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return false;
  try {
    new Temporal.ZonedDateTime(0n, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The next run of a schedule strictly after a moment (R11–R15), null when there is none: the Period is over, or the
 * `Day` of a Once job has passed.
 */
export function nextRun(schedule: Schedule, serviceTimeZone: string, after: Date): Date | null {
  const zone = schedule.TimeZone ?? serviceTimeZone;
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
  return momentAt(dateOf(schedule.Day), schedule.Time, schedule.TimeZone ?? serviceTimeZone);
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

/**
 * The moment at which a zone's clocks show a time of a date: in a gap moved forward by the gap, the first of two (R15,
 * Temporal's `compatible`). Null when the zone left the whole date out, as Samoa did with 2011-12-30.
 */
export function momentAt(date: DateMs, time: string, zone: string): Date | null {
  const offset = steadyOffset(zone, date);
  if (offset !== null) return new Date(date + timeMs(time) - offset);
  const wanted = wallClock(date, time);
  const found = wanted.toZonedDateTime(zone);
  const shown = found.toPlainDateTime();
  const dateIsMissing = shown.day !== wanted.day && Temporal.PlainTime.compare(shown, wanted) === 0;
  return dateIsMissing ? null : new Date(found.epochMilliseconds);
}

function timeMs(time: string): number {
  return ((Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60 + Number(time.slice(6, 8))) * 1000;
}

function wallClock(date: DateMs, time: string): Temporal.PlainDateTime {
  const day = new Date(date);
  const [hour, minute, second] = time.split(':').map(Number);
  return new Temporal.PlainDateTime(
    day.getUTCFullYear(),
    day.getUTCMonth() + 1,
    day.getUTCDate(),
    hour,
    minute,
    second,
  );
}

function localDate(moment: Date, zone: string): DateMs {
  const ms = moment.getTime();
  const offset = steadyOffset(zone, Math.floor(ms / DAY_MS) * DAY_MS);
  if (offset !== null) return Math.floor((ms + offset) / DAY_MS) * DAY_MS;
  const { year, month, day } = zoned(moment, zone);
  return new Date(0).setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0–99 for 1900–1999
}

function zoned(moment: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(zone);
}

/** A moment as people in a zone write it: `2026-03-29T03:30:00+02:00`. */
export function localTime(moment: Date, timeZone: string): string {
  return zoned(moment, timeZone).toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/** The moment of an ISO 8601 text, taken in a zone where it has no offset; a date alone is its first moment. */
export function momentOf(text: string, timeZone: string): Date | undefined {
  try {
    if (/[T ].*(Z|[+-][0-9]{2})/i.test(text)) return new Date(Temporal.Instant.from(text).epochMilliseconds);
    return new Date(Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds);
  } catch {
    return undefined;
  }
}

/** What a clock change does to a run at `moment`, in words; null when it does nothing (R15). */
export function clockChangeNote(schedule: Schedule, serviceTimeZone: string, moment: Date): string | null {
  const zone = schedule.TimeZone ?? serviceTimeZone;
  const shown = zoned(moment, zone);
  const time = shown.toPlainTime().toString();
  const clock = short(schedule.Time);
  if (time !== schedule.Time) {
    const date = dateText(localDate(moment, zone) - (time < schedule.Time ? DAY_MS : 0));
    return `${clock} does not exist on ${date} in ${zone}: moved to ${short(time)}`;
  }
  const second = shown.toPlainDateTime().toZonedDateTime(zone, { disambiguation: 'later' });
  if (second.epochMilliseconds === shown.epochMilliseconds) return null;
  return `${clock} comes twice on ${shown.toPlainDate()} in ${zone}: the first`;
}

function short(time: string): string {
  return time.endsWith(':00') ? time.slice(0, -3) : time;
}
