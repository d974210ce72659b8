import type { Job } from '../job.ts';
import type { Claim } from '../run.ts';
import type { Condition, LastTrigger, Status } from '../status.ts';
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

/** The facts with a condition as it stands now; its transition time moves only when its Status does. */
export function withCondition(status: Status, fact: Omit<Condition, 'LastTransitionTime'>, now: Date): Status {
  const was = status.Conditions.find((each) => each.Type === fact.Type);
  const Message = clip(fact.Message);
  if (was && was.Status === fact.Status && was.Reason === fact.Reason && was.Message === Message) return status;
  const LastTransitionTime = was?.Status === fact.Status ? was.LastTransitionTime : timestamp(now);
  const { Type, Status, Reason } = fact;
  const condition: Condition = { Type, Status, Reason, Message, LastTransitionTime };
  const others = status.Conditions.filter((each) => each.Type !== fact.Type);
  return { ...status, Conditions: fact.Type === 'Valid' ? [condition, ...others] : [...others, condition] };
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

function clip(text: string): string {
  return text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH - 1)}…` : text;
}

/** The facts with what they say about coming runs: `Ready` follows from the rest (R28, R32). */
export function withReadiness(status: Status, now: Date): Status {
  const { Suspended, NextRunTime, LastTrigger } = status;
  const known = status.Conditions.find((each) => each.Type === 'Ready');
  const refused = LastTrigger?.Outcome === 'Refused' ? `trigger ${LastTrigger.Token}: ${LastTrigger.Message}` : '';
  const fact = { Type: 'Ready', Status: NextRunTime && !Suspended ? 'True' : 'False' } as const;
  if (refused) return withCondition(status, { ...fact, Reason: 'TriggerRefused', Message: refused }, now);
  if (Suspended) return withCondition(status, { ...fact, Reason: 'Suspended', Message: 'suspended, never due' }, now);
  if (NextRunTime) return withCondition(status, { ...fact, Reason: 'Scheduled', Message: 'runs at NextRunTime' }, now);
  if (known?.Reason === STATE_UNKNOWN) return status;
  return withCondition(status, { ...fact, Reason: 'NoFurtherRun', Message: 'its schedule has no further run' }, now);
}

/** The reason of a Once job that must not run before somebody says so: its status could not be read (R41). */
export const STATE_UNKNOWN = 'StateUnknown';

/** The facts of a job whose status file cannot be read: what was asked for may have been done already (R41). */
export function unknownState(status: Status, job: Job, now: Date): Status {
  const Message = 'its status file could not be read: edit or trigger the job to arm it again';
  const token = job.spec.Trigger;
  const facts = token ? refusedTrigger(status, token, now, 'taken as used: the status could not be read') : status;
  if (job.spec.Schedule.Type !== 'Once') return facts;
  return withCondition(
    { ...facts, NextRunTime: null },
    { Type: 'Ready', Status: 'False', Reason: STATE_UNKNOWN, Message },
    now,
  );
}
