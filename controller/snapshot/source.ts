import { isAbsolute, join, relative } from 'node:path';
import { some } from '../../definitions/values/text.ts';
import type { Deps } from '../events/deps.ts';
import type { GitEvent } from '../events/git-event.ts';
import { type Address, addressOf, addressOfRemote, localFolder, rewritten, withLoginFile } from '../git/address.ts';
import { type Branch, checkBeside, checkBranchName } from '../git/branch.ts';
import { headBranch, openCheckoutBranch } from '../git/checkout.ts';
import { type Clone, openClone } from '../git/clone.ts';
import { DURABLE, type Git, openGit } from '../git/command.ts';
import { type GitFolder, gitFolder, isRemoteURL, isTrustedAlone } from '../git/discover.ts';
import { GitError } from '../git/error.ts';
import type { Identity } from '../git/fast-import.ts';
import { contains, keep, readRef } from '../git/refs.ts';
import { claimState, type Owner, readOwner, refuseOthers } from '../state/owner.ts';
import { createLastSnapshotFile, type LastSnapshotFile } from './last-snapshot.ts';
import { type Acceptance, createAcceptance } from './signatures.ts';
import { RemoteAway, RepositoryError } from './snapshot.ts';

/** Where a fleet is, and which of its branches are read and written. */
export interface FleetLocation {
  /** A folder in a work tree or bare repository, or a URL. */
  readonly fleet: string;
  /** The fleet's folder inside the repository. */
  readonly path?: string | undefined;
  /** The name of a work tree's remote: read and written instead of the work tree's own branch. */
  readonly remote?: string | undefined;
  /** Followed; by default the one that is checked out, or the remote's own. */
  readonly branch?: string | undefined;
  /** An orphan branch for what the service writes; by default it goes to the followed branch. */
  readonly statusBranch?: string | undefined;
  /** An SSH allowed-signers file (R45). */
  readonly verifyCommits?: string | undefined;
  /** The SSH key with which the service signs its own commits. */
  readonly signingKey?: string | undefined;
  /** An SSH allowed-signers file of the keys of controllers; by default the service's own public key. */
  readonly ownSigners?: string | undefined;
  /** A commit whose removals of jobs are confirmed, however many they are (R47). */
  readonly acceptRemovals?: string | undefined;
  /** A file with the login for a remote over HTTP. */
  readonly remoteCredentials?: string | undefined;
  /** The limit of one conversation with the remote, milliseconds; two minutes by default. */
  readonly timeoutMs?: number | undefined;
}

/** A fleet's repository as it is reached: where manifests are read, and where the service writes. */
export interface FleetSource {
  readonly git: Git;
  /** Where the service writes. */
  readonly branch: Branch;
  /** The followed branch: where manifests are. */
  readonly followed: Branch;
  /** Where the remote is, without a password; null without a remote. */
  readonly url: string | null;
  readonly watched: readonly string[];
  /** The newest commit that may take effect, after asking the remote. @throws RepositoryError */
  acceptable(): Promise<string>;
  /** The oldest commit of that one's history whose state may take effect once more (R45); null: any may. */
  vouchedFrom(commit: string): Promise<string | null>;
  /** Makes the state folder this fleet's, once it is known that there is one. */
  claim(): Promise<void>;
  /** Resolves when what `acceptable` began beside it is over, and reported. @throws GitError */
  compared(): Promise<void>;
  /** What the fleet said last, for when neither clone nor remote can say; null where there is no clone. */
  readonly lastSnapshot: LastSnapshotFile | null;
  /** Makes what cannot be read readable again, or rejects with the error that said so. */
  repair(error: unknown): Promise<void>;
}

export interface FleetSourceOptions extends Deps<GitEvent> {
  readonly location: FleetLocation;
  readonly stateDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  /** The service's identity: a key of its own is good for its own paths alone (R45). */
  readonly identity: Identity;
  /** The allowed-signers file of the keys of controllers; null: there are none. */
  readonly ownSigners: string | null;
  /** Ends all conversations with the remote: the service is asked to end before it has begun. */
  readonly signal?: AbortSignal | undefined;
  /** Ends what only asks for newer commits. */
  readonly looks?: AbortSignal | undefined;
}

