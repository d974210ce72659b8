import type { Job } from '../job.ts';
import type { Claim } from '../run.ts';
import type { LastTrigger, Status } from '../status.ts';
import { canonical, type Json } from '../values/json.ts';
import { type Timestamp, timestamp } from '../values/time.ts';

const FAILED_LINES = 20;
const MESSAGE_LENGTH = 1000;
/** How many missed runs a status keeps. */
export const MISSED_KEPT = 10;
/** How many used tokens a status keeps besides the last one. */
export const TOKENS_KEPT = 100;

/** The facts of a job that was just accepted (R18). */
export function accepted(job: Job, now: Date, next: Date | null): Status {
  const created = timestamp(now);
  return {
    ...specFacts(job),
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
  const facts = { ...specFacts(job), NextRunTime: next && timestamp(next), Suspended: job.spec.Suspend ?? false };
  const same = canonical({ ...status, ...facts } as unknown as Json) === canonical(status as unknown as Json);
  return same ? status : { ...status, ...facts, ObservedCommit: job.commit, AppliedCommit: job.commit };
}

/** The facts once a run has begun: it counts from its start (R31). */
export function started(status: Status, claim: Claim, next: Date | null): Status {
  return {
    ...status,
    Status: 'Running',
    LastRunTime: claim.start,
    NextRunTime: next && timestamp(next),
    ExecutionCount: status.ExecutionCount + 1,
    LastTrigger: claim.token ? triggered(status, claim.token, claim.start, 'Accepted', claim.run) : status.LastTrigger,
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: null,
      Succeeded: 0,
      Failed: 0,
      FailedMachines: [],
    },
  };
}

/** How the parts of a run ended: machine → its error, null for success. */
export type PartErrors = ReadonlyMap<string, string | null>;

/** The facts once a run has ended (R31). */
export function finished(status: Status, claim: Claim, errors: PartErrors, end: Date, next: Date | null): Status {
  const failures = failuresOf(errors).length;
  return {
    ...status,
    Status: failures > 0 ? 'Failed' : 'Completed',
    NextRunTime: next && timestamp(next),
    LastRun: {
      RunID: claim.run,
      Trigger: claim.trigger,
      NominalTime: claim.nominal,
      StartTime: claim.start,
      EndTime: timestamp(end),
      Succeeded: errors.size - failures,
      Failed: failures,
      FailedMachines: failureLines(errors),
    },
  };
}

/** A line per failed machine, bounded, with an honest "and N more". */
export function failureLines(errors: PartErrors): string[] {
  const failed = failuresOf(errors);
  const lines = failed.slice(0, FAILED_LINES).map(([machine, error]) => clip(`${machine}: ${error}`));
  if (failed.length > FAILED_LINES) lines.push(`and ${failed.length - FAILED_LINES} more`);
  return lines;
}

function failuresOf(errors: PartErrors) {
  return [...errors].filter(([, error]) => error !== null);
}

/** The facts with one more occurrence that was not run (R22), newest first. */
export function missed(status: Status, time: Date, reason: string): Status {
  const latest = { Time: timestamp(time), Reason: reason };
  return { ...status, Missed: [latest, ...status.Missed].slice(0, MISSED_KEPT) };
}

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

function triggered(
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

function specFacts({ id, spec }: Job) {
  const { Name, Machines, Action, Payload, Schedule } = spec;
  return { Id: id, Name, Machines, Action, Payload, Schedule };
}

/** A message as a status holds it: bounded, and it shows where it was cut (R32). */
export function clip(text: string): string {
  return text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH - 1)}…` : text;
}
