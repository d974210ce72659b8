import { setFlagsFromString } from 'node:v8';
import { after, type Clock } from './clock.ts';

/** A start that takes longer has much to read, and then compiling pays. */
const LONGEST_MS = 1_000;
/** V8 looks about every eight seconds whether there is something to tidy up. */
const TIDYING_MS = 20_000;

/** What V8 is told about the phases of a process. */
export interface Startup {
  /** The start is over: what comes now is done again and again, and what only the start needed can go. */
  ready(): void;
  /** The process ends. */
  ended(): void;
}

/**
 * Leaves V8's optimizing compiler out while a start goes through its code once: what that compiles on other threads
 * costs a quarter of a start's CPU, and is ready when the start is over. Then has V8 give back what the start leaves
 * over, a third of the memory, in steps of some milliseconds: by itself it would wait for minutes, until the pace of
 * the start has faded from its averages.
 */
export function startPlainly(clock: Clock): Startup {
  const ready = new AbortController();
  const ended = new AbortController();
  const optimize = () => setFlagsFromString('--opt');
  setFlagsFromString('--no-opt');
  clock.sleep(after(clock, LONGEST_MS), AbortSignal.any([ready.signal, ended.signal])).then(optimize, optimize);
  return {
    ready() {
      if (ready.signal.aborted) return;
      ready.abort('ready');
      const tidied = () => setFlagsFromString('--no-optimize-for-size');
      setFlagsFromString('--optimize-for-size');
      clock.sleep(after(clock, TIDYING_MS), ended.signal).then(tidied, tidied);
    },
    ended: () => ended.abort('ended'),
  };
}