/** Finds out how a fleet is reached (docs/git.md, Where it reads and writes). @throws RepositoryError */
export async function openSource(options: FleetSourceOptions): Promise<FleetSource> {
  const { environment } = options;
  const { fleet, remote, branch, statusBranch } = options.location;
  try {
    if (branch !== undefined) await checkBranchName('--branch', branch, environment);
    if (statusBranch !== undefined) await checkBranchName('--status-branch', statusBranch, environment);
    if (isRemoteURL(fleet)) return await openRemote(options, addressOf(fleet));
    const place = await gitFolder(fleet, environment);
    const top = place.top ?? place.git;
    const git = openGit(place.git, environment, top, undefined, DURABLE);
    if (remote === undefined) return await openCheckout(options, git, place);
    const isOthers = await isTrustedAlone(fleet, environment);
    return await openRemote(options, await addressOfRemote(git, remote, top, isOthers));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new RepositoryError(`${addressOf(fleet).url}: ${error.message}`, { cause: error });
  }
}

async function openCheckout(options: FleetSourceOptions, git: Git, place: GitFolder): Promise<FleetSource> {
  const { location, prefix, stateDir } = options;
  const { fleet, statusBranch } = location;
  const name = location.branch ?? (await headBranch(git));
  if (name === null) {
    throw new RepositoryError(`HEAD of ${fleet} is on no branch: check one out, or name it with --branch`);
  }
  if (statusBranch !== undefined) checkBeside(statusBranch, name);
  const owner: Owner = { repository: repositoryName(stateDir, place), path: prefix, branch: name };
  refuseOthers(stateDir, await readOwner(stateDir), owner);
  const shared = statusBranch === undefined;
  const branch = await openCheckoutBranch(git, place, { name: statusBranch ?? name, shared, prefix });
  const reportRewritten = createHistoryWatch(git, options);
  const { accept, vouchedFrom } = acceptanceOf(git, options);
  return {
    git,
    branch,
    followed: shared ? branch : await openCheckoutBranch(git, place, { name, shared: true, prefix }),
    url: null,
    lastSnapshot: null,
    watched: watchedIn(place, [name, ...(shared ? [] : [statusBranch])]),
    claim: () => claimState(stateDir, owner),
    repair: (error) => Promise.reject(error), // nobody else has this repository
    compared: () => Promise.resolve(),
    vouchedFrom,
    async acceptable() {
      const tip = await readRef(git, `refs/heads/${name}`, place.common);
      if (tip === null) throw missing(name, fleet, await branchesHere(git));
      await reportRewritten(tip);
      return accept(tip);
    },
  };
}

async function openRemote(options: FleetSourceOptions, found: Address): Promise<FleetSource> {
  const { stateDir, environment, signal, looks, clock, observe } = options;
  const { statusBranch, timeoutMs, remoteCredentials } = options.location;
  const plain = await rewritten(found, environment);
  const address = remoteCredentials === undefined ? plain : withLoginFile(plain, remoteCredentials);
  await address.reach(); // a file that cannot be used is a mistake to be told now, and no remote that is away
  const place = { repository: address.url.replace(/\/+$/, ''), path: options.prefix };
  const owner = await readOwner(stateDir);
  const branch = options.location.branch ?? owner?.branch; // what was followed is followed on: no other in silence
  refuseOthers(stateDir, owner, { ...place, ...(branch !== undefined && { branch }) });
  const lastSnapshot = createLastSnapshotFile(join(stateDir, 'snapshot.json'));
  const clone = await openClone({
    folder: join(stateDir, 'repo.git'),
    address,
    environment,
    branch,
    branchBefore: async () => (await lastSnapshot.load())?.branch ?? null,
    statusBranch,
    timeoutMs,
    signal,
    looks,
    clock,
    observe,
  });
  if (statusBranch !== undefined) checkBeside(statusBranch, clone.followed);
  const local = localFolder(address.url);
  const { accept, vouchedFrom } = acceptanceOf(clone.git, options);
  const names = [clone.followed, ...(statusBranch === undefined ? [] : [statusBranch])];
  return {
    git: clone.git,
    branch: clone.branch(statusBranch ?? clone.followed, statusBranch === undefined),
    followed: clone.branch(clone.followed, true),
    url: address.url,
    lastSnapshot,
    watched: local === null ? [] : (await foldersOf(local, environment)).flatMap((place) => watchedIn(place, names)),
    claim: () => claimState(stateDir, { ...place, branch: clone.followed }),
    repair: () => clone.renew(),
    acceptable: async () => accept(await newest(clone, address)),
    compared: clone.compared,
    vouchedFrom,
  };
}

