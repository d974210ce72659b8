import { changesText } from '../../definitions/report/log-line.ts';
import { durationMs } from '../../definitions/values/duration.ts';
import { counted, didYouMean, printable, printableJson, show } from '../../definitions/values/text.ts';
import { after, type Clock } from '../clock.ts';
import { GitError } from '../git/error.ts';
import type { PublishedLog } from '../snapshot/published-logs.ts';
import { type LogFilter, lastLogs } from './fleet/log-reader.ts';
import { openRepositoryView, type RepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { type PublishedTipOptions, publishedTip } from './fleet/status-files.ts';
import type { Output } from './report.ts';
import { table } from './table.ts';

export interface LogsOptions extends PublishedTipOptions {
  /** The fleet's folder. */
  readonly folder: string;
  readonly job?: string;
  readonly machine?: string;
  readonly failed: boolean;
  /** A duration before now, such as `7d`. */
  readonly since: string;
  readonly count: number;
  /** Prints what comes, until the signal is aborted. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly format: 'text' | 'json';
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly color: boolean;
  readonly out: Output;
}

/** How long after a look comes the next one, without and with asking the remote. */
const LOOK_MS = 1_000;
const FETCH_MS = 10_000;
/** Of one look while following. */
const MOST_NEW = 10_000;
const RED = 31;
const GREEN = 32;

/**
 * Prints the last logs at the branch's tip, the newest last; with `follow` also those that come.
 * @returns the exit code: 0 printed, 1 there is no such job or machine, 2 `since` is no duration, 3 not readable
 */
export async function logs(options: LogsOptions): Promise<number> {
  const { err, clock, follow, signal } = options;
  const sinceMs = durationMs(options.since);
  if (sinceMs === undefined) {
    err.write(`bmcron logs: --since ${show(options.since)} is no duration: 90m, 24h or 7d, for example\n`);
    return 2;
  }
  const since = new Date(clock.now().getTime() - sinceMs);
  try {
    const repository = await openRepositoryView(options.folder, options.environment);
    let tip = await publishedTip(repository, options);
    const last = await lastLogs(repository, tip, filterOf(options, since), options.count, (what) => {
      err.write(`bmcron logs: ${printable(what)} is more than is read, so logs may be missing here\n`);
    });
    const unknown = last.length === 0 ? await unknownName(repository, tip, options) : null;
    if (unknown !== null) {
      err.write(`bmcron logs: ${unknown}\n`);
      return 1;
    }
    if (last.length === 0) err.write(`no ${options.failed ? 'failed part' : 'log'} within ${options.since}\n`);
    print(last, options, true);
    const shown = new Set(last.map(keyOf));
    while (follow && !signal.aborted) {
      await clock.sleep(after(clock, options.fetch ? FETCH_MS : LOOK_MS), signal).catch(() => undefined);
      if (signal.aborted) break;
      const now = await publishedTip(repository, options);
      if (now === tip) continue;
      tip = now;
      const from = new Date(Math.max(since.getTime(), clock.now().getTime() - DAY_MS));
      const all = await lastLogs(repository, tip, filterOf(options, from), MOST_NEW);
      const isNew = (each: PublishedLog) => !shown.has(keyOf(each)) && !isBefore(each, last[0]);
      const fresh = all.filter(isNew);
      for (const each of fresh) shown.add(keyOf(each));
      print(fresh, options, false);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError)) throw error;
    err.write(`bmcron logs: ${error.message}\n`);
    return 3;
  }
}

/** A run's results are public within a day, or nobody follows any more. */
const DAY_MS = 86_400_000;

function filterOf({ job, machine, failed }: LogsOptions, since: Date): LogFilter {
  return { ...(job !== undefined && { job }), ...(machine !== undefined && { machine }), failed, since };
}

/** Older than what was shown first: left out by `--count`. */
function isBefore({ log }: PublishedLog, first: PublishedLog | undefined): boolean {
  return first !== undefined && log.Timestamp < first.log.Timestamp;
}

function keyOf({ path, log }: PublishedLog): string {
  return `${path} ${log.JobID} ${log.MachineID} ${log.Timestamp}`;
}

/** Which of the names that were given is none of the fleet's, in words; null: they are known. */
async function unknownName(repository: RepositoryView, tip: string, options: LogsOptions): Promise<string | null> {
  const { fleet } = await repository.at(tip);
  const { job, machine } = options;
  if (job !== undefined && !fleet.jobs.has(job)) return `no job ${show(job)}${didYouMean(job, fleet.jobs.keys())}`;
  if (machine === undefined || fleet.machines.has(machine)) return null;
  return `no machine ${show(machine)}${didYouMean(machine, fleet.machines.keys())}`;
}

function print(found: readonly PublishedLog[], { out, format, follow, color }: LogsOptions, isFirst: boolean): void {
  if (format === 'json') {
    const documents = found.map(({ path, log }) => ({ path, ...log }));
    if (!follow) out.write(`${printableJson(documents, 2)}\n`);
    else for (const each of documents) out.write(`${printableJson(each)}\n`);
    return;
  }
  if (found.length === 0) return;
  const text = logTable(found, color);
  out.write(isFirst ? text : text.slice(text.indexOf('\n') + 1));
  if (isFirst && !follow) {
    const failed = found.filter(({ log }) => log.Status === 'failed').length;
    if (failed > 0 && failed < found.length) out.write(`${counted(failed, 'part')} of ${found.length} failed\n`);
  }
}

/** Logs as a table: what became of each part, old → new, and why it failed. */
export function logTable(found: readonly PublishedLog[], color: boolean): string {
  const rows = found.map(({ log }) => {
    const note = [changesText(log), log.Error ?? ''].filter((text) => text !== '').join('; ');
    return [log.Timestamp, log.JobID, log.MachineID, log.Action, log.Status, log.ExecutionTime, note].map(printable);
  });
  const paint = (cell: string, column: number) =>
    color && column === STATUS_COLUMN ? `\u001b[${cell.trim() === 'failed' ? RED : GREEN}m${cell}\u001b[0m` : cell;
  return table(['TIME', 'JOB', 'MACHINE', 'ACTION', 'STATUS', 'TOOK', ''], rows, paint);
}

const STATUS_COLUMN = 4;
