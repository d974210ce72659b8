import { createOccurrences, HORIZON_DAYS, type Occurrences } from '../calendar/occurrences.ts';
import type { JobID } from '../job.ts';
import type { MachineID } from '../machine.ts';
import { hasPlaceholders } from '../selection/placeholders.ts';
import type { Json } from '../values/json.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { type Contender, type ContentionOptions, contentions, differ } from './contenders.ts';

/** Jobs that write different values to one field of one machine, so close to each other that order decides. */
export interface Collision {
  readonly machine: MachineID;
  /** `bmc Oem.OpenBmc.Fan.Profile`: the manager, then where on it. */
  readonly field: string;
  /** When it happens first. */
  readonly time: Timestamp;
  /** In the order in which they fall due (R25): of what runs one after the other, the last one's value stays. */
  readonly jobs: readonly JobID[];
  /** What each of them writes. */
  readonly values: readonly Json[];
  /** As soon as the change takes effect; at the same moment; or less apart than the machine's Timeout, or a minute. */
  readonly kind: 'at once' | 'same moment' | 'too close';
}

/** What was found, and how many days ahead was looked. */
export interface Collisions {
  readonly found: readonly Collision[];
  /** How many more there are than `found` holds. */
  readonly more: number;
  readonly aheadDays: number;
}

/** What is to be in force, and when; how far ahead is looked depends on how much there is. */
export type CollisionOptions = Omit<ContentionOptions, 'days'>;

const MOST_FOUND = 10_000;
/** Writes to all contested fields that are looked at: the more jobs contend, the fewer days ahead. */
const MOST_WRITES = 200_000;
/** A whole month, so that each date of one is met. */
const FEWEST_DAYS = 32;

/** Jobs whose runs come too close to each other, for the first time at a moment (milliseconds since the epoch). */
interface Overlap {
  readonly at: number;
  readonly writers: readonly Contender[];
  readonly kind: Collision['kind'];
}

/**
 * The collisions that are to come, each set of jobs once for a field of a machine, with the first time. Jobs collide
 * when they write different values to the same field of the same BMC (two machines with one Endpoint are one) and their
 * runs begin less than the machine's Timeout apart, or less than a minute: then the first may still be at work or wait
 * for a worker when the second falls due, and what stays depends on their order.
 */
export function collisions(options: CollisionOptions): Collisions {
  const contested = contentions({ ...options, days: HORIZON_DAYS });
  const writers = contested.reduce((sum, contention) => sum + contention.writers.length, 0);
  const days = Math.max(FEWEST_DAYS, Math.min(HORIZON_DAYS, Math.floor(MOST_WRITES / Math.max(1, writers))));
  const coming = createOccurrences({ ...options, days });
  const found: Collision[] = [];
  let more = 0;
  const known = new Map<string, readonly Overlap[]>();
  for (const { machine, field, windowMs, writers } of contested) {
    const key = `${windowMs} ${field} ${writers.map(({ job }) => job.id).join(' ')}${valuesKey(writers)}`;
    const overlaps = known.get(key) ?? overlapsOf(writers, coming, windowMs);
    known.set(key, overlaps);
    for (const { at, writers: close, kind: scheduled } of overlaps) {
      const kind = at === options.now.getTime() ? 'at once' : scheduled; // no schedule runs at this very moment (R12)
      if (found.length >= MOST_FOUND) more += 1;
      else {
        found.push({
          machine,
          field,
          time: timestamp(new Date(at)),
          jobs: close.map(({ job }) => job.id),
          values: close.map(({ value }) => value),
          kind,
        });
      }
    }
  }
  return { found: found.sort(byTime), more, aheadDays: days };
}

/** What writers write, where it differs from machine to machine. */
function valuesKey(writers: readonly Contender[]): string {
  const isSame = !writers.some(({ job }) => hasPlaceholders(job.spec.Payload));
  return isSame ? '' : ` ${writers.map(({ text }) => text).join(' ')}`;
}

/** When these writers come too close to each other: each set of them once, the first time. */
function overlapsOf(writers: readonly Contender[], coming: Occurrences, windowMs: number): readonly Overlap[] {
  const writes = writers
    .flatMap((writer) => coming.of(writer.job).map((at) => ({ at, writer })))
    .sort((a, b) => a.at - b.at || (a.writer.job.id < b.writer.job.id ? -1 : 1));
  const overlaps = new Map<string, Overlap>();
  let from = 0;
  for (let to = 1; to <= writes.length; to += 1) {
    const next = writes[to];
    const first = writes[from];
    if (next && first && next.at - first.at < windowMs) continue;
    if (to - from > 1) {
      const group = writes.slice(from, to);
      const close = [...new Set(group.map(({ writer }) => writer))];
      const key = close.map(({ job }) => job.id).join(' ');
      if (close.length > 1 && differ(close) && !overlaps.has(key)) {
        const at = group[0]?.at ?? 0;
        const kind = group.every((write) => write.at === at) ? 'same moment' : 'too close';
        overlaps.set(key, { at, writers: close, kind });
      }
    }
    if (!next) break;
    while ((writes[from]?.at ?? next.at) + windowMs <= next.at) from += 1;
  }
  return [...overlaps.values()];
}

function byTime(a: Collision, b: Collision): number {
  const [x, y] = [a, b].map(({ time, field, machine }) => `${time} ${field} ${machine}`);
  return (x ?? '') < (y ?? '') ? -1 : 1;
}
