import { setFlagsFromString } from 'node:v8';
import { after, type Clock } from './clock.ts';

/** A start that takes longer has much to read, and then compiling pays. */
const LONGEST_MS = 1_000;

/**
 * Leaves V8's optimizing compiler out while a start goes through its code once: what that compiles on other threads
 * costs a quarter of a start's CPU, and is ready when the start is over.
 * @returns says that the start is over: from then on code is optimized
 */
export function startPlainly(clock: Clock): () => void {
  const over = new AbortController();
  const optimize = () => setFlagsFromString('--opt');
  setFlagsFromString('--no-opt');
  clock.sleep(after(clock, LONGEST_MS), over.signal).then(optimize, optimize);
  return () => over.abort('over');
}
