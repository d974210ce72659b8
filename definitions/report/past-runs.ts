import type { JobID } from '../job.ts';
import type { LogRecord } from '../run-log.ts';
import type { LastRun } from '../status.ts';
import { dayFolder } from '../values/time.ts';

/** A run that lasts longer has logs of the days after, too; they are not looked for. */
const MOST_DAYS = 7;
const DAY_MS = 86_400_000;

/** The days in whose folders a run's logs are, as `2026/03/10`; the first one first. */
export function daysOf({ StartTime, EndTime }: LastRun): string[] {
  const end = EndTime ?? StartTime;
  const days = [dayFolder(new Date(StartTime))];
  for (let day = Date.parse(StartTime) + DAY_MS; days.length < MOST_DAYS; day += DAY_MS) {
    const folder = dayFolder(new Date(day));
    if (folder > dayFolder(new Date(end))) break;
    days.push(folder);
  }
  return days;
}

/** Whether a log is of this run of a job: runs of one job follow one another. */
export function isOf(log: LogRecord, job: JobID, { StartTime, EndTime }: LastRun): boolean {
  return log.JobID === job && log.Timestamp >= StartTime && (EndTime === null || log.Timestamp <= EndTime);
}
