/** 0 done; 1 the answer is "no"; 2 wrong usage; 3 could not do it (cli.md). */
export type Exit = 0 | 1 | 2 | 3;

/** Arguments that make no sense: what is wrong and what is allowed. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
