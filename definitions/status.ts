import type { JobID, JobSpec } from './job.ts';
import { isObject, type Json, own } from './json.ts';
import type { RunID, RunTrigger } from './run.ts';
import type { Timestamp } from './time.ts';

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
  readonly Machines: readonly string[];
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
  return Object.fromEntries(KEYS.map((key) => [key, status[key] as unknown as Json]));
}

const STATUSES = ['Pending', 'Running', 'Completed', 'Failed'];
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** The facts that a document of a status file tells; null when it is not one that the service wrote (R41). */
export function readStatus(document: Json): Status | null {
  if (!isObject(document)) return null;
  const isMoment = (key: string) => {
    const value = own(document, key);
    return typeof value === 'string' && MOMENT.test(value) && !Number.isNaN(Date.parse(value));
  };
  const isMomentOrNull = (key: string) => (own(document, key) ?? null) === null || isMoment(key);
  const count = own(document, 'ExecutionCount');
  const readable =
    typeof own(document, 'Id') === 'string' &&
    STATUSES.includes(String(own(document, 'Status'))) &&
    isMoment('CreatedTime') &&
    isMomentOrNull('LastRunTime') &&
    isMomentOrNull('NextRunTime') &&
    Number.isSafeInteger(count) &&
    Number(count) >= 0 &&
    Array.isArray(own(document, 'Payload')) &&
    Array.isArray(own(document, 'Machines')) &&
    isObject(own(document, 'Schedule'));
  if (!readable) return null;
  const lists = { Conditions: listOf(document, 'Conditions'), Missed: listOf(document, 'Missed') };
  const absent = { Suspended: false, LastTrigger: null, LastRun: null, ObservedCommit: '', AppliedCommit: '' };
  return { ...absent, LastRunTime: null, NextRunTime: null, ...document, ...lists } as unknown as Status;
}

function listOf(document: Json, key: string): readonly Json[] {
  const value = own(document, key);
  return Array.isArray(value) ? value.filter(isObject) : [];
}
