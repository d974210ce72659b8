import type { JobID, JobSpec } from './job.ts';
import { type MachineSelector, SELECTOR_OPERATORS } from './machine-selector.ts';
import type { RunID, RunTrigger } from './run.ts';
import { isObject, type Json, own } from './values/json.ts';
import { isTimestamp, type Timestamp } from './values/time.ts';

/** `Valid`: does the manifest at the tip hold? `Ready`: will the job run as its manifest says? */
export interface Condition {
  readonly Type: 'Valid' | 'Ready';
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
