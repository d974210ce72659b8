import { Temporal } from 'temporal-polyfill';

const DAY_MS = 86_400_000;
/** Jobs of a fleet fall due on the same few days: those are remembered, the others soon forgotten. */
const KEPT = { zones: 64, days: 512 } as const;
const zones = new Map<string, Map<number, number | null>>();

/**
 * The offset from UTC that a zone has all through a day and its neighbours, in ms; null where it changes near by, and
 * the calendar has to look closely. No zone has ever changed its clocks twice within a day.
 * @param day the midnight that begins it in UTC, in ms since the epoch
 */
export function steadyOffset(zone: string, day: number): number | null {
  const days = zones.get(zone) ?? new Map<number, number | null>();
  const kept = days.get(day);
  if (kept !== undefined) return kept;
  const [first = 0, ...others] = [-1, 0, 1, 2].map((away) => offsetAt(zone, day + away * DAY_MS));
  const offset = others.every((each) => each === first) ? first : null;
  if (days.size >= KEPT.days) days.clear();
  if (zones.size >= KEPT.zones) zones.clear();
  zones.set(zone, days.set(day, offset));
  return offset;
}

function offsetAt(zone: string, momentMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(momentMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
}
