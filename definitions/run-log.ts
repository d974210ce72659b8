// `createLogPaths` holds memory: which paths are in use, a bounded number. They can be read from the journal again.
import type { JobID } from './job.ts';
import type { MachineID } from './machine.ts';
import type { Claim, Result } from './run.ts';
import { succeeded } from './run.ts';
import { createBoundedSet } from './values/bounded-map.ts';
import { isObject, type Json, own } from './values/json.ts';
import { compactTimestamp, dayFolder, isTimestamp, type Timestamp, timestamp } from './values/time.ts';

/** Characters. */
const ERROR_LENGTH = 4000;
/** How many log paths are remembered so that none is used twice. */
export const PATHS_KEPT = 10_000;

/** One machine's part of a run, with the keys of its log file in their order (R34). */
export interface LogRecord {
  readonly JobID: JobID;
  readonly MachineID: MachineID;
  readonly Action: string;
  readonly Status: 'success' | 'failed';
  readonly Timestamp: Timestamp;
  /** `"1.234s"` */
  readonly ExecutionTime: string;
  readonly Result: Json;
  readonly Error: string | null;
}

/** The path of a record's file (R33). @param copy 1, or 2 and up for further ones of the same second */
export function logPath(record: LogRecord, copy = 1): string {
  const at = new Date(record.Timestamp);
  const name = `${record.JobID}_${record.MachineID}_${record.Action}_${compactTimestamp(at)}_${record.Status}`;
  return `logs/${dayFolder(at)}/${name}${copy > 1 ? `_${copy}` : ''}.json`;
}

export function printLog(record: LogRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The record that a text holds; null when it is not one that the service wrote. */
export function readLog(text: string): LogRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const isText = (key: string) => typeof own(value, key) === 'string';
  if (!isObject(value) || !['JobID', 'MachineID', 'Action', 'ExecutionTime'].every(isText)) return null;
  const { Status, Timestamp, Error: error } = value;
  if (Status !== 'success' && Status !== 'failed') return null;
  if (!isTimestamp(Timestamp) || !(error === null || typeof error === 'string')) return null;
  return value as unknown as LogRecord;
}

/** The log record of one machine's part (R34). @param payloads how many entries the job's payload has */
export function logRecord(claim: Claim, result: Result, payloads: number, start: Date, elapsedMs: number): LogRecord {
  const [only = null] = result.entries;
  return {
    JobID: claim.job,
    MachineID: result.machine,
    Action: claim.action,
    Status: succeeded(result.outcome) ? 'success' : 'failed',
    Timestamp: timestamp(start),
    ExecutionTime: `${(Math.max(0, elapsedMs) / 1000).toFixed(3)}s`,
    Result: payloads === 1 || result.entries.length === 0 ? only : result.entries,
    Error: result.error === null ? null : result.error.slice(0, ERROR_LENGTH),
  };
}

/** Makes log paths, none twice: a second one of the same second gets `_2` (R33). @param used paths that are in use */
export function createLogPaths(used: Iterable<string>): (record: LogRecord) => string {
  const taken = createBoundedSet(PATHS_KEPT, used);
  return (record) => {
    for (let copy = 1; ; copy += 1) {
      const path = logPath(record, copy);
      if (taken.has(path)) continue;
      taken.add(path);
      return path;
    }
  };
}
