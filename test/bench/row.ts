/** One case at one size: what the program took, what the least that any program would have to do took. */
export interface Row {
  readonly case: string;
  /** How many jobs, machines or files. */
  readonly n: number;
  /** The median, in the case's unit. */
  readonly ours: number;
  /** The median of the floor, in the same unit. */
  readonly floor: number;
  /** `ours / floor`. */
  readonly ratio: number;
  /** Half the distance between the quartiles of the rounds' own ratios, as a part of their median; 0 for one round. */
  readonly spread: number;
}

/** How much a run of the benchmarks does. */
export type Scale = 'full' | 'short';

/** Something that is measured, and what it is measured against. */
export interface Case {
  readonly name: string;
  /** What ours does, and what the floor does. */
  readonly what: string;
  readonly unit: 'ms' | 'MiB' | 'CPU ms a minute' | 'requests a second';
  /** The ratio that is not to be exceeded, at any size or at one; null: there is none. */
  readonly bar: number | null | ((n: number) => number);
  readonly sizes: Readonly<Record<Scale, readonly number[]>>;
  /** Measures at one size; usually one row. */
  measure(n: number, scale: Scale): Promise<readonly Row[]>;
}
