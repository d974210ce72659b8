import { randomBytes } from 'node:crypto';
import type { Job } from '../../definitions/job.ts';
import type { Fleet } from '../../definitions/manifest/fleet.ts';
import { didYouMean, printable, printableJson, show, some } from '../../definitions/values/text.ts';
import { compactTimestamp } from '../../definitions/values/time.ts';
import { withTrigger } from '../../definitions/yaml/edit.ts';
import type { Clock } from '../clock.ts';
import { GitError } from '../git/error.ts';
import { updateCheckout } from '../git/worktree.ts';
import { commitFile, type Destination, destinationOf, newestTip, PUSH_MS } from './fleet/one-file-commit.ts';
import { openRepositoryView, type RepositoryView, RepositoryViewError } from './fleet/repository-view.ts';
import type { Output } from './report.ts';
import { waitForRun } from './trigger-wait.ts';

export interface TriggerOptions {
  /** The fleet's folder, in a repository. */
  readonly folder: string;
  readonly job: string;
  readonly format: 'text' | 'json';
  readonly push: boolean;
  /** Follows the run to its end. */
  readonly wait: boolean;
  /** How long, in milliseconds. */
  readonly timeoutMs: number;
  /** The branch that the service writes status to, when it is not the one that is checked out. */
  readonly branch?: string;
  readonly clock: Clock;
  /** Ends what asks or pushes to the remote. */
  readonly signal?: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
  readonly out: Output;
  readonly err: Output;
}

const ATTEMPTS = 6;
/** The job cannot be triggered as it is. */
class TriggerRefused extends Error {}

/**
 * Writes a new `Trigger` token into a job's manifest, commits that one line, and pushes it. What else is changed or
 * committed here and not pushed yet is left alone.
 * @returns the exit code: 0 done, 1 no such job, 3 it could not be committed or pushed; with `wait` that of the run
 */
export async function trigger(options: TriggerOptions): Promise<number> {
  const { job, format, clock, out, err } = options;
  try {
    const repository = await openRepositoryView(options.folder, options.environment);
    const destination = await destinationOf(repository, options.push);
    const token = `${compactTimestamp(clock.now()).replace('_', 'T')}Z-${randomBytes(2).toString('hex')}`;
    const { commit, isSuspended } = await deliver(repository, destination, options, token);
    const { remote, branch } = destination;
    const where = remote
      ? `pushed to ${remote.name} (${remote.ref.replace('refs/heads/', '')})`
      : `on ${branch}, not pushed`;
    if (isSuspended) err.write(`${job} is suspended: this runs it once, and its schedule stays suspended\n`);
    out.write(
      format === 'json'
        ? `${printableJson({ job, token, commit })}\n`
        : `${job}: Trigger ${token} in commit ${commit.slice(0, 10)}, ${where}\n`,
    );
    return options.wait ? await waitForRun(repository, { ...options, token, fetch: remote !== null }) : 0;
  } catch (error) {
    if (!(error instanceof TriggerRefused || error instanceof RepositoryViewError || error instanceof GitError))
      throw error;
    err.write(`bmcron trigger: ${error.message}\n`);
    return error instanceof TriggerRefused ? 1 : 3;
  }
}

/** The commit with the new token. */
interface Delivered {
  readonly commit: string;
  readonly isSuspended: boolean;
}

/** Commits on the newest tip, and again on a newer one when somebody was faster. */
async function deliver(
  repository: RepositoryView,
  to: Destination,
  options: TriggerOptions,
  token: string,
): Promise<Delivered> {
  for (let attempt = 1; ; attempt += 1) {
    const tip = await newestTip(repository, to, options.signal);
    const delivered = await commitOn(repository, tip, options, token);
    const { commit } = delivered;
    try {
      if (to.remote)
        await repository.git.network(
          ['push', '--quiet', to.remote.name, `${commit}:${to.remote.ref}`],
          PUSH_MS,
          options.signal,
        );
      else await moveBranch(repository, to.branch, tip, commit);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (options.signal?.aborted)
        throw new GitError(
          `ended by a signal: whether ${commit.slice(0, 10)} was pushed is not known; look first`,
          null,
        );
      const now = await newestTip(repository, to, options.signal);
      if (now !== commit && (now === tip || attempt >= ATTEMPTS)) throw error; // not a race: refused
      if (now !== commit) continue;
    }
    if (to.remote) await followUp(repository, to, tip, commit, options);
    return delivered;
  }
}

