import type { CutOffPart, Part, Result } from '../../definitions/run.ts';

/**
 * Carries out one machine's part of a run. Never rejects: a failure is a result. Doing a part again is harmless.
 * While it only waits it says so by `wait`; without one, it waits by itself.
 */
export interface Executor {
  execute(part: Part, signal: AbortSignal, wait?: Wait, before?: BeforeSending): Promise<Result>;
  /**
   * Looks at what became of a part that a crash cut off, and puts back what it owes where it has `onFailure`. Never
   * rejects; the result says what its fields are now, or why nobody knows.
   */
  recover(part: CutOffPart, signal: AbortSignal): Promise<Result>;
}

/**
 * Makes durable what a part has read so far; it sends nothing before this resolves. Rejects when it cannot be: then it
 * sends nothing. @param seen its `New…` are null of what it is about to change, and it holds no secret
 */
export type BeforeSending = (seen: Result, signal: AbortSignal) => Promise<void>;

/**
 * Waits until a time or later, and holds nothing meanwhile but the machine: no BMC may be talked to before it resolves.
 * Rejects with the signal's reason when the part is told to stop.
 * @param seen what the part has come to so far; it is on record before the time comes (R24), and holds no secret
 */
export type Wait = (until: Date, seen: Result) => Promise<void>;
