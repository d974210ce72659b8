import type { Job, JobID } from '../job.ts';
import type { GateContext } from '../safety/gate.ts';
import type { LastRun, LastTrigger, Status } from '../status.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { tooLate } from './missed.ts';
import { askedStart, isClaimed, isDue, type RunStart, runStart, type StartContext } from './next-start.ts';

/** The immediate answer to a request for a run (R28); what becomes of it stands in the status later. */
export interface TriggerAnswer {
  readonly accepted: boolean;
  readonly message: string;
}

/** Why a token cannot begin a run now, or which run it begins; `known` undefined: there is no such job. */
export function answerTrigger(
  id: string,
  known: { readonly job: Job; readonly status: Status } | undefined,
  token: string,
  now: Date,
  gates: GateContext,
): TriggerAnswer {
  if (!known) return { accepted: false, message: `job not found: ${id}` };
  const { job, status } = known;
  if (isUsed(status, token)) return { accepted: false, message: `token ${token} has been used: choose another` };
  const same = coinciding(status, now);
  if (same) return { accepted: true, message: `this is the run ${same.RunID}` };
  if (status.Status === 'Running') return { accepted: false, message: 'already running' };
  const judged = askedStart(manualStart(job, token, now, gates), status, now, { gates });
  if ('reason' in judged) return { accepted: false, message: judged.message };
  const valid = status.Conditions.find((each) => each.Type === 'Valid');
  const though = status.Suspended ? ', though the job is suspended and stays so' : '';
  if (valid?.Status !== 'False') return { accepted: true, message: `runs at once${though}` };
  const refused = `the manifest is refused: ${valid.Message}`;
  return { accepted: true, message: `the last good version runs at once${though}; ${refused}` };
}

/** The run that a token asks for. */
function manualStart(job: Job, token: string, now: Date, gates: GateContext): RunStart {
  return runStart(job, timestamp(now), now, { catchUps: new Map(), gates }, { token, isManual: true });
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

/** How long a request waits for a free worker (R28). */
const REQUEST_TIMEOUT_MS = 30_000;

/** A request that waits for a free worker since `at`. */
export interface WaitingRequest extends TriggerRequest {
  readonly at: Date;
}

/** A trigger request that begins no run (R28). */
export type UnstartedRequest =
  /** Its token has begun a run before: nothing happens. */
  | { readonly outcome: 'used' }
  /** It is a scheduled run that goes on. */
  | { readonly outcome: 'joined'; readonly status: Status }
  | RefusedRequest;

/** A trigger request that is not carried out (R28); `status` is null when there is no such job. */
export interface RefusedRequest {
  readonly outcome: 'refused';
  readonly reason: string;
  readonly status: Status | null;
}

/** A job for which a run is requested; it is held while it runs. */
export interface RequestedJob {
  readonly job: Job;
  readonly status: Status;
  readonly isHeld: boolean;
}

/** The run for which a token asks; one that asks for a job that is due anyway is the run of its due time (R28). */
export function startRequested(
  { job: id, token }: TriggerRequest,
  requested: RequestedJob | undefined,
  now: Date,
  context: StartContext,
): RunStart | UnstartedRequest {
  if (!requested) return refuse(undefined, token, now, `job not found: ${id}`);
  const { job, status, isHeld } = requested;
  if (isUsed(status, token) || context.claimed.has(`${id}@${token}`)) return { outcome: 'used' };
  const same = coinciding(status, now);
  if (same) return { outcome: 'joined', status: joinedRun(status, token, now, same.RunID) };
  if (isHeld) return refuse(status, token, now, 'already running');
  const nominal = status.NextRunTime === null ? null : timestamp(new Date(status.NextRunTime));
  const isOpen = nominal !== null && isDue(status, now) && !isClaimed(id, nominal, context);
  if (isOpen && tooLate(job, status, now, context.settings) === null) {
    const due = runStart(job, nominal, now, context, { token, isManual: false });
    const start = askedStart(due, status, now, context);
    if ('claim' in start) return start;
  }
  const start = askedStart(manualStart(job, token, now, context.gates), status, now, context);
  // A trigger waits for no gate: whoever gave it is told at once.
  return 'claim' in start ? start : refuse(status, token, now, start.message);
}

/** When a request is refused because no worker was free for it (R28). */
export function requestTimeout({ at }: WaitingRequest): Date {
  return new Date(at.getTime() + REQUEST_TIMEOUT_MS);
}

/** A request for which no worker was free in time (R28); `status` undefined: no such job. */
export function refuseTimedOut(status: Status | undefined, token: string, now: Date): RefusedRequest {
  return refuse(status, token, now, 'worker pool exhausted');
}

function refuse(status: Status | undefined, token: string, now: Date, reason: string): RefusedRequest {
  return { outcome: 'refused', reason, status: status ? refusedTrigger(status, token, now, reason) : null };
}
