import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Observe } from '../events/git-event.ts';
import { type Address, addressOf, addressOfRemote, localFolder } from '../git/address.ts';
import type { Branch } from '../git/branch.ts';
import { headBranch, openCheckoutTarget } from '../git/checkout.ts';
import { type Clone, openClone } from '../git/clone.ts';
import { type Git, openGit } from '../git/command.ts';
import { type GitFolder, gitFolder, isRemoteURL } from '../git/discover.ts';
import { GitError } from '../git/error.ts';
import { keep } from '../git/kept-refs.ts';
import { contains, resolveRef } from '../git/refs.ts';
import { createLastSnapshotFile, type LastSnapshotFile } from './last-snapshot.ts';
import type { RepositoryOptions } from './repository.ts';
import { createVerifier } from './signatures.ts';
import { RemoteAway, RepositoryError } from './snapshot.ts';

/** Where the fleet is read, and where the service writes. */
export interface FleetSource {
  readonly git: Git;
  readonly target: Branch;
  /** The followed branch: where manifests are. */
  readonly manifests: Branch;
  /** Where the remote is, without a password; null without a remote. */
  readonly url: string | null;
  readonly watched: readonly string[];
  /** The newest commit that may take effect, after asking the remote. @throws RepositoryError */
  acceptable(): Promise<string>;
  /** Resolves when what `acceptable` began beside it is over, and told. @throws GitError */
  looked(): Promise<void>;
  /** What the fleet said last, for when neither clone nor remote can say; null where there is no clone. */
  readonly lastSnapshot: LastSnapshotFile | null;
  /** The followed branch. */
  readonly branch: string;
  /** Makes what cannot be read readable again, or rejects with the error that said so. */
  heal(error: unknown): Promise<void>;
}

/** What `openSource` needs: all that has a default is there. */
export interface FleetSourceOptions extends RepositoryOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly observe: Observe;
  readonly prefix: string;
}

/** Finds out how a fleet is reached (git.md §1). @throws RepositoryError */
export async function openSource(options: FleetSourceOptions): Promise<FleetSource> {
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

async function openCheckout(options: FleetSourceOptions, git: Git, place: GitFolder): Promise<FleetSource> {
  const branch = options.branch ?? (await headBranch(place.git));
  if (branch === null) {
    throw new RepositoryError(`HEAD of ${options.fleet} is on no branch: check one out, or name it with --branch`);
  }
  const { statusBranch, prefix } = options;
  const shared = statusBranch === undefined;
  const target = await openCheckoutTarget(git, place, { branch: statusBranch ?? branch, shared, prefix });
  const seen = watchHistory(git, options);
  const judge = judgeOf(git, options);
  return {
    git,
    target,
    manifests: shared ? target : await openCheckoutTarget(git, place, { branch, shared: true, prefix }),
    url: null,
    ...{ lastSnapshot: null, branch },
    watched: watchedIn(place),
    heal: (error) => Promise.reject(error), // nobody else has this repository
    looked: () => Promise.resolve(),
    async acceptable() {
      const tip = present(await resolveRef(git, `refs/heads/${branch}`), branch, options.fleet);
      await seen(tip);
      return judge(tip);
    },
  };
}

async function openRemote(options: FleetSourceOptions, address: Address): Promise<FleetSource> {
  const { stateDir, statusBranch } = options;
  const lastSnapshot = createLastSnapshotFile(join(stateDir, 'snapshot.json'));
  const { branch, timeoutMs } = { branch: undefined, timeoutMs: undefined, ...options };
  const clone = await openClone({
    ...options,
    folder: join(stateDir, 'repo.git'),
    address,
    branch,
    branchBefore: async () => (await lastSnapshot.load())?.branch ?? null,
    statusBranch,
    timeoutMs,
  });
  const local = localFolder(address.url);
  const judge = judgeOf(clone.git, options);
  return {
    git: clone.git,
    target: clone.target(statusBranch ?? clone.branch, statusBranch === undefined),
    manifests: clone.target(clone.branch, true),
    url: address.url,
    ...{ lastSnapshot, branch: clone.branch },
    watched: local === null ? [] : await gitFolder(local, options.environment).then(watchedIn, () => []), // away: R39
    heal: () => clone.renew(),
    acceptable: async () => judge(await newest(clone, address)),
    looked: clone.compared,
  };
}

/** The newest commit that is here, after asking for newer ones. A remote that is away stops nothing (R39). */
async function newest(clone: Clone, address: Address): Promise<string> {
  const { branch } = clone;
  try {
    await clone.fetch();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const here = await clone.tip(branch);
    if (here === null) throw new RemoteAway(`${address.url}: ${error.message}`, { cause: error });
    return here;
  }
  return present(await clone.tip(branch), branch, address.url);
}

/** Reports when a branch no longer contains what it did, and keeps that. */
function watchHistory(git: Git, { clock, observe }: FleetSourceOptions): (tip: string) => Promise<void> {
  let seen: string | null = null;
  return async (tip) => {
    const was = seen;
    seen = tip;
    if (was === null || was === tip || (await contains(git, tip, was))) return;
    observe({ kind: 'SourceRewritten', was, tip, kept: await keep(git, was, clock.now()) });
  };
}

/** What judges a tip: its newest commit that may take effect (R45). */
function judgeOf(git: Git, options: FleetSourceOptions): (tip: string) => Promise<string> {
  const { verifyCommits } = options;
  if (verifyCommits === undefined) return (tip) => Promise.resolve(tip);
  return createVerifier({ ...options, git, signers: verifyCommits });
}

function present(commit: string | null, branch: string, where: string): string {
  if (commit !== null) return commit;
  throw new RepositoryError(`${where} has no commit on branch ${branch}: push one, or name another with --branch`);
}

/** HEAD and the refs: a commit, a switch, a reset or a push changes one of them. */
function watchedIn(place: GitFolder): string[] {
  const heads = [...new Set([join(place.git, 'HEAD'), join(place.common, 'HEAD')])];
  return [...heads, join(place.common, 'refs'), join(place.common, 'packed-refs')];
}
