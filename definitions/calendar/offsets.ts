// Remembers, within bounds, what could be asked again: a zone's offsets at a moment are always the same.
import { Temporal } from 'temporal-polyfill';
import { type BoundedMap, createBoundedMap } from '../values/bounded-map.ts';
import { DAY_MS, type DateMs } from './dates.ts';

/**
 * A zone that changes its clocks and back again does so at least this long after: since 1900 the fastest was Recife
 * in 2000, after 7 days. Between two equal samples this far apart the offset therefore holds.
 */
const SAMPLE_MS = 5 * DAY_MS;
/** More zones than a host knows; and for each of them more than a year. */
const KEPT = { zones: 768, blocks: 128, days: 128, samples: 128 } as const;

/** What is remembered of a zone: offsets from UTC in ms. */
interface ZoneOffsets {
  /** The steady offset of the days between two samples, by the first of them; null where they have to be looked at. */
  readonly blocks: BoundedMap<number, number | null>;
  readonly days: BoundedMap<DateMs, number | null>;
  readonly samples: BoundedMap<number, number>;
}

const zones = createBoundedMap<string, ZoneOffsets>(KEPT.zones, 'all');

/**
 * The offset from UTC that a zone has all through a day and its neighbours, in ms; null where it changes near by, and
 * the calendar has to look closely.
 * @param day the midnight that begins it in UTC
 */
export function steadyOffset(zone: string, day: DateMs): number | null {
  const known = offsetsOf(zone);
  const block = sampleBefore(day);
  let offset = known.blocks.get(block);
  if (offset === undefined) {
    offset = steadyBetween(zone, known, block - SAMPLE_MS, block + 2 * SAMPLE_MS, SAMPLE_MS);
    known.blocks.set(block, offset);
  }
  if (offset !== null) return offset;
  const kept = known.days.get(day);
  if (kept !== undefined) return kept;
  // A change in or beside the block may still be days away from this day: its own neighbourhood decides.
  const [from, to] = [day - DAY_MS, day + 2 * DAY_MS];
  const bySamples = steadyBetween(zone, known, sampleBefore(from), to + SAMPLE_MS - 1, SAMPLE_MS);
  const ofDay = bySamples ?? steadyBetween(zone, known, from, to, DAY_MS);
  known.days.set(day, ofDay);
  return ofDay;
}

/** Each offset that a zone has in so many days after a moment and some days around them, in ms. */
export function offsetsAhead(zone: string, from: Date, days: number): readonly number[] {
  const known = offsetsOf(zone);
  const found = new Set<number>();
  const end = from.getTime() + (days + 2) * DAY_MS;
  for (let at = sampleBefore(from.getTime() - 2 * DAY_MS); at <= end; at += SAMPLE_MS) {
    found.add(sample(zone, known, at));
  }
  return [...found];
}

function offsetsOf(zone: string): ZoneOffsets {
  const known = zones.get(zone);
  if (known) return known;
  const added: ZoneOffsets = {
    blocks: createBoundedMap(KEPT.blocks, 'all'),
    days: createBoundedMap(KEPT.days, 'all'),
    samples: createBoundedMap(KEPT.samples, 'all'),
  };
  zones.set(zone, added);
  return added;
}

/** The offset that all samples from one moment to another have, so far apart; null where they differ. */
function steadyBetween(zone: string, known: ZoneOffsets, from: number, to: number, apart: number): number | null {
  const offset = sample(zone, known, from);
  for (let at = from + apart; at <= to; at += apart) if (sample(zone, known, at) !== offset) return null;
  return offset;
}

function sampleBefore(at: number): number {
  return Math.floor(at / SAMPLE_MS) * SAMPLE_MS;
}

function sample(zone: string, { samples }: ZoneOffsets, at: number): number {
  const kept = samples.get(at);
  if (kept !== undefined) return kept;
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const offset = zoned.offsetNanoseconds / 1e6;
  samples.set(at, offset);
  return offset;
}
