import type { Cache } from '../state/cache.ts';

/**
 * By which zone the recorded next runs were found. Where that is not known, or is another zone than the one in force, a
 * start calculates them anew (R11).
 */
export interface ZoneMemo {
  /** The zone by which all of them were found; null: not known, or not one zone for all. */
  readonly zone: string | null;
  /** Reads what the process before has left. */
  load(): Promise<void>;
  /** Makes the facts of manifest files durable, found by the zone in force. */
  record(files: Iterable<string>): Promise<void>;
}

/** What the memo is about, and where it is kept. */
export interface ZoneMemoOptions {
  /** Outlives the process; its version is that of the host's time-zone data. */
  readonly cache: Cache<string>;
  /** The service's zone in force. */
  readonly zone: () => string;
  /** Makes the facts of manifest files durable; false when some must wait. */
  readonly record: (files: Iterable<string>) => Promise<boolean>;
}

/** A memo that knows no zone. */
export function createZoneMemo({ cache, zone, record }: ZoneMemoOptions): ZoneMemo {
  let known: string | null = null;

  async function set(next: string | null): Promise<void> {
    known = next;
    const saved = next === null ? [] : [['zone', next] as const];
    await cache.save(new Map(saved)).catch(() => undefined); // the disk is full: the next start calculates anew
  }

  return {
    get zone() {
      return known;
    },
    async load() {
      known = (await cache.load()).get('zone') ?? null;
    },
    async record(files) {
      const inForce = zone();
      // Forgotten first: after a crash halfway, some next runs are of the old zone and some of the new one.
      if (inForce !== known) await set(null);
      if ((await record(files)) && inForce !== known) await set(inForce);
    },
  };
}
