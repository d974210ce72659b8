import type { JobID } from './job.ts';
import type { MachineID } from './machine.ts';
import type { Claim, Result } from './run.ts';
import { succeeded } from './run.ts';
import { createBoundedSet } from './values/bounded-map.ts';
import type { Json } from './values/json.ts';
import { compactTimestamp, dayFolder, type Timestamp, timestamp } from './values/time.ts';

const ERROR_LENGTH = 4000;
/** How many log paths are remembered so that none is given out twice. */
export const PATHS_KEPT = 10_000;

/** One machine's part of one run, in the order and shape of its log file (R34). */
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

/** Where a record's file belongs (R33); `copy` is 1, or 2 and up for a further one of the same second. */
export function logPath(record: LogRecord, copy = 1): string {
  const at = new Date(record.Timestamp);
  const name = `${record.JobID}_${record.MachineID}_${record.Action}_${compactTimestamp(at)}_${record.Status}`;
  return `logs/${dayFolder(at)}/${name}${copy > 1 ? `_${copy}` : ''}.json`;
}

/** The text of a log file. */
export function printLog(record: LogRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The record of one machine's part; `payloads` is how many entries its job's payload has (R34). */
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

/** Gives out log paths, none twice: a second one of the same second gets `_2` (R33). */
export function createLogPaths(given: Iterable<string>): (record: LogRecord) => string {
  const taken = createBoundedSet(PATHS_KEPT, given);
  return (record) => {
    for (let copy = 1; ; copy += 1) {
      const path = logPath(record, copy);
      if (taken.has(path)) continue;
      taken.add(path);
      return path;
    }
  };
}