/** The newest commit that is here, after asking for newer ones. A remote that is away stops nothing (R39). */
async function newest(clone: Clone, address: Address): Promise<string> {
  const branch = clone.followed;
  try {
    await clone.fetch();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const here = await clone.tip(branch);
    if (here === null) throw new RemoteAway(`${address.url}: ${error.message}`, { cause: error });
    return here;
  }
  const tip = await clone.tip(branch);
  if (tip === null) throw missing(branch, address.url, await clone.branches());
  return tip;
}

/** Reports when a branch no longer contains what it did, and keeps that. */
function createHistoryWatch(git: Git, { clock, observe }: Deps<GitEvent>): (tip: string) => Promise<void> {
  let seen: string | null = null;
  return async (tip) => {
    const was = seen;
    seen = tip;
    if (was === null || was === tip || (await contains(git, tip, was))) return;
    observe({ kind: 'SourceRewritten', was, tip, kept: await keep(git, was, clock.now()) });
  };
}

/** What may take effect (R45): all, where signatures do not count. */
function acceptanceOf(git: Git, options: FleetSourceOptions): Acceptance {
  const signers = options.location.verifyCommits;
  if (signers === undefined) return { accept: (tip) => Promise.resolve(tip), vouchedFrom: () => Promise.resolve(null) };
  const { stateDir, prefix, identity, ownSigners, observe } = options;
  return createAcceptance({ git, signers, ownSigners, stateDir, prefix, identity, observe });
}

/** The followed branch is not there; the service never makes it. */
function missing(branch: string, where: string, others: readonly string[]): RepositoryError {
  const there = others.length === 0 ? 'no branch at all' : some(others, 5);
  return new RepositoryError(
    `${where} has no branch ${branch} (it has ${there}): push it again, or follow another with --branch; what is in force stays in force, and results wait`,
  );
}

async function branchesHere(git: Git): Promise<readonly string[]> {
  const names = await git.text(['for-each-ref', '--format=%(refname:strip=2)', 'refs/heads/']);
  return names.split('\n').filter((name) => name !== '');
}

/** A repository may be moved with the state inside it. */
function repositoryName(stateDir: string, { common }: GitFolder): string {
  const way = relative(common, stateDir);
  return way.startsWith('..') || isAbsolute(way) ? common : '.';
}

/** The Git folder of a remote that is a folder; while that is away (R39), what it may be once it is back. */
async function foldersOf(local: string, environment: NodeJS.ProcessEnv): Promise<Pick<GitFolder, 'git' | 'common'>[]> {
  try {
    return [await gitFolder(local, environment)];
  } catch {
    return [local, join(local, '.git')].map((git) => ({ git, common: git }));
  }
}

/** The files that a commit, a switch, a reset or a push changes, whether Git keeps refs as files or in tables. */
function watchedIn({ git, common }: Pick<GitFolder, 'git' | 'common'>, branches: readonly string[]): string[] {
  const heads = [...new Set([join(git, 'HEAD'), join(common, 'HEAD')])];
  const refs = branches.map((name) => join(common, 'refs', 'heads', name));
  return [...heads, ...refs, join(common, 'packed-refs'), join(common, 'reftable', 'tables.list')];
}
