// Remembers, within bounds, texts that could be written again.
import { createBoundedMap } from './bounded-map.ts';

/** A moment as the service writes it (R11): UTC, whole seconds, `2026-03-10T22:00:00Z`. */
export type Timestamp = string;

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
/** A fleet asks for the same few seconds again and again. */
const KEPT_SECONDS = 512;
const kept = createBoundedMap<number, Timestamp>(KEPT_SECONDS, 'all');

/** A moment as R11 writes it; fractions of a second are cut off. */
export function timestamp(moment: Date): Timestamp {
  const second = Math.floor(moment.getTime() / 1000);
  const known = kept.get(second);
  if (known !== undefined) return known;
  const text = `${moment.toISOString().slice(0, 19)}Z`;
  kept.set(second, text);
  return text;
}

/** Whether a value is a moment as R11 writes it. */
export function isTimestamp(value: unknown): value is Timestamp {
  return typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value));
}

/** `20260310_220000`: a moment in a file name (R33), UTC. */
export function compactTimestamp(moment: Date): string {
  return moment.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '_');
}

/** `2026/03/10`: the folder of a moment's logs (R33), UTC. */
export function dayFolder(moment: Date): string {
  return moment.toISOString().slice(0, 10).replaceAll('-', '/');
}
