/** An invariant: where it is broken, that is thrown, in words. */
export function holds(fact: unknown, words: string): void {
  if (!fact) throw new Error(words);
}
