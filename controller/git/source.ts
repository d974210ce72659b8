import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Address, addressOf, addressOfRemote, localFolder } from './address.ts';
import { checkoutTarget, headBranch } from './checkout.ts';
import { type Clone, openClone, resolveRef } from './clone.ts';
import { type Git, GitError, openGit } from './command.ts';
import type { Observe } from './event.ts';
import { RepositoryError, type RepositoryOptions } from './repository.ts';
import { type GitFolder, gitFolder, isRemoteURL } from './state.ts';
import type { Target } from './target.ts';

/** Where the fleet is read, and where the service writes. */
export interface Source {
  readonly git: Git;
  readonly target: Target;
  readonly watched: readonly string[];
  /** The newest commit that may take effect, after asking the remote. @throws RepositoryError */
  acceptable(): Promise<string>;
}

/** What `openSource` needs: all that has a default is there. */
export interface SourceOptions extends RepositoryOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly observe: Observe;
  readonly prefix: string;
}

/** Finds out how a fleet is reached (git.md §1). @throws RepositoryError */
export async function openSource(options: SourceOptions): Promise<Source> {
  const { fleet, environment } = options;
  try {
    if (isRemoteURL(fleet)) return await openRemote(options, addressOf(fleet));
    const place = await gitFolder(fleet, environment);
    const git = openGit(place.git, environment, place.top ?? place.git);
    if (options.remote === undefined) return await openCheckout(options, git, place);
    return await openRemote(options, await addressOfRemote(git, options.remote, place.top ?? place.git));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new RepositoryError(`${addressOf(fleet).url}: ${error.message}`, { cause: error });
  }
}

async function openCheckout(options: SourceOptions, git: Git, place: GitFolder): Promise<Source> {
  const branch = options.branch ?? (await headBranch(place.git));
  if (branch === null) {
    throw new RepositoryError(`HEAD of ${options.fleet} is on no branch: check one out, or name it with --branch`);
  }
  const target = checkoutTarget(git, place, options.statusBranch ?? branch, options.statusBranch === undefined);
  return {
    git,
    target,
    watched: watchedIn(place),
    acceptable: async () => present(await resolveRef(git, `refs/heads/${branch}`), branch, options.fleet),
  };
}

async function openRemote(options: SourceOptions, address: Address): Promise<Source> {
  const { stateDir, environment, clock, observe, statusBranch } = options;
  const folder = join(stateDir, 'repo.git');
  const timeout = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  const open = { folder, address, environment, clock, observe, ...timeout };
  const branch = options.branch ?? 'main';
  const clone = await openClone({ ...open, branches: statusBranch === undefined ? [branch] : [branch, statusBranch] });
  const local = localFolder(address.url);
  return {
    git: clone.git,
    target: clone.target(statusBranch ?? branch, statusBranch === undefined),
    watched: local === null ? [] : watchedIn(await gitFolder(local, environment)),
    acceptable: () => newest(clone, branch, address, observe),
  };
}

async function newest(clone: Clone, branch: string, address: Address, observe: Observe): Promise<string> {
  try {
    await clone.fetch();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if ((await clone.tip(branch)) === null)
      throw new RepositoryError(`${address.url}: ${error.message}`, { cause: error });
    observe({ kind: 'RemoteUnreachable', reason: error.message });
  }
  return present(await clone.tip(branch), branch, address.url);
}

function present(commit: string | null, branch: string, where: string): string {
  if (commit !== null) return commit;
  throw new RepositoryError(`${where} has no commit on branch ${branch}: push one, or name another with --branch`);
}

function watchedIn(place: GitFolder): string[] {
  const heads = [...new Set([join(place.git, 'HEAD'), join(place.common, 'HEAD')])];
  return [...heads, join(place.common, 'refs'), join(place.common, 'packed-refs')];
}
