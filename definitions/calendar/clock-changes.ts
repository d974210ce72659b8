import { Temporal } from 'temporal-polyfill';
import type { Schedule } from '../job.ts';
import { DAY_MS, type DateMs, dateText } from './dates.ts';
import { steadyOffset } from './offsets.ts';
import { localDate, zoned, zoneOf } from './time-zone.ts';

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

/** What a clock change does to a run at `moment`, in words; null when it does nothing (R15). */
export function clockChangeNote(schedule: Schedule, serviceTimeZone: string, moment: Date): string | null {
  const zone = zoneOf(schedule, serviceTimeZone);
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