/** The commit of the one line on a tip. */
async function commitOn(
  repository: RepositoryView,
  tip: string,
  options: TriggerOptions,
  token: string,
): Promise<Delivered> {
  const { git, prefix } = repository;
  const { fleet } = await repository.at(tip);
  const job = fleet.jobs.get(options.job);
  if (!job) {
    const advice = didYouMean(options.job, fleet.jobs.keys()) || othersIn(fleet);
    throw new TriggerRefused(`no valid job ${show(options.job)} in commit ${tip.slice(0, 10)}${advice}`);
  }
  const text = await withToken(repository, tip, job, token);
  const path = prefix + job.source.file;
  const mode = (await git.text(['ls-tree', '-z', '--full-tree', tip, '--', path])).slice(0, 6);
  const { environment } = options;
  const commit = await commitFile(repository, { tip, path, mode, text, message: `Trigger ${job.id}\n`, environment });
  return { commit, isSuspended: job.spec.Suspend === true };
}

/** What can be triggered instead of a job that is not there. */
function othersIn({ jobs, refused }: Fleet): string {
  const there = jobs.size === 0 ? ': there is none' : `: there are ${some([...jobs.keys()].map(printable), 8)}`;
  return refused.size === 0 ? there : `${there}; one that is refused cannot be triggered, see bmcron validate`;
}

async function withToken(repository: RepositoryView, tip: string, { id, source }: Job, token: string): Promise<string> {
  const bytes = (await repository.texts(tip, (path) => path === source.file)).get(source.file);
  const text = bytes ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) : '';
  const result = withTrigger(text, source.document, token);
  if (result !== null) return result;
  throw new TriggerRefused(
    `${source.file} is written so that no line alone can be changed: give ${id} the field Trigger: ${token} by hand`,
  );
}

/** Brings the branch that is checked out to the commit; a manifest with edits of its own must not be written over. */
async function moveBranch(repository: RepositoryView, branch: string, from: string, commit: string): Promise<void> {
  const { git, place } = repository;
  const ref = `refs/heads/${branch}`;
  if (place.top === null) {
    await git.text(['update-ref', '-m', 'bmcron trigger', ref, commit, from]);
    return;
  }
  const paths = await git.text(['diff-tree', '-r', '-z', '--name-only', '--no-commit-id', commit]);
  const names = paths.split('\0').filter((path) => path !== '');
  const dirty = await git.text(['status', '--porcelain', '-z', '--', ...names]);
  if (dirty !== '')
    throw new RepositoryViewError(`${names.join(', ')} has edits that are not committed: commit or stash them first`);
  await updateCheckout({ git, folder: place.git, top: place.top, ref, commit, from });
  // The file is its owner's, and no longer as it is in Git where line ends or filters say so.
  await git.text(['checkout-index', '--force', '--index', '-z', '--stdin'], { input: paths });
}

/** Moves the branch here to what was pushed, if it is where the commit was built on. */
async function followUp(
  repository: RepositoryView,
  { branch }: Destination,
  tip: string,
  commit: string,
  { err }: TriggerOptions,
): Promise<void> {
  try {
    if ((await repository.find(`refs/heads/${branch}`)) !== tip)
      throw new RepositoryViewError('the branch here is another');
    await moveBranch(repository, branch, tip, commit);
  } catch (error) {
    if (!(error instanceof RepositoryViewError || error instanceof GitError)) throw error;
    err.write('your work tree is as it was: git pull brings the new line\n');
  }
}
