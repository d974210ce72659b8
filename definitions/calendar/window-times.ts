import { Temporal } from 'temporal-polyfill';
import type { Window } from '../window.ts';
import { DAY_MS, type DateMs, dateOf } from './dates.ts';
import { steadyOffset } from './offsets.ts';
import { dateFilter, matching } from './period.ts';
import { localDate, zoneOf } from './time-zone.ts';

/** A stretch of time in ms since the epoch, `to` not in it; infinite where it is open. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The stretch of a window in which a moment lies; null: it is not active then. */
export function stretchAt(window: Window, serviceTimeZone: string, now: Date): Stretch | null {
  if (window.Suspend) return null;
  const zone = zoneOf(window, serviceTimeZone);
  const at = now.getTime();
  const isIn = ({ from, to }: Stretch) => from <= at && at < to;
  if (window.Time === undefined) {
    const only = oneStretch(window, zone);
    return isIn(only) ? only : null;
  }
  const isDay = dateFilter(window.Period ?? {});
  const today = localDate(now, zone);
  // It may have begun yesterday, and a day earlier still where clocks or dates were skipped.
  for (let date = today + DAY_MS; date >= today - 3 * DAY_MS; date -= DAY_MS) {
    const stretch = isDay(date) ? stretchOf(window, zone, date) : null;
    if (stretch && isIn(stretch)) return stretch;
  }
  return null;
}

/** The first stretch of a window that begins after a moment; null: none does. */
export function stretchAfter(window: Window, serviceTimeZone: string, now: Date): Stretch | null {
  if (window.Suspend) return null;
  const zone = zoneOf(window, serviceTimeZone);
  const at = now.getTime();
  if (window.Time === undefined) {
    const only = oneStretch(window, zone);
    return only.from > at && only.to > only.from ? only : null;
  }
  const period = window.Period ?? {};
  const last = period.EndDay ? dateOf(period.EndDay) : Number.POSITIVE_INFINITY;
  const first = period.StartDay ? dateOf(period.StartDay) : Number.NEGATIVE_INFINITY;
  let from: DateMs = Math.max(first, localDate(now, zone) - 2 * DAY_MS);
  for (;;) {
    const date = matching(period, from);
    if (date === null || date > last) return null;
    const stretch = stretchOf(window, zone, date);
    if (stretch && stretch.from > at) return stretch;
    from = date + DAY_MS;
  }
}

function oneStretch(window: Window, zone: string): Stretch {
  const { From, To } = window;
  return {
    from: From === undefined ? Number.NEGATIVE_INFINITY : edge(window, 'begins', From, zone),
    to: To === undefined ? Number.POSITIVE_INFINITY : edge(window, 'ends', To, zone),
  };
}

/** What begins on a date; null where a clock change leaves nothing of it. */
function stretchOf(window: Window, zone: string, date: DateMs): Stretch | null {
  const { Time = '', Until = '' } = window;
  const day = (date: DateMs) => new Date(date).toISOString().slice(0, 10);
  const from = edge(window, 'begins', `${day(date)}T${Time}`, zone);
  const to = edge(window, 'ends', `${day(Until > Time ? date : date + DAY_MS)}T${Until}`, zone);
  return to > from ? { from, to } : null;
}

/**
 * When a zone's clocks show a local time that bounds a window. Where they show it twice, or never, the careful reading
 * counts: an Allow opens late and closes early, a Freeze begins early and ends late.
 */
function edge({ Kind }: Window, which: 'begins' | 'ends', local: string, zone: string): number {
  const date = dateOf(local.slice(0, 10));
  const offset = steadyOffset(zone, date);
  if (offset !== null) return Date.parse(`${local}Z`) - offset;
  const disambiguation = (Kind === 'Freeze') === (which === 'begins') ? 'earlier' : 'later';
  return Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation }).epochMilliseconds;
}
