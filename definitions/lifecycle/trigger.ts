import type { LastRun, Status } from '../status.ts';
import { timestamp } from '../values/time.ts';
import { isUsed } from './transitions.ts';

/** The immediate answer to a request for a run (R28); what becomes of it stands in the status later. */
export interface TriggerAnswer {
  readonly accepted: boolean;
  readonly message: string;
}

/** Why a token cannot begin a run now, or which run it begins; `status` undefined: there is no such job. */
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

/** The scheduled run that began in this second: a trigger coincides with it (R28). */
export function coinciding({ LastRun }: Status, now: Date): LastRun | null {
  return LastRun && LastRun.Trigger !== 'Manual' && LastRun.NominalTime === timestamp(now) ? LastRun : null;
}
