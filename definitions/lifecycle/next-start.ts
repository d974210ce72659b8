import type { Job, JobID } from '../job.ts';
import type { Claim, RunID } from '../run.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { following, missed, tooLate } from './missed.ts';
import { coinciding, isUsed, joinedRun, refusedTrigger, type TriggerRequest } from './trigger.ts';

/** How long a request waits for a free worker (R28). */
const REQUEST_TIMEOUT_MS = 30_000;

/** A run that may begin, and the version of its job that it runs. */
export interface RunStart {
  readonly job: Job;
  readonly claim: Claim;
}

/** A request that waits for a free worker since `at`. */
export interface WaitingRequest extends TriggerRequest {
  readonly at: Date;
}

/** What decides whether a job starts, besides the job itself. */
export interface StartContext {
  readonly settings: Settings;
  /** Runs that were claimed lately: a name is a lock (R23). */
  readonly claimed: { has(run: RunID): boolean };
  /** Job → the missed time for which its next run makes up (R22). */
  readonly catchUps: ReadonlyMap<JobID, Timestamp>;
}

/** A due time for which no run begins. */
export interface PassedOver {
  /** The facts of the job from now on; its next run is a later one. */
  readonly status: Status;
  readonly nominal: Timestamp;
  /** Why it is missed (R22); null when a run for it was claimed before, since a clock or a file was set back (R23). */
  readonly reason: string | null;
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

/** Whether the time of the next run has come (R12); a suspended job is never due. */
export function isDue({ Suspended, NextRunTime }: Status, now: Date): boolean {
  return !Suspended && NextRunTime !== null && new Date(NextRunTime) <= now;
}

/** The run of a job whose next time has come (R12), or why none begins for it (R22, R23); null without a next time. */
export function startDue(job: Job, status: Status, now: Date, context: StartContext): RunStart | PassedOver | null {
  if (status.NextRunTime === null) return null;
  const { settings, claimed } = context;
  const due = new Date(status.NextRunTime);
  const nominal = timestamp(due);
  const hasRun = claimed.has(`${job.id}@${nominal}`); // the clock was set back, or a file was
  const reason = hasRun ? null : tooLate(job, status, now, settings);
  if (!hasRun && reason === null) return runStart(job, nominal, now, context);
  const next = following(job.spec.Schedule, due, now, settings.TimeZone);
  const facts = reason === null ? status : missed(status, due, reason);
  return { status: { ...facts, NextRunTime: next && timestamp(next) }, nominal, reason };
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
  if (status.NextRunTime !== null && isDue(status, now) && tooLate(job, status, now, context.settings) === null)
    return runStart(job, timestamp(new Date(status.NextRunTime)), now, context, { token, isManual: false });
  return runStart(job, timestamp(now), now, context, { token, isManual: true });
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

function runStart(
  job: Job,
  nominal: Timestamp,
  now: Date,
  { catchUps }: StartContext,
  request?: { readonly token: string; readonly isManual: boolean },
): RunStart {
  const claim: Claim = {
    run: `${job.id}@${request?.isManual ? request.token : nominal}`,
    job: job.id,
    trigger: request?.isManual ? 'Manual' : catchUps.get(job.id) === nominal ? 'CatchUp' : 'Schedule',
    nominal,
    ...(request && { token: request.token }),
    start: timestamp(now),
    action: job.spec.Action,
    machines: job.spec.Machines,
    commit: job.commit,
  };
  return { job, claim };
}
