import { localTime } from './next-run.ts';

const DAY_MS = 86_400_000;
/** No change of a zone's offset lasts less, so that equal samples mean an offset that holds in between. */
const SAMPLE_MS = 5 * DAY_MS;

/** How far ahead offsets are known. */
export const HORIZON_DAYS = 400;

/** What a zone's clocks show, as far as it does not change: offsets from UTC in milliseconds. */
export interface Offsets {
  /** Each that the zone has in the time ahead. */
  readonly all: readonly number[];
  /** The one that holds when the zone's clocks show this (local time as if it were UTC); null near a clock change. */
  at(localMs: number): number | null;
}

/** Looks zones up, each once, from a moment on. */
export function createOffsets(now: Date): (zone: string) => Offsets {
  const known = new Map<string, Offsets>();
  return (zone) => {
    const found = known.get(zone) ?? sampled(zone, now);
    known.set(zone, found);
    return found;
  };
}

function sampled(zone: string, now: Date): Offsets {
  const start = Math.floor(now.getTime() / 1000) * 1000 - 2 * DAY_MS;
  const samples: number[] = [];
  for (let at = start; at <= start + (HORIZON_DAYS + 10) * DAY_MS; at += SAMPLE_MS) {
    samples.push(Date.parse(`${localTime(new Date(at), zone).slice(0, 19)}Z`) - at);
  }
  const between = (ms: number) => {
    const index = Math.floor((ms - start) / SAMPLE_MS);
    return samples[index] === samples[index + 1] ? samples[index] : undefined;
  };
  return {
    all: [...new Set(samples)],
    at(localMs) {
      const offset = between(localMs);
      return offset !== undefined && between(localMs - offset) === offset ? offset : null;
    },
  };
}
