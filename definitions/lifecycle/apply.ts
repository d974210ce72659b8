import { nextRun, onceMoment } from '../calendar/next-run.ts';
import type { Job, JobID } from '../job.ts';
import type { Status } from '../status.ts';
import { canonical, type Json } from '../values/json.ts';
import { timestamp } from '../values/time.ts';
import type { Agenda } from './agenda.ts';
import { missed } from './missed.ts';
import type { Change } from './plan.ts';
import { takesAgain, withRollout } from './rollout-facts.ts';
import { isUsed, type TriggerRequest } from './trigger.ts';

/** When changes are applied, and by which zone. */
export interface Moment {
  readonly now: Date;
  /** The service's zone (R11). */
  readonly timeZone: string;
}

/** What is left to do once the changes are in the agenda. */
export interface Applied {
  /** Manifest files whose status files may say something else now. */
  readonly files: ReadonlySet<string>;
  readonly triggers: readonly TriggerRequest[];
}

/** Makes the agenda what the changes ask for, all of them at one moment (R18). */
export function apply(agenda: Agenda, changes: readonly Change[], moment: Moment): Applied {
  const files = new Set<string>();
  const triggers: TriggerRequest[] = [];
  const before = new Map<JobID, Status>();
  for (const change of changes) {
    if (!('was' in change)) continue;
    const status = agenda.status(change.was.id);
    if (status) before.set(change.was.id, status);
    if (change.op === 'remove' || change.job.source.file !== change.was.source.file) files.add(change.was.source.file);
    if (change.op === 'remove') agenda.remove(change.was.id);
    if (change.op === 'rename') agenda.rename(change.was.id, change.job.id);
  }
  for (const change of changes) {
    if (change.op === 'remove') continue;
    const { job } = change;
    const was = change.op === 'rearm' ? agenda.status(job.id) : 'was' in change ? before.get(change.was.id) : undefined;
    const facts = was ? carried(change, was, moment) : armed(job, moment);
    const file = 'was' in change ? change.was.source.file : job.source.file;
    const status = withRollout(facts, job, { status: was ?? facts, file });
    agenda.put(job, status);
    if (status !== was || !keepsFile(change)) files.add(job.source.file);
    const token = job.spec.Trigger;
    if (change.op !== 'rearm' && token !== undefined && !isUsed(status, token)) triggers.push({ job: job.id, token });
    const again = was && takesAgain(was, status);
    if (again && again !== token) triggers.push({ job: job.id, token: again });
  }
  return { files, triggers };
}

/** Whether the job is where it was: then unchanged facts leave its status file as it is (R32). */
function keepsFile(change: Exclude<Change, { op: 'remove' }>): boolean {
  if (change.op === 'select') return true;
  if (change.op !== 'edit') return false;
  const { job, was } = change;
  return job.source.file === was.source.file && job.source.document === was.source.document;
}

/** The facts of a job that was not in force before. */
function armed(job: Job, { now, timeZone }: Moment): Status {
  return rescheduled(accepted(job, now, null), job, now, timeZone);
}

/** The facts of a job that was in force before. */
function carried(change: Exclude<Change, { op: 'remove' }>, was: Status, { now, timeZone }: Moment): Status {
  const { job } = change;
  const next = was.NextRunTime === null ? null : new Date(was.NextRunTime);
  switch (change.op) {
    case 'change':
      return rescheduled(edited(was, job, null), job, now, timeZone);
    case 'select':
      return was;
    case 'rearm':
      return next ? rescheduled(was, job, now, timeZone) : was;
    case 'add':
    case 'edit':
    case 'rename':
      return edited(was, job, resumes(was, job) && next && next <= now ? afterPause(job, now, timeZone) : next);
  }
}

/** Whether a suspended job is to run again. */
function resumes(was: Status, job: Job): boolean {
  return was.Suspended && !job.spec.Suspend;
}

/** What fell due while a job was suspended is neither missed nor made up (R22). */
function afterPause(job: Job, now: Date, timeZone: string): Date | null {
  return job.spec.Schedule.Type === 'Once' ? null : nextRun(job.spec.Schedule, timeZone, now);
}

/**
 * The facts with the next run calculated from now; a Day that has passed is a missed run, not a late one (R13, R19).
 */
function rescheduled(status: Status, job: Job, now: Date, timeZone: string): Status {
  const next = nextRun(job.spec.Schedule, timeZone, now);
  const scheduled = { ...status, NextRunTime: next && timestamp(next) };
  const day = job.spec.Schedule.Day === undefined ? null : onceMoment(job.spec.Schedule, timeZone);
  if (next || !day) return scheduled;
  return missed(scheduled, day, 'its day had passed when the job was accepted');
}

/** The facts of a job that was just accepted (R18). */
export function accepted(job: Job, now: Date, next: Date | null): Status {
  const created = timestamp(now);
  return {
    ...specFacts(job, []),
    Status: 'Pending',
    CreatedTime: created,
    LastRunTime: null,
    NextRunTime: next && timestamp(next),
    ExecutionCount: 0,
    Suspended: job.spec.Suspend ?? false,
    Conditions: [],
    LastTrigger: null,
    LastRun: null,
    Missed: [],
    ObservedCommit: job.commit,
    AppliedCommit: job.commit,
  };
}

/**
 * The facts once another manifest of the job is in force; `next` null: no further run. When none of them change, the
 * status itself is returned, with its old commits: formatting is no fact (R32).
 */
export function edited(status: Status, job: Job, next: Date | null): Status {
  const { MachineSelector: _, ...kept } = status;
  const spec = specFacts(job, status.Machines);
  const facts = { ...kept, ...spec, NextRunTime: next && timestamp(next), Suspended: job.spec.Suspend ?? false };
  const same = canonical(facts as unknown as Json) === canonical(status as unknown as Json);
  return same ? status : { ...facts, ObservedCommit: job.commit, AppliedCommit: job.commit };
}

/** What a status says of the manifest. @param claimed the machines of the last claim, which a selector leaves there */
function specFacts({ id, spec }: Job, claimed: Status['Machines']) {
  const { Name, Machines = claimed, MachineSelector, Action, Payload, Schedule } = spec;
  return { Id: id, Name, Machines, ...(MachineSelector && { MachineSelector }), Action, Payload, Schedule };
}
