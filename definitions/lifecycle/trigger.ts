import type { LastRun, Status } from '../status.ts';
import { timestamp } from '../values/time.ts';
import { isUsed } from './transitions.ts';

/** What is said at once to somebody who asks for a run (R28); whether it runs is told by the status later. */
export interface TriggerAnswer {
  readonly accepted: boolean;
  readonly message: string;
}

/** Why a token cannot begin a run of a job now, or what to know about the run that it begins. */
export function answerTrigger(id: string, status: Status | undefined, token: string, now: Date): TriggerAnswer {
  if (!status) return { accepted: false, message: `job not found: ${id}` };
  if (isUsed(status, token)) return { accepted: false, message: `token ${token} has been used: choose another` };
  const same = coinciding(status, now);
  if (same) return { accepted: true, message: `this is the run ${same.RunID}` };
  if (status.Status === 'Running') return { accepted: false, message: 'already running' };
  const valid = status.Conditions.find((each) => each.Type === 'Valid');
  if (valid?.Status !== 'False') return { accepted: true, message: 'runs at once' };
  return { accepted: true, message: `the last good version runs at once; the manifest is refused: ${valid.Message}` };
}

/** The scheduled run with which a trigger of this second coincides (R28). */
export function coinciding({ LastRun }: Status, now: Date): LastRun | null {
  return LastRun && LastRun.Trigger !== 'Manual' && LastRun.NominalTime === timestamp(now) ? LastRun : null;
}
