import type { JobID } from '../job.ts';
import type { LastRun, LastTrigger, Status } from '../status.ts';
import { type Timestamp, timestamp } from '../values/time.ts';

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

/** How many used tokens a status keeps besides the last one. */
export const TOKENS_KEPT = 100;

/** The facts after a trigger that coincides with `run`, which began by its schedule in the same second (R28). */
export function joinedRun(status: Status, token: string, now: Date, run: string): Status {
  return { ...status, LastTrigger: triggered(status, token, timestamp(now), 'Accepted', run) };
}

/** The facts after a trigger token was refused; it counts as used (R28). */
export function refusedTrigger(status: Status, token: string, now: Date, message: string): Status {
  return { ...status, LastTrigger: triggered(status, token, timestamp(now), 'Refused', message) };
}

/** Whether a token has been seen before: it runs once, ever (R28). */
export function isUsed(status: Status, token: string): boolean {
  return status.LastTrigger?.Token === token || (status.LastTrigger?.Before ?? []).includes(token);
}

/** What `LastTrigger` says after a token was met; the tokens before it are kept, for they run once, ever (R28). */
export function triggered(
  status: Status,
  token: string,
  time: Timestamp,
  outcome: LastTrigger['Outcome'],
  message: string,
): LastTrigger {
  const before = status.LastTrigger ? [status.LastTrigger.Token, ...(status.LastTrigger.Before ?? [])] : [];
  return {
    Token: token,
    Time: time,
    Outcome: outcome,
    Message: message,
    ...(before.length > 0 && { Before: before.slice(0, TOKENS_KEPT) }),
  };
}

/** A token that asks for a run at once (R28). */
export interface TriggerRequest {
  readonly job: JobID;
  readonly token: string;
}
