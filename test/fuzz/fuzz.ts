/** How a fuzzer runs. */
export interface FuzzOptions {
  /** Repeats what was tried. */
  readonly seed: number;
  /** How long it tries. */
  readonly seconds: number;
}
