import { Temporal } from 'temporal-polyfill';
import type { Schedule } from '../job.ts';
import { DAY_MS, type DateMs } from './dates.ts';
import { steadyOffset } from './offsets.ts';

/** The zone in which a schedule is read: its own, else the service's (R11). */
export function zoneOf({ TimeZone }: Pick<Schedule, 'TimeZone'>, serviceTimeZone: string): string {
  return TimeZone ?? serviceTimeZone;
}

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

/** The date on a zone's calendar at a moment. */
export function localDate(moment: Date, zone: string): DateMs {
  const ms = moment.getTime();
  const offset = steadyOffset(zone, Math.floor(ms / DAY_MS) * DAY_MS);
  if (offset !== null) return Math.floor((ms + offset) / DAY_MS) * DAY_MS;
  const { year, month, day } = zoned(moment, zone);
  return new Date(0).setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0–99 for 1900–1999
}

/** A moment as a zone's clocks show it. */
export function zoned(moment: Date, zone: string): Temporal.ZonedDateTime {
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
