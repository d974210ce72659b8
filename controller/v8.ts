import { setFlagsFromString } from 'node:v8';
import { after, type Clock } from './clock.ts';

/** A start that takes longer than this has much to read, and then optimizing pays. */
const UNOPTIMIZED_MS = 1_000;
/** How long V8 prefers a small heap after much was done; it considers a collection about every eight seconds. */
const SHRINKING_MS = 20_000;

/** The phases of a process, for which V8 is set differently. */
export interface Startup {
  /** The start is over: from now on the same code runs again and again, and the garbage of the start can go. */
  ready(): void;
  /** Much was done, and is over: what it left over can go. */
  rests(): void;
  /** The process ends. */
  ended(): void;
}

/**
 * Switches V8's optimizing compiler off while a start runs its code once: what it compiles on other threads costs a
 * quarter of a start's CPU, and is ready when the start is over. Nor is the heap marked bit by bit meanwhile: nearly
 * all that a start makes stays, and marking it costs a tenth. After the start it has V8 free the garbage of the
 * start, a third of the memory, in steps of some milliseconds: by itself V8 would wait for minutes, until its averages
 * have forgotten the allocation rate of the start. The same goes for a crowd of runs.
 */
export function startUnoptimized(clock: Clock): Startup {
  const ready = new AbortController();
  const ended = new AbortController();
  const shrink = createShrink(clock, ended.signal);
  const optimize = () => setFlagsFromString('--opt');
  const markInSteps = () => setFlagsFromString('--incremental-marking');
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-incremental-marking');
  clock.sleep(after(clock, UNOPTIMIZED_MS), AbortSignal.any([ready.signal, ended.signal])).then(optimize, optimize);
  return {
    ready() {
      if (ready.signal.aborted) return;
      ready.abort('ready');
      markInSteps();
      shrink();
    },
    rests: shrink,
    ended() {
      markInSteps();
      ended.abort('ended');
    },
  };
}

/** Has V8 prefer a small heap for a while; a while that begins within another ends with the later one. */
function createShrink(clock: Clock, signal: AbortSignal): () => void {
  let going = 0;
  const shrunk = () => {
    going -= 1;
    if (going === 0) setFlagsFromString('--no-optimize-for-size');
  };
  return () => {
    going += 1;
    setFlagsFromString('--optimize-for-size');
    clock.sleep(after(clock, SHRINKING_MS), signal).then(shrunk, shrunk);
  };
}
