import type { Clock } from '../clock.ts';

/** Measures how much time has passed, by the later of the monotonic and the wall clock. */
export interface Stopwatch {
  /** Returns what tells the milliseconds since now. One clock stands still in suspend, the other one jumps. */
  start(): () => number;
}

/** The monotonic clock of the process beside the host's wall clock. */
export function createStopwatch({ now }: Clock): Stopwatch {
  return {
    start() {
      const [monotonic, wall] = [performance.now(), now().getTime()];
      return () => Math.max(performance.now() - monotonic, now().getTime() - wall);
    },
  };
}
