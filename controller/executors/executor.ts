import type { CutOffPart, Part, Result } from '../../definitions/run.ts';

/**
 * Carries out one machine's part of a run. Never rejects: a failure is a result. A name is done at most once: whoever
 * runs it has claimed it before (R23), and a worker elsewhere claims its start. Asked for a name again, an executor
 * gives the result that there is, or does what then changes nothing.
 * While it only waits it says so by `wait`; without one, it waits by itself.
 */
export interface Executor {
  execute(part: Part, signal: AbortSignal, wait?: Wait, before?: BeforeSending, fence?: Fence): Promise<Result>;
  /**
   * Looks at what became of a part that a crash cut off, and puts back what it owes where it has `onFailure`. Never
   * rejects; the result says what its fields are now, or why nobody knows.
   */
  recover(part: CutOffPart, signal: AbortSignal, fence?: Fence): Promise<Result>;
}

/** Called right before each request that changes something. @throws where nothing may be changed any more */
export type Fence = () => void;

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
