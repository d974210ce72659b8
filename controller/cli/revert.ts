import type { JobID } from '../../definitions/job.ts';
import { type PastRun, pastRuns } from '../../definitions/report/past-runs.ts';
import type { RunID } from '../../definitions/run.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { type LeftThere, planRevert, type RevertPlan } from '../../definitions/safety/revert/plan.ts';
import { revertJob } from '../../definitions/safety/revert/revert-job.ts';
import type { LastRun } from '../../definitions/status.ts';
import { counted, printable, show, some } from '../../definitions/values/text.ts';
import { isTimestamp } from '../../definitions/values/time.ts';
import { GitError } from '../git/error.ts';
import { lastLogs } from './fleet/log-reader.ts';
import { commitFile, destinationOf, newestTip, PUSH_MS } from './fleet/one-file-commit.ts';
import { openRepositoryView, type RepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import { type PublishedTipOptions, publishedTip, readStatusFiles } from './fleet/status-files.ts';
import type { Output } from './report.ts';

export interface RevertOptions extends PublishedTipOptions {
  /** The fleet's folder, in a repository. */
  readonly folder: string;
  readonly run: RunID;
  /** Of this machine alone. */
  readonly machine?: string;
  readonly format: 'text' | 'json';
  readonly push: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly out: Output;
}

/** The run cannot be taken back, or not so. */
class RevertRefused extends Error {}

const MOST_LOGS = 100_000;
/** A run that is named by the time that it was for may have begun so much later. */
const LATEST_START_MS = 60_000;
const MOST_NAMED = 8;

/**
 * Writes a job that takes a run back into a branch of its own, for review, and says what it will set, and what it
 * will not and why. No BMC hears of it before the branch is merged.
 * @returns the exit code: 0 done, 1 no such run, or nothing of it can be taken back, 3 not readable or writable
 */
export async function revert(options: RevertOptions): Promise<number> {
  const { err } = options;
  try {
    const repository = await openRepositoryView(options.folder, options.environment);
    const { run, later, tip } = await findRun(repository, options);
    await refuseTargets(repository, tip, run.job);
    const logs = run.logs.map(({ log }) => log).filter(({ MachineID }) => (options.machine ?? MachineID) === MachineID);
    if (logs.length === 0) throw new RevertRefused(noLogs(options, run));
    const plan = planRevert(logs, later);
    if (plan.groups.length === 0) {
      err.write(leftText(plan.left));
      throw new RevertRefused(`there is nothing of ${show(options.run)} to take back`);
    }
    await propose(repository, options, run, plan);
    return 0;
  } catch (error) {
    const isKnown = error instanceof RevertRefused || error instanceof RepositoryViewError || error instanceof GitError;
    if (!isKnown) throw error;
    err.write(`bmcron revert: ${error.message}\n`);
    return error instanceof RevertRefused ? 1 : 3;
  }
}

function noLogs({ run: name, machine }: RevertOptions, { logs }: PastRun): string {
  if (machine === undefined) return `no log tells of ${show(name)}: logs are kept for Logs.KeepDays of bmcron.yaml`;
  const there = logs.map(({ log }) => printable(log.MachineID));
  return `${show(name)} has no log of machine ${show(machine)}: it has ${some(there, MOST_NAMED)}`;
}

/** A processor's limit stands in the log without the processor. */
async function refuseTargets(repository: RepositoryView, tip: string, job: JobID): Promise<void> {
  const { fleet } = await repository.at(tip);
  const has = fleet.jobs.get(job)?.spec.Payload.some(({ Payload }) => Payload['Target'] !== undefined);
  if (has)
    throw new RevertRefused(`${job} names a Target, which no log has: write the job with the old values by hand`);
}

interface FoundRun {
  readonly run: PastRun;
  /** Of parts that began since, whosever. */
  readonly later: readonly LogRecord[];
  /** The commit that the logs are of. */
  readonly tip: string;
}

/** A run by its name, as its status says it, or by the time at which it began. */
async function findRun(repository: RepositoryView, options: RevertOptions): Promise<FoundRun> {
  const at = options.run.lastIndexOf('@');
  const [job, moment] = [options.run.slice(0, at), options.run.slice(at + 1)];
  if (at < 1)
    throw new RevertRefused(`${show(options.run)} is no run: JOB@TIME or JOB@TOKEN, as bmcron status names it`);
  const tip = await publishedTip(repository, options);
  const last = await lastRunOf(repository, tip, job, options);
  const isLast = last?.RunID === options.run;
  if (isLast && last.EndTime === null) throw new RevertRefused(`${show(options.run)} is not over yet`);
  if (!isLast && !isTimestamp(moment))
    throw new RevertRefused(`${show(options.run)} is not the last run of ${job}, ${ADVICE}`);
  const since = new Date(isLast ? last.StartTime : moment);
  const all = await lastLogs(repository, tip, { since }, MOST_LOGS);
  const ended = new Map<JobID, LastRun>(last && last.EndTime !== null ? [[job, last]] : []);
  const runs = pastRuns(
    all.filter(({ log }) => log.JobID === job),
    ended,
  );
  const isNear = ({ start }: PastRun) => Date.parse(start) - since.getTime() < LATEST_START_MS;
  const run =
    runs.find((each) => each.run === options.run) ?? runs.find((each) => each.start === moment) ?? runs.find(isNear);
  if (!run) throw new RevertRefused(`the logs tell of no run ${show(options.run)}; ${ADVICE}`);
  const own = new Set(run.logs.map(({ log }) => log));
  return { run, later: all.map(({ log }) => log).filter((log) => !own.has(log)), tip };
}

const ADVICE = 'an earlier run is named by the time at which it began: JOB@2026-03-10T22:00:00Z';

async function lastRunOf(
  repository: RepositoryView,
  tip: string,
  job: JobID,
  { err }: RevertOptions,
): Promise<LastRun | null> {
  const files = await readStatusFiles({ repository, tip }, err);
  return files.find(({ status }) => status.Id === job)?.status.LastRun ?? null;
}

/** Commits the job on the newest tip, under a branch of its own, and says what it will do. */
async function propose(
  repository: RepositoryView,
  options: RevertOptions,
  run: PastRun,
  plan: RevertPlan,
): Promise<void> {
  const { git, prefix } = repository;
  const { environment, signal, format, out } = options;
  const to = await destinationOf(repository, options.push);
  const tip = await newestTip(repository, to, signal);
  const { name, file, text } = revertJob(run, plan);
  const branch = `bmcron/${name}`;
  const ref = `refs/heads/${branch}`;
  if ((await repository.texts(tip, (path) => path === file)).size > 0)
    throw new RevertRefused(`${file} is there already: this run has been taken back, or is about to be`);
  if ((await repository.find(ref)) !== null)
    throw new RevertRefused(`there is a branch ${branch} already: review it, or delete it first`);
  const message = `Take back ${run.run}\n\n${planText(plan)}`;
  const commit = await commitFile(repository, { tip, path: prefix + file, mode: '100644', text, message, environment });
  const { fleet } = await repository.at(commit);
  const refused = fleet.problems.find((problem) => problem.file === file && problem.severity === 'error');
  if (refused) throw new RevertRefused(`the job would be refused: ${file}:${refused.line} ${refused.message}`);
  if (to.remote) await git.network(['push', '--quiet', to.remote.name, `${commit}:${ref}`], PUSH_MS, signal);
  await git.text(['update-ref', '-m', 'bmcron revert', ref, commit, '']);
  const where = to.remote ? `pushed to ${to.remote.name}` : 'not pushed';
  if (format === 'json') {
    const { values, left } = plan;
    out.write(`${JSON.stringify({ run: run.run, branch, file, commit, values, left }, null, 2)}\n`);
    return;
  }
  out.write(
    `${planText(plan)}branch ${branch} in commit ${commit.slice(0, 10)}, ${where}: merging it runs the job once\n`,
  );
}

/** What is set, and what is not. */
function planText({ values, left }: RevertPlan): string {
  const machines = new Set(values.map(({ machine }) => machine));
  const lines = values.map(({ machine, field, from, to, isPending }) => {
    const wait = isPending ? ' (waits for a reset)' : '';
    return `  ${printable(machine)}: ${printable(field)} ${show(from)} → ${show(to)}${wait}\n`;
  });
  const head = `sets ${counted(values.length, 'value')} on ${counted(machines.size, 'machine')}, each where it still is as the run left it:\n`;
  return head + lines.join('') + leftText(left);
}

function leftText(left: readonly LeftThere[]): string {
  if (left.length === 0) return '';
  const lines = left.map(({ machine, field, reason }) => {
    const what = field === null ? '' : ` ${printable(field)}`;
    return `  ${printable(machine)}:${what} ${printable(reason)}\n`;
  });
  return `not taken back:\n${lines.join('')}`;
}
