import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { some } from '../../definitions/values/text.ts';
import type { Deps } from '../events/deps.ts';
import type { GitEvent } from '../events/git-event.ts';
import type { Address } from './address.ts';
import type { Branch } from './branch.ts';
import { repairClone, setAside, staleFiles } from './clone-repair.ts';
import { type Git, openGit } from './command.ts';
import { GitError } from './error.ts';
import { fetchBranches, type Network, type ObjectFormat, OtherFormat, trackingRef } from './fetch.ts';
import { contains, keep, readRef, resolveRef } from './refs.ts';
import type { Setting } from './remote/reach.ts';

const NETWORK_MS = 120_000;
/** A server that says nothing for half a minute has gone away. */
const PATIENCE: readonly Setting[] = [
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '30'],
];

/** A private copy of a remote repository, made to be thrown away: all of it can be fetched again. */
export interface Clone {
  readonly git: Git;
  /** The name of the branch that is followed. */
  readonly followed: string;
  /** Brings the branches up to date; those that the remote does not have are absent afterwards. @throws GitError */
  fetch(): Promise<void>;
  /** Resolves when it is known, and reported, whether the last fetch found a history rewritten. @throws GitError */
  compared(): Promise<void>;
  /** The tip of a branch as last fetched or pushed. */
  tip(branch: string): Promise<string | null>;
  /** The branches that the remote has. @throws GitError */
  branches(): Promise<readonly string[]>;
  /** Sets a clone that cannot be read aside and fetches all of it again. @throws GitError */
  renew(): Promise<void>;
  /** A branch of the remote as somewhere to publish to. */
  branch(name: string, shared: boolean): Branch;
}

export interface CloneOptions extends Deps<GitEvent> {
  /** Where it is kept: a bare repository. */
  readonly folder: string;
  readonly address: Address;
  readonly environment: NodeJS.ProcessEnv;
  /** Followed; by default the remote's own. */
  readonly branch: string | undefined;
  /** The branch that was followed before, for when nobody answers. */
  readonly branchBefore: () => Promise<string | null>;
  readonly statusBranch: string | undefined;
  /** The limit of one conversation with the remote, milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Ends all conversations: the service is asked to end before it has begun. */
  readonly signal: AbortSignal | undefined;
  /** Ends what only asks for newer commits: the service is asked to end, and nothing new takes effect. */
  readonly looks: AbortSignal | undefined;
}

/** What a clone remembers from one conversation with its remote to the next. */
interface CloneState {
  readonly options: CloneOptions;
  readonly git: Git;
  readonly network: Network;
  /** As `network`, for what only asks for newer commits. */
  readonly look: Network;
  readonly followed: string;
  /** The branches that are fetched. */
  readonly branches: readonly string[];
  /** The last conversation, over or not: two fetches at once would take each other's ref locks. */
  turn: Promise<unknown>;
  /** Resolves when what the last fetch brought has been compared with what was there before. */
  compared: Promise<unknown>;
  /** When the remote last answered. */
  reached: Date | null;
  /** Whether the remote does not answer, and that has been reported. */
  isAway: boolean;
}

/** Opens the private clone, made when there is none. @throws GitError when the remote is needed and does not answer */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const git = await prepare(options);
  const { timeoutMs = NETWORK_MS, signal, looks } = options;
  const either = AbortSignal.any([signal, looks].filter((each) => each !== undefined));
  const network: Network = (args) => git.network(args, timeoutMs, signal);
  const look: Network = (args) => git.network(args, timeoutMs, either);
  const followed = await followedBranch(options, git, network);
  const state: CloneState = {
    options,
    git,
    network,
    look,
    followed,
    branches: options.statusBranch === undefined ? [followed] : [followed, options.statusBranch],
    turn: Promise.resolve(),
    compared: Promise.resolve(),
    reached: null,
    isAway: false,
  };
  return {
    git,
    followed,
    fetch: () => inTurn(state, () => fetch(state, look)),
    compared: async () => void (await state.compared),
    tip: (name) => readRef(git, trackingRef(name)),
    branches: () => inTurn(state, () => branchesOf(look)),
    renew: () => inTurn(state, () => renew(state)),
    branch: (name, shared) => branchOf(state, name, shared),
  };
}

/** The branch to follow: the given one, or the remote's own; while nobody answers, the one before. */
async function followedBranch(options: CloneOptions, git: Git, network: Network): Promise<string> {
  if (options.branch !== undefined) return options.branch;
  try {
    return await ownBranch(git, network, options.address);
  } catch (error) {
    const before = await options.branchBefore();
    if (before === null || !(error instanceof GitError)) throw error;
    return before;
  }
}

/** Waits for the conversation before, and for what was to be compared after it. */
function inTurn<T>(state: CloneState, work: () => Promise<T>): Promise<T> {
  const result = state.turn.then(work, work);
  state.turn = result.catch(() => undefined).then(() => state.compared.catch(() => undefined));
  return result;
}

async function fetch(state: CloneState, network = state.network): Promise<void> {
  const { git, branches } = state;
  const { clock, observe, looks } = state.options;
  const before = await Promise.all(branches.map((name) => readRef(git, trackingRef(name))));
  try {
    await fetchBranches(git, network, branches).catch(async (error: unknown) => {
      if (!(error instanceof OtherFormat)) throw error;
      await remake(state, error.format);
      before.fill(null); // nothing of it is in the new clone
      await fetchBranches(git, network, branches);
    });
  } catch (error) {
    if (network === state.look && looks?.aborted) throw error; // it was we who hung up
    if (!state.isAway && error instanceof GitError) observe({ kind: 'RemoteUnreachable', reason: error.message });
    state.isAway = true;
    throw error;
  }
  state.reached = clock.now();
  if (state.isAway) observe({ kind: 'RemoteReachable' });
  state.isAway = false;
  // Beside what follows: nearly always there is nothing to report.
  state.compared = Promise.all(branches.map((name, index) => reportRewritten(state, name, before[index] ?? null)));
  state.compared.catch(() => undefined); // whoever calls `compared` gets the error
}

