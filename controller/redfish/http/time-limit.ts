import { after, type Clock } from '../../clock.ts';

/** Limits one thing after the other, each anew; one timer serves them all. */
export interface TimeLimit {
  /** So long from now on, instead of what was left. */
  begin(ms: number): void;
  /** What began has ended. */
  end(): void;
  /** Whether it had ended when its time was over. */
  readonly over: boolean;
  /** Lets the clock forget it. */
  close(): void;
}

/** A limit that calls `late` when a time is over; no time that is asked for is shorter than `leastMs`. */
export function createTimeLimit(clock: Clock, leastMs: number, late: () => void): TimeLimit {
  const closed = new AbortController();
  let due: Date | null = null;
  let over = false;
  let watching = false;
  const watch = async (): Promise<void> => {
    watching = true;
    while (due) {
      const least = after(clock, leastMs); // what begins meanwhile ends no earlier
      await clock.sleep(due < least ? due : least, closed.signal);
      if (!due || due > clock.now()) continue;
      due = null;
      over = true;
      late();
    }
    watching = false;
  };
  return {
    begin(ms) {
      due = after(clock, ms);
      over = false;
      if (!watching) watch().catch(() => undefined); // closed
    },
    end() {
      due = null;
    },
    get over() {
      return over;
    },
    close: () => closed.abort('closed'),
  };
}
