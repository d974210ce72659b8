import type { JobID, JobSpec } from './job.ts';
import { type MachineSelector, SELECTOR_OPERATORS } from './machine-selector.ts';
import type { RunID, RunTrigger } from './run.ts';
import { isObject, type Json, own } from './values/json.ts';
import { isTimestamp, type Timestamp } from './values/time.ts';

/** `Valid`: does the manifest hold? `Ready`: will the job run as it says? `Progressing`: does its rollout go on? */
export interface Condition {
  readonly Type: 'Valid' | 'Ready' | 'Progressing';
  readonly Status: 'True' | 'False';
  /** CamelCase, one word. */
  readonly Reason: string;
  readonly Message: string;
  /** Moves only when Status changes. */
  readonly LastTransitionTime: Timestamp;
}

/** What became of the last trigger token (R28). */
export interface LastTrigger {
  readonly Token: string;
  readonly Time: Timestamp;
  readonly Outcome: 'Accepted' | 'Refused';
  readonly Message: string;
  /** Tokens used before this one, newest first, bounded; a token runs once, ever. */
  readonly Before?: readonly string[];
}

/** One run, told in the status file. */
export interface LastRun {
  readonly RunID: RunID;
  readonly Trigger: RunTrigger;
  readonly NominalTime: Timestamp;
  readonly StartTime: Timestamp;
  readonly EndTime: Timestamp | null;
  readonly Succeeded: number;
  readonly Failed: number;
  /** A line per failed machine, bounded. */
  readonly FailedMachines: readonly string[];
  /** Parts that were never begun; absent where there is none. */
  readonly Skipped?: number;
  /** A line per skipped machine, bounded; absent where there is none. */
  readonly SkippedMachines?: readonly string[];
}

/** An occurrence that was not run, and why (R22). */
export interface Missed {
  readonly Time: Timestamp;
  readonly Reason: string;
}

/** A version of a job that has passed its waves. */
export interface Promoted {
  /** Digest of what it does. */
  readonly Effect: string;
  /** The commit of its manifest, and the file in it. */
  readonly Commit: string;
  readonly File: string;
}

/** Why a rollout stands still, and by which machines. */
export interface Halt {
  readonly Since: Timestamp;
  readonly Reason: 'WaveFailed' | 'BudgetExceeded' | 'NothingProved';
  /** Bounded. */
  readonly Machines: readonly string[];
}

/** Parts of a rollout that went wrong. */
export interface Spent {
  readonly Failed: number;
  readonly Unreachable: number;
}

/** A wave that is left alone before its values are read once more. */
export interface Soak {
  readonly End: Timestamp;
  /** Those whose values are read, by what the run of this name wrote. */
  readonly Machines: readonly string[];
  readonly RunID: RunID;
  /** What of it has gone wrong so far, and how much may. */
  readonly Wrong: Spent;
  readonly MaxFailures: number;
  readonly MaxFailed: number | null;
  readonly MaxUnreachable: number | null;
  /** The wave that comes after it; null: it is promoted. */
  readonly Next: number | null;
}

/** What must not be forgotten of a rollout: it outlives a crash, the host and the clone. */
export interface RolloutFacts {
  /** What is rolled out; once it is promoted the same as that of `Promoted`. */
  readonly Effect: string;
  /** Digest of whom each wave is for: another one begins again at the first. */
  readonly Waves: string;
  readonly Promoted: Promoted | null;
  /** The wave that comes next, or is under way, from 0. */
  readonly Wave: number;
  /** No wave begins before it has ended; null: none soaks. */
  readonly Soak: Soak | null;
  readonly Halted: Halt | null;
  /** The Resume that was seen last, so that no token resumes twice. */
  readonly Resumed: string | null;
  /** What the waves that have passed took of the budget. */
  readonly Spent: Spent;
  /** How many flat runs in a row have exceeded the budget (W15). */
  readonly FlatOverBudget: number;
  /** Machines that have had the promoted version; others join (S07). */
  readonly Known: readonly string[];
}

/** The facts of one job, in the order and shape of its status file (R32). The bytes change only when facts do. */
export interface Status {
  readonly Id: JobID;
  readonly Name: string;
  /** Those that the job names; with a MachineSelector those of the last claim, so none before the first (S14). */
  readonly Machines: readonly string[];
  readonly MachineSelector?: MachineSelector;
  readonly Action: string;
  readonly Payload: JobSpec['Payload'];
  readonly Schedule: JobSpec['Schedule'];
  readonly Status: 'Pending' | 'Running' | 'Completed' | 'Failed';
  readonly CreatedTime: Timestamp;
  readonly LastRunTime: Timestamp | null;
  readonly NextRunTime: Timestamp | null;
  readonly ExecutionCount: number;
  readonly Suspended: boolean;
  readonly Conditions: readonly Condition[];
  readonly LastTrigger: LastTrigger | null;
  readonly LastRun: LastRun | null;
  readonly Missed: readonly Missed[];
  /** Absent without a `Rollout` in the manifest. */
  readonly Rollout?: RolloutFacts;
  /** The commit that was judged last, when the manifest changed. */
  readonly ObservedCommit: string;
  /** The commit of the version in force. */
  readonly AppliedCommit: string;
}

