import type { JobID } from '../job.ts';
import type { RunID, RunTrigger } from '../run.ts';
import type { LogRecord } from '../run-log.ts';
import type { LastRun } from '../status.ts';
import { dayFolder, type Timestamp, timestamp } from '../values/time.ts';

/** A log, and where it stands. */
interface Placed {
  readonly path: string;
  readonly log: LogRecord;
}

/** A run as Git tells of it: by the logs of its machines, and for a job's last run by the job's facts. */
export interface PastRun {
  /** Of runs before a job's last one the time that they were for is not known: they are named after their start. */
  readonly run: RunID;
  readonly job: JobID;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly succeeded: number;
  readonly failures: number;
  /** Parts that were never begun; of runs before a job's last one they are not known, and not counted. */
  readonly skips: number;
  /** Null where it is not known. */
  readonly trigger: RunTrigger | null;
  readonly nominal: Timestamp | null;
  readonly logs: readonly Placed[];
}

/** A run that lasts longer has logs of the days after, too; they are not looked for. */
const MOST_DAYS = 7;
const DAY_MS = 86_400_000;

/** The days in whose folders a run's logs are, as `2026/03/10`; the first one first. */
export function daysOf({ StartTime, EndTime }: LastRun): string[] {
  const last = dayFolder(new Date(EndTime ?? StartTime));
  const days = [dayFolder(new Date(StartTime))];
  for (let day = Date.parse(StartTime) + DAY_MS; days.length < MOST_DAYS; day += DAY_MS) {
    const folder = dayFolder(new Date(day));
    if (folder > last) break;
    days.push(folder);
  }
  return days;
}

/** Whether a log is of this run of a job: runs of one job follow one another. */
export function isOf(log: LogRecord, job: JobID, { StartTime, EndTime }: LastRun): boolean {
  return log.JobID === job && log.Timestamp >= StartTime && (EndTime === null || log.Timestamp <= EndTime);
}

/**
 * The runs that logs tell of, a job's oldest first. A run has one log for each of its machines, so that another run
 * begins with a machine that the one before has had.
 * @param last the last run of each job, as far as it has ended
 */
export function pastRuns(logs: readonly Placed[], last: ReadonlyMap<JobID, LastRun>): PastRun[] {
  const jobs = new Map<JobID, Placed[]>([...last.keys()].map((job) => [job, []]));
  for (const each of logs) {
    const known = jobs.get(each.log.JobID);
    if (known) known.push(each);
    else jobs.set(each.log.JobID, [each]);
  }
  return [...jobs].flatMap(([job, all]) => {
    const lastRun = last.get(job);
    const isLast = ({ log }: Placed) => lastRun !== undefined && isOf(log, job, lastRun);
    const earlier = grouped(all.filter((each) => !isLast(each))).map((group) => runOf(job, group));
    return lastRun ? [...earlier, lastRunOf(job, lastRun, all.filter(isLast))] : earlier;
  });
}

function grouped(logs: Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  let machines = new Set<string>();
  for (const each of logs.sort((a, b) => (a.log.Timestamp < b.log.Timestamp ? -1 : 1))) {
    const group = groups.at(-1);
    const isSame = group?.[0]?.log.Action === each.log.Action && !machines.has(each.log.MachineID);
    if (group && isSame) group.push(each);
    else {
      groups.push([each]);
      machines = new Set();
    }
    machines.add(each.log.MachineID);
  }
  return groups;
}

function runOf(job: JobID, logs: readonly Placed[]): PastRun {
  const start = logs[0]?.log.Timestamp ?? '';
  const failures = logs.filter(({ log }) => log.Status === 'failed').length;
  const end = timestamp(new Date(logs.reduce((latestMs, { log }) => Math.max(latestMs, endMs(log)), 0)));
  const succeeded = logs.length - failures;
  return { run: `${job}@${start}`, job, start, end, succeeded, failures, skips: 0, trigger: null, nominal: null, logs };
}

function endMs({ Timestamp, ExecutionTime }: LogRecord): number {
  return Date.parse(Timestamp) + 1000 * (Number.parseFloat(ExecutionTime) || 0);
}

function lastRunOf(job: JobID, run: LastRun, logs: readonly Placed[]): PastRun {
  const { RunID, StartTime, EndTime, Succeeded, Failed, Skipped = 0, Trigger, NominalTime } = run;
  return {
    run: RunID,
    job,
    start: StartTime,
    end: EndTime ?? StartTime,
    succeeded: Succeeded,
    failures: Failed,
    skips: Skipped,
    trigger: Trigger,
    nominal: NominalTime,
    logs,
  };
}