/** Makes the clone anew for a remote that names its objects otherwise; one that holds something is kept aside. */
async function remake(state: CloneState, format: ObjectFormat): Promise<void> {
  const { folder, address, environment, observe } = state.options;
  const isEmpty = (await state.git.text(['for-each-ref', '--count=1'])) === '';
  if (isEmpty) await rm(folder, { recursive: true, force: true });
  else await setAside(folder, observe, `the remote names its objects by ${format} now`);
  await createClone(folder, address, environment, format);
  await state.git.text(['symbolic-ref', 'HEAD', `refs/heads/${state.followed}`]);
}

/** Fast-forwards are the rule: a plain refspec would refuse the rest, so what was seen is compared afterwards. */
async function reportRewritten(
  { git, options, followed }: CloneState,
  name: string,
  was: string | null,
): Promise<void> {
  const now = await readRef(git, trackingRef(name));
  if (was === null || was === now || (now !== null && (await contains(git, now, was)))) return;
  const kept = await keep(git, was, options.clock.now());
  if (now === null && name === followed) options.observe({ kind: 'BranchGone', branch: name, was, kept });
  else options.observe({ kind: 'SourceRewritten', was, tip: now ?? '(gone)', kept });
}

async function renew(state: CloneState): Promise<void> {
  const { folder, address, environment, observe } = state.options;
  await setAside(folder, observe);
  await createClone(folder, address, environment);
  await state.git.text(['symbolic-ref', 'HEAD', `refs/heads/${state.followed}`]);
  await fetch(state);
}

function branchOf(state: CloneState, name: string, shared: boolean): Branch {
  const { git } = state;
  const tip = () => readRef(git, trackingRef(name));
  return {
    git,
    name,
    shared,
    tip,
    refresh: async () => {
      await inTurn(state, () => fetch(state));
      await state.compared;
      return tip();
    },
    advance: (commit, from) => inTurn(state, () => push(state, name, commit, from)),
    busy: () => Promise.resolve(null),
    get reached() {
      return state.reached;
    },
  };
}

/**
 * The lease is the commit's own parent, so that nothing is forced by it: without it a branch that is gone, or that
 * somebody has just made, would be made or moved all the same.
 */
async function push(state: CloneState, name: string, commit: string, from: string | null): Promise<void> {
  const lease = `--force-with-lease=refs/heads/${name}:${from ?? ''}`;
  const refspec = `${commit}:refs/heads/${name}`; // no `+`: never forced
  await state.network(['push', '--quiet', '--no-verify', '--no-signed', lease, 'origin', refspec]);
  await state.git.text(['update-ref', trackingRef(name), commit]);
  state.reached = state.options.clock.now();
}

/** The clone, sound and with the address of its remote; its commands carry what reaching the remote takes. */
async function prepare({ folder, address, environment, observe }: CloneOptions): Promise<Git> {
  const git = openGit(folder, environment, folder, async () => {
    const { settings, login } = await address.reach();
    return { settings: [...PATIENCE, ...settings], login };
  });
  if (await exists(folder)) await repairClone(git, await staleFiles(folder), observe);
  if (await exists(join(folder, 'HEAD'))) await setAddress(git, address);
  else await createClone(folder, address, environment);
  return git;
}

async function setAddress(git: Git, address: Address): Promise<void> {
  await git.text(['config', 'remote.origin.url', address.url]);
  await git.text(['config', 'remote.origin.pushurl', address.pushUrl]);
}

/** The branch that the remote calls its own: asked once, then remembered in the clone's HEAD. */
async function ownBranch(git: Git, network: Network, address: Address): Promise<string> {
  const remembered = (await git.text(['symbolic-ref', 'HEAD'])).trim().replace('refs/heads/', '');
  if (remembered !== UNKNOWN && (await resolveRef(git, trackingRef(remembered)))) return remembered;
  const printed = await network(['ls-remote', '--symref', 'origin', 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(printed)?.[1];
  if (branch === undefined) throw new GitError(noOwnBranch(address, await branchesOf(network)), null);
  await git.text(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  return branch;
}

function noOwnBranch({ url }: Address, branches: readonly string[]): string {
  if (branches.length === 0) return `${url} has no commit yet: push one, or name --branch`;
  return `HEAD of ${url} names a branch that is not there; name one that is with --branch: ${some(branches, 5)}`;
}

async function branchesOf(network: Network): Promise<readonly string[]> {
  const printed = await network(['ls-remote', '--heads', 'origin']);
  return [...printed.matchAll(/\trefs\/heads\/(.+)$/gm)].map(([, name = '']) => name);
}

const UNKNOWN = 'bmcron-unknown';

/** @param format what nearly every remote has; with another one the first fetch says so */
async function createClone(
  folder: string,
  address: Address,
  environment: NodeJS.ProcessEnv,
  format: ObjectFormat = 'sha1',
): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const git = openGit(fresh, environment);
  const kind = ['--bare', '--template=', `--object-format=${format}`, `--initial-branch=${UNKNOWN}`];
  await git.text(['init', '--quiet', ...kind, fresh]);
  await git.text(['config', 'core.logAllRefUpdates', 'false']);
  await setAddress(git, address);
  await rename(fresh, folder);
}

const exists = (path: string): Promise<boolean> => stat(path).then(Boolean, () => false);
