import type { Part, Result } from '../../definitions/run.ts';

/**
 * Carries out one machine's part of a run. Never rejects: a failure is a result. Doing a part again is harmless.
 * While it only waits it says so by `wait`; without one, it waits by itself.
 */
export interface Executor {
  execute(part: Part, signal: AbortSignal, wait?: Wait): Promise<Result>;
}

/**
 * Waits until a time or later, and holds nothing meanwhile but the machine: no BMC may be talked to before it resolves.
 * Rejects with the signal's reason when the part is told to stop.
 * @param seen what the part has come to so far; it is on record before the time comes (R24), and holds no secret
 */
export type Wait = (until: Date, seen: Result) => Promise<void>;
