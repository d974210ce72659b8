import { momentOf } from '../../definitions/calendar/time-zone.ts';
import { describeRun, type NextRun, upcoming } from '../../definitions/calendar/upcoming.ts';
import type { Job, JobID } from '../../definitions/job.ts';
import type { Fleet } from '../../definitions/manifest/fleet.ts';
import { folded } from '../../definitions/manifest/resolved/consequences.ts';
import { foreseenBlock, foreseenText } from '../../definitions/safety/foreseen.ts';
import { counted, didYouMean, printableJson, show } from '../../definitions/values/text.ts';
import { fleetOf, folderErrorText, readFolder } from './fleet/fleet-folder.ts';
import { finishedOnce, statusTexts } from './fleet/status-files.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

/** Nobody reads more lines than this; `--until` in a far year would print them. */
const MOST_RUNS = 10_000;

export interface NextOptions {
  readonly folder: string;
  readonly format: 'text' | 'json';
  /** Runs after this time, ISO 8601; absent: after `now`. Without an offset it is in the service's zone. */
  readonly from?: string;
  /** Runs up to this time, itself included. */
  readonly until?: string;
  /** Runs of each job; absent: one, or with `until` all of them. */
  readonly count?: number;
  /** IDs of jobs; empty: all jobs. */
  readonly jobs: readonly string[];
  readonly now: Date;
  readonly out: Output;
  readonly err: Output;
}

/** One coming run. */
export interface UpcomingRun extends NextRun {
  readonly job: JobID;
  /** What windows do to it, as things stand; absent: nothing. */
  readonly blocked?: string;
}

/**
 * Lists the coming runs of a folder's valid jobs, oldest first.
 * @returns the exit code: 0 done, 1 a job is not there or the settings are refused, 2 a time is none, 3 unreadable
 */
export async function next(options: NextOptions): Promise<number> {
  const { folder, format, now, out, err } = options;
  const fail = (code: number, message: string) => {
    err.write(`${message}\n`);
    return code;
  };
  let fleet: Fleet;
  try {
    fleet = fleetOf(readFolder(folder));
  } catch (error) {
    return fail(3, folderErrorText(folder, error));
  }
  const { jobs, settings, problems } = fleet;
  if (!settings) return fail(1, 'bmcron.yaml is refused, so the zone is not known: see bmcron validate');
  const errors = folded(problems).filter(({ severity }) => severity === 'error').length;
  if (errors > 0) err.write(`left out what is refused: ${counted(errors, 'error')}, see bmcron validate\n`);
  const [from, until] = [options.from, options.until].map((text) => text && momentOf(text, settings.TimeZone));
  if (options.from && !from) return fail(2, `--from ${show(options.from)} is no ISO 8601 time`);
  if (options.until && !until) return fail(2, `--until ${show(options.until)} is no ISO 8601 time`);
  const unknown = options.jobs.find((id) => !jobs.has(id));
  if (unknown) return fail(1, `no valid job ${show(unknown)}${didYouMean(unknown, jobs.keys())}`);
  const chosen = [...jobs.values()].filter(({ id }) => options.jobs.length === 0 || options.jobs.includes(id));
  const awake = chosen.filter(({ spec }) => !spec.Suspend);
  if (awake.length < chosen.length) err.write(`left out ${counted(chosen.length - awake.length, 'suspended job')}\n`);
  const finished = await finishedOnce(awake, (paths) => statusTexts(folder, paths));
  const coming = awake.filter(({ id }) => !finished.has(id));
  if (finished.size > 0)
    err.write(`left out ${counted(finished.size, 'Once job')} without a further run by its status\n`);
  const limit = { until: until || null, count: options.count ?? (until ? MOST_RUNS : 1) };
  const runs = upcomingRuns(coming, settings.TimeZone, from || now, limit);
  if (runs.length > MOST_RUNS) err.write(`only the first ${MOST_RUNS} of the coming runs\n`);
  const listed = runs.slice(0, MOST_RUNS).map((run) => withBlock(run, fleet, settings.TimeZone));
  out.write(format === 'json' ? `${printableJson(listed, 2)}\n` : runsText(listed));
  return 0;
}

/** A run, and what windows do to it. */
function withBlock(run: UpcomingRun, { jobs, machines, windows }: Fleet, timeZone: string): UpcomingRun {
  const job = jobs.get(run.job);
  const brokenWindows = new Set(windows.refused.keys());
  const context = { windows: windows.accepted, brokenWindows, timeZone, inventory: machines };
  const block = job && foreseenBlock(job, job.machines, new Date(run.time), context);
  return block ? { ...run, blocked: foreseenText(block) } : run;
}

/** The runs of jobs after a moment, oldest first. */
export function upcomingRuns(
  jobs: readonly Job[],
  serviceTimeZone: string,
  from: Date,
  limit: { readonly until: Date | null; readonly count: number },
): readonly UpcomingRun[] {
  const runs: (UpcomingRun & { at: number })[] = [];
  for (const { id, spec } of jobs) {
    let count = 0;
    for (const run of upcoming(spec.Schedule, serviceTimeZone, from)) {
      if (count >= limit.count || (limit.until && run > limit.until)) break;
      runs.push({ at: run.getTime(), job: id, ...describeRun(spec.Schedule, serviceTimeZone, run) });
      count += 1;
    }
  }
  runs.sort((a, b) => a.at - b.at || (a.job < b.job ? -1 : 1));
  return runs.map(({ at: _, ...run }) => run);
}

function runsText(runs: readonly UpcomingRun[]): string {
  if (runs.length === 0) return 'no coming run\n';
  const rows = runs.map(({ job, time, local, timeZone, note, blocked }) => {
    return [time, local, timeZone, job, [blocked, note].filter((text) => text).join('; ')];
  });
  return table(['TIME', 'LOCAL', 'ZONE', 'JOB', ''], rows);
}
