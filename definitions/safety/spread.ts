import { createHash } from 'node:crypto';

/** Over how long starts are spread that waited for the same moment: the end of a freeze is a stampede. */
export const SPREAD_MS = 60_000;

/**
 * How long after such a moment this one starts, in ms: always the same for the same name, so that of two runs that
 * waited for one machine the earlier stays the earlier.
 */
export function spreadMs(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() % SPREAD_MS;
}
