import type { JobID } from '../../../definitions/job.ts';
import type { MachineID } from '../../../definitions/machine.ts';
import { dayFolder } from '../../../definitions/values/time.ts';
import { logDays, type PublishedLog, readLogs } from '../../snapshot/published-logs.ts';
import type { RepositoryView } from './repository-view.ts';

/** Which logs are wanted; what is absent narrows nothing. */
export interface LogFilter {
  readonly job?: JobID;
  readonly machine?: MachineID;
  readonly failed?: boolean;
  /** None that began before. */
  readonly since: Date;
}

/** The last `most` logs of a commit that a filter lets through, the oldest first. @param unread as `readLogs` */
export async function lastLogs(
  { git, prefix }: RepositoryView,
  commit: string,
  filter: LogFilter,
  most: number,
  unread?: (what: string) => void,
): Promise<readonly PublishedLog[]> {
  const first = dayFolder(filter.since);
  const found: PublishedLog[] = [];
  for (const day of await logDays(git, commit, prefix)) {
    if (day < first || found.length >= most) break;
    const logs = await readLogs(git, commit, prefix, [day], (name) => isWantedName(name, filter), unread);
    found.push(...logs.filter((each) => isWanted(each, filter)));
  }
  return found.sort(byTime).slice(-most);
}

/** By the name of a log's file alone: those of a big day need not all be read. */
function isWantedName(name: string, { job, machine, failed }: LogFilter): boolean {
  if (failed && !/_failed(_\d+)?\.json$/.test(name)) return false;
  return (job === undefined || name.startsWith(`${job}_`)) && (machine === undefined || name.includes(`_${machine}_`));
}

function isWanted({ log }: PublishedLog, { job, machine, failed, since }: LogFilter): boolean {
  if (Date.parse(log.Timestamp) < since.getTime() || (failed && log.Status !== 'failed')) return false;
  return (job === undefined || log.JobID === job) && (machine === undefined || log.MachineID === machine);
}

function byTime(a: PublishedLog, b: PublishedLog): number {
  if (a.log.Timestamp !== b.log.Timestamp) return a.log.Timestamp < b.log.Timestamp ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}
