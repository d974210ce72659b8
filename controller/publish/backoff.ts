import type { PublishOutcome } from '../../definitions/publication.ts';
import { after, type Clock } from '../clock.ts';

type Waiting = Exclude<PublishOutcome, { outcome: 'Unchanged' | 'Pushed' }>;

/** First and longest wait for each outcome, milliseconds; each wait is twice the one before. */
const WAITS = {
  Offline: [1_000, 300_000],
  Contended: [1_000, 60_000],
  Blocked: [30_000, 600_000],
  NoBranch: [1_000, 30_000],
} as const;
const RACE_MS = 100;
const LONGEST_RACE_MS = 5_000;

/** How long to leave a remote alone after it did not take a push. */
export interface Backoff {
  /** The outcome that is being waited out. */
  readonly outcome: Waiting['outcome'] | null;
  /**
   * The wait that is not over, null when there is none. One for an unreachable remote is over once it has answered.
   * @param reached when the remote last answered
   */
  waiting(reached: Date | null): Waiting | null;
  /** Begins a wait. */
  wait(outcome: Waiting['outcome'], reason: string): Waiting;
  /** It went well: the next wait is a first one. */
  reset(): void;
  /** Pauses after the nth race lost, by chance, so that two do not meet again. */
  pause(races: number): Promise<void>;
}

interface BackoffState {
  current: Waiting | null;
  /** When it began. */
  since: Date | null;
  /** How many waits for the same outcome came before it, one after the other. */
  times: number;
}

export function createBackoff(clock: Clock, random: () => number): Backoff {
  const state: BackoffState = { current: null, since: null, times: 0 };
  return {
    get outcome() {
      return state.current?.outcome ?? null;
    },
    waiting(reached) {
      const { current, since } = state;
      if (!current || clock.now() >= current.retryAt) return null;
      const hasAnswered = current.outcome === 'Offline' && since !== null && reached !== null && reached > since;
      return hasAnswered ? null : current;
    },
    wait(outcome, reason) {
      state.times = state.current?.outcome === outcome ? state.times + 1 : 0;
      const [first, longest] = WAITS[outcome];
      const delayMs = Math.min(first * 2 ** Math.min(state.times, 20), longest);
      state.since = clock.now();
      state.current = { outcome, reason, retryAt: after(clock, delayMs) };
      return state.current;
    },
    reset() {
      state.current = null;
      state.times = 0;
    },
    pause: (races) => clock.sleep(after(clock, random() * Math.min(RACE_MS * 2 ** races, LONGEST_RACE_MS))),
  };
}