/** The path of the status file beside a manifest file: `jobs/a.yaml` → `jobs/a.status.yaml`. */
export function statusPath(file: string): string {
  return file.replace(/\.(yaml|yml|json)$/, '.status.yaml');
}

const KEYS: readonly (keyof Status)[] = [
  'Id',
  'Name',
  'Machines',
  'MachineSelector',
  'Action',
  'Payload',
  'Schedule',
  'Status',
  'CreatedTime',
  'LastRunTime',
  'NextRunTime',
  'ExecutionCount',
  'Suspended',
  'Conditions',
  'LastTrigger',
  'LastRun',
  'Missed',
  'Rollout',
  'ObservedCommit',
  'AppliedCommit',
];

/** The document of a status file: the facts in the order of R32, nothing else. */
export function statusDocument(status: Status): Json {
  const fields: [string, Json][] = [];
  for (const key of KEYS) if (status[key] !== undefined) fields.push([key, status[key] as unknown as Json]);
  return Object.fromEntries(fields);
}

type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isMoment: Check = isTimestamp;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const listOf =
  (is: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(is);
const maybe =
  (is: Check): Check =>
  (value) =>
    value === undefined || value === null || is(value);
const oneOf =
  (...words: readonly Json[]): Check =>
  (value) =>
    value !== undefined && words.includes(value);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([key, is]) => is(own(value, key)));

const isCondition = record({
  Type: isText,
  Status: isText,
  Reason: isText,
  Message: isText,
  LastTransitionTime: isText,
});
const isSelector = record({
  MatchLabels: maybe((value) => isObject(value) && Object.values(value).every(isText)),
  MatchExpressions: maybe(
    listOf(record({ Key: isText, Operator: oneOf(...SELECTOR_OPERATORS), Values: maybe(listOf(isText)) })),
  ),
});
const isMissed = record({ Time: isText, Reason: isText });

const isRollout = record({
  Effect: isText,
  Waves: isText,
  Promoted: maybe(record({ Effect: isText, Commit: isText, File: isText })),
  Wave: isCount,
  Soak: maybe(
    record({
      End: isMoment,
      Machines: listOf(isText),
      RunID: isText,
      Wrong: record({ Failed: isCount, Unreachable: isCount }),
      MaxFailures: isCount,
      MaxFailed: maybe(isCount),
      MaxUnreachable: maybe(isCount),
      Next: maybe(isCount),
    }),
  ),
  Halted: maybe(
    record({
      Since: isMoment,
      Reason: oneOf('WaveFailed', 'BudgetExceeded', 'NothingProved'),
      Machines: listOf(isText),
    }),
  ),
  Resumed: maybe(isText),
  Spent: record({ Failed: isCount, Unreachable: isCount }),
  FlatOverBudget: isCount,
  Known: listOf(isText),
});

/** What the code takes for granted of facts, whoever edited them. */
const isReadable = record({
  Id: isText,
  Machines: listOf(isText),
  MachineSelector: maybe(isSelector),
  Payload: listOf(isObject),
  Schedule: record({ Period: maybe(record({ DaysOfWeek: maybe(listOf(isText)), DaysOfMonth: maybe(isText) })) }),
  Status: oneOf('Pending', 'Running', 'Completed', 'Failed'),
  CreatedTime: isMoment,
  LastRunTime: maybe(isMoment),
  NextRunTime: maybe(isMoment),
  ExecutionCount: isCount,
  Suspended: maybe(isFlag),
  LastTrigger: maybe(record({ Token: isText, Before: maybe(listOf(isText)) })),
  LastRun: maybe(
    record({
      RunID: isText,
      NominalTime: isMoment,
      StartTime: isMoment,
      EndTime: maybe(isMoment),
      Succeeded: isCount,
      Failed: isCount,
      FailedMachines: listOf(isText),
      Skipped: maybe(isCount),
      SkippedMachines: maybe(listOf(isText)),
    }),
  ),
  Rollout: (value) => value === undefined || isRollout(value),
});

/** The facts that a document of a status file tells; null when it is not one that the service wrote (R41). */
export function readStatus(document: Json): Status | null {
  if (!isReadable(document) || !isObject(document)) return null;
  const lists = {
    Conditions: readable(document, 'Conditions', isCondition),
    Missed: readable(document, 'Missed', isMissed),
  };
  const absent = { Suspended: false, LastTrigger: null, LastRun: null, ObservedCommit: '', AppliedCommit: '' };
  return { ...absent, LastRunTime: null, NextRunTime: null, ...document, ...lists } as unknown as Status;
}

function readable(document: Json, key: string, is: Check): readonly Json[] {
  const value = own(document, key);
  return Array.isArray(value) ? value.filter(is) : [];
}

const MESSAGE_LENGTH = 1000;

/** A message as a status holds it: bounded, and it shows where it was cut (R32). */
export function clip(text: string): string {
  return text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH - 1)}…` : text;
}
