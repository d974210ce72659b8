import type { PublishOutcome } from '../../definitions/publication.ts';
import { after, type Clock } from '../clock.ts';

type Waiting = Exclude<PublishOutcome, { outcome: 'Unchanged' | 'Pushed' }>;

/** First and longest wait for each outcome, milliseconds; each wait is twice the one before. */
const WAITS = {
  Offline: [1_000, 300_000],
  Contended: [1_000, 60_000],
  Blocked: [30_000, 600_000],
} as const;
const RACE_MS = 100;
const LONGEST_RACE_MS = 5_000;

/** How long to leave a remote alone after it did not take a push. */
export interface Backoff {
  /** The outcome that is being waited out. */
  readonly outcome: Waiting['outcome'] | null;
  /** The wait that is not over; one for an unreachable remote is, once it has answered. */
  waiting(reached: Date | null): Waiting | null;
  /** Begins a wait. */
  wait(outcome: Waiting['outcome'], reason: string): Waiting;
  /** It went well: the next wait is a first one. */
  over(): void;
  /** Pauses after the nth race lost, by chance, so that two do not meet again. */
  pause(races: number): Promise<void>;
}

/** A new patience. */
export function createBackoff(clock: Clock, random: () => number): Backoff {
  let current: Waiting | null = null;
  let since: Date | null = null;
  let times = 0;
  return {
    get outcome() {
      return current?.outcome ?? null;
    },
    waiting(reached) {
      if (!current || clock.now() >= current.retryAt) return null;
      const back = current.outcome === 'Offline' && since !== null && reached !== null && reached > since;
      return back ? null : current;
    },
    wait(outcome, reason) {
      times = current?.outcome === outcome ? times + 1 : 0;
      const [first, longest] = WAITS[outcome];
      const delayMs = Math.min(first * 2 ** Math.min(times, 20), longest);
      since = clock.now();
      current = { outcome, reason, retryAt: after(clock, delayMs) };
      return current;
    },
    over() {
      current = null;
      times = 0;
    },
    pause: (races) => clock.sleep(after(clock, random() * Math.min(RACE_MS * 2 ** races, LONGEST_RACE_MS))),
  };
}
