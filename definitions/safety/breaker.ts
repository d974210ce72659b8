import type { Breaker } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import { durationMs } from '../values/duration.ts';
import { type Timestamp, timestamp } from '../values/time.ts';

/** What the breaker knows; it stays open until a commit closes it. */
export interface BreakerState {
  /** When it opened; null: it is closed. */
  readonly opened: Timestamp | null;
  /** The token that closed it last, so that no token closes it twice. */
  readonly resumed: string | null;
  /** When parts failed lately, in milliseconds since the epoch, oldest first; bounded by what opens it. */
  readonly failures: readonly number[];
}

/** Closed, and nothing has failed. */
export const CLOSED: BreakerState = { opened: null, resumed: null, failures: [] };

/** The breaker after one more part has failed: of any job, and of any class. */
export function afterFailure(state: BreakerState, { Failures, Within }: Breaker, at: number): BreakerState {
  const withinMs = durationMs(Within) ?? 0;
  const failures = [...state.failures, at].filter((each) => at - each <= withinMs).slice(-Failures);
  const opens = state.opened === null && failures.length >= Failures;
  return { ...state, failures, opened: opens ? timestamp(new Date(at)) : state.opened };
}

/** The breaker after a commit: a `Resume` that it has not seen closes it, and what failed before is forgotten. */
export function afterCommit(state: BreakerState, { Resume }: Breaker): BreakerState {
  if (Resume === undefined || Resume === state.resumed) return state;
  return { opened: null, resumed: Resume, failures: [] };
}

/** Why nothing of a class begins; null when the breaker does not stop it. */
export function breakerStops(
  { opened }: BreakerState,
  { Failures, Within, Classes }: Breaker,
  guard: GuardClass,
): string | null {
  if (opened === null || !Classes.includes(guard)) return null;
  return `the breaker is open since ${opened}, ${Failures} parts had failed within ${Within}: ${HOW_TO_CLOSE}`;
}

/** What a person does about it. */
export const HOW_TO_CLOSE =
  'find out why, then commit a new token as Breaker.Resume in bmcron.yaml; until then these classes begin nothing';
