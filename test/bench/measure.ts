import type { Row } from './row.ts';

/** One lap: does the work once, and returns what it took in the case's unit. */
export type Lap = () => Promise<number>;

/** What is compared. Laps prepare and clean up by themselves, outside of what they measure. */
export interface Comparison {
  readonly case: string;
  readonly n: number;
  readonly ours: Lap;
  readonly floor: Lap;
  readonly rounds: number;
  /** Laps of each that do not count: compilers and caches warm up. One by default. */
  readonly warmups?: number;
  /**
   * Whether all garbage is collected before each lap, by default; false where laps are spread over a long life, in
   * which nobody collects before each: a forced collection throws optimized code away, too.
   */
  readonly collects?: boolean;
}

/**
 * Measures ours and the floor in turns, in changing order, so that what disturbs this machine disturbs both. Own code,
 * not a library's: those run one task to its end before the next, and repeat what here is destroyed by being done.
 */
export async function compare({ rounds, warmups = 1, collects = true, ...comparison }: Comparison): Promise<Row> {
  const taken = { ours: [] as number[], floor: [] as number[] };
  for (let round = -warmups; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['floor', 'ours'] as const) : (['ours', 'floor'] as const);
    for (const side of order) {
      if (collects) globalThis.gc?.();
      const lap = await comparison[side]();
      if (round >= 0) taken[side].push(lap);
    }
  }
  return rowOf(comparison.case, comparison.n, taken.ours, taken.floor);
}

/** The row of laps taken in pairs. */
export function rowOf(name: string, n: number, ours: readonly number[], floor: readonly number[]): Row {
  const ratios = ours.map((lap, index) => lap / (floor[index] ?? lap));
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part)) as [number, number, number];
  const [a, b] = [quantile(ours, 0.5), quantile(floor, 0.5)];
  return { case: name, n, ours: a, floor: b, ratio: a / b, spread: (high - low) / 2 / middle };
}

/** A quantile of numbers, between two of them where it falls there. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at - Math.floor(at));
}

/** How long work takes, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
