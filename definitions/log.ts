import type { JobID } from './job.ts';
import type { Json } from './json.ts';
import type { MachineID } from './machine.ts';
import { compactTimestamp, dayFolder, type Timestamp } from './time.ts';

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
