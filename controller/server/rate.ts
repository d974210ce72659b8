import { createBoundedMap } from '../../definitions/values/bounded-map.ts';

/** Allows so much at once and so much a second, for each key by itself. */
export interface Rate {
  /** Takes one; the answer is 0, or the seconds after which there is one again. */
  take(key: string): number;
}

/** So many at once, and so many a second. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateOptions extends RateLimit {
  /** In milliseconds, rising. */
  readonly now: () => number;
}

/** More keys than this are not remembered: the one that was quiet longest is as good as new. */
const MOST_KEYS = 10_000;

/** A token bucket for each key. */
export function createRate({ burst, perSecond, now }: RateOptions): Rate {
  const buckets = createBoundedMap<string, { level: number; at: number }>(MOST_KEYS, 'oldest');
  return {
    take(key) {
      const at = now();
      const was = buckets.get(key);
      const level = was ? Math.min(burst, was.level + ((at - was.at) / 1000) * perSecond) : burst;
      buckets.delete(key); // and in again: the one that was used last is the newest
      buckets.set(key, { level: level >= 1 ? level - 1 : level, at });
      return level >= 1 ? 0 : Math.ceil((1 - level) / perSecond);
    },
  };
}
