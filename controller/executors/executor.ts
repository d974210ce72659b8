import type { Part, Result } from '../../definitions/run.ts';

/** Carries out one machine's part of a run. Never rejects: a failure is a result. Doing a part again is harmless. */
export interface Executor {
  execute(part: Part, signal: AbortSignal): Promise<Result>;
}
