import { ACTIONS } from '../actions/index.ts';
import type { JobSpec, Rollout } from '../job.ts';

/** A rollout with what its manifest leaves out. */
export interface FullRollout extends Rollout {
  readonly Scope: 'NewEffect' | 'EveryRun';
  readonly Advance: 'NextRun' | 'InRun';
  readonly OnHalt: 'Promoted' | 'Hold';
}

/** Whether an action sets what stays, and can be written again: the hundredth restart is no safer than the first. */
export function isState(action: string): boolean {
  return ACTIONS.get(action)?.course?.kind !== 'Event';
}

/** The rollout of a job; null without one. */
export function rolloutOf({ Rollout, Action, Schedule }: JobSpec): FullRollout | null {
  if (!Rollout) return null;
  const { Scope = isState(Action) ? 'NewEffect' : 'EveryRun', OnHalt = 'Promoted' } = Rollout;
  const isRecurring = Schedule.Type === 'Continuous' && Scope === 'NewEffect';
  const { Advance = isRecurring ? 'NextRun' : 'InRun' } = Rollout;
  return { ...Rollout, Scope, Advance, OnHalt };
}
