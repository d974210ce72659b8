import type { Breaker } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import { durationMs } from '../values/duration.ts';
import { isTimestamp, type Timestamp, timestamp } from '../values/time.ts';

/** What the breaker knows; it stays open until a commit closes it. */
export interface BreakerState {
  /** When it opened; null: it is closed. */
  readonly opened: Timestamp | null;
  /** The token that closed it last, so that no token closes it twice. */
  readonly resumed: string | null;
  /** When parts failed lately, in milliseconds since the epoch; bounded. */
  readonly failures: readonly number[];
}

/** Closed, and nothing has failed. */
export const CLOSED: BreakerState = { opened: null, resumed: null, failures: [] };

/** No breaker asks for more failures than these. */
const FAILURES_KEPT = 1_000;

/** The breaker with one more failed part: of any job, and of any class. It opens by `judged`. */
export function withFailure(state: BreakerState, at: number): BreakerState {
  return { ...state, failures: [...state.failures, at].slice(-FAILURES_KEPT) };
}

/** The breaker, open where as many parts have failed as close together as it takes. */
export function judged(state: BreakerState, { Failures, Within }: Breaker): BreakerState {
  if (state.opened !== null || state.failures.length < Failures) return state;
  const withinMs = durationMs(Within) ?? 0;
  const times = state.failures.toSorted((a, b) => a - b);
  const last = times.find((time, index) => time - (times[index - Failures + 1] ?? -Infinity) <= withinMs);
  return last === undefined ? state : { ...state, opened: timestamp(new Date(last)) };
}

/** The breaker after a commit: a `Resume` that it has not seen closes it, and what failed before is forgotten. */
export function afterCommit(state: BreakerState, { Resume }: Breaker): BreakerState {
  if (Resume === undefined || Resume === state.resumed) return state;
  return { opened: null, resumed: Resume, failures: [] };
}

/** The text of the breaker's file. */
export function printBreaker({ opened, resumed }: Pick<BreakerState, 'opened' | 'resumed'>): string {
  const head = '# Written by bmcron: whether the breaker of bmcron.yaml is open, and the Resume that closed it last.';
  return `${head}\nOpened: ${JSON.stringify(opened)}\nResumed: ${JSON.stringify(resumed)}\n`;
}

const LINE = /^(Opened|Resumed): (null|"(?:[^"\\]|\\.)*")$/gm;

/** What the breaker's file says; null when it is not there, or not as `printBreaker` prints it. */
export function readBreaker(bytes: Uint8Array | null): Pick<BreakerState, 'opened' | 'resumed'> | null {
  if (bytes === null) return null;
  const lines = [...new TextDecoder().decode(bytes).matchAll(LINE)].map(([, key, value]) => [
    key,
    JSON.parse(value ?? ''),
  ]);
  const { Opened: opened, Resumed: resumed } = Object.fromEntries(lines);
  if (opened === undefined || resumed === undefined || !(opened === null || isTimestamp(opened))) return null;
  return { opened, resumed };
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
