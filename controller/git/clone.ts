import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Observe } from '../events/git-event.ts';
import type { Address } from './address.ts';
import type { Branch } from './branch.ts';
import { repairClone, setAside, unclean } from './clone-repair.ts';
import { type Git, openGit } from './command.ts';
import { GitError } from './error.ts';
import { fetchBranches, type Network, trackingRef } from './fetch.ts';
import { keep } from './kept-refs.ts';
import { contains, readRef, resolveRef } from './refs.ts';

const NETWORK_MS = 120_000;
/** A server that says nothing for so long has gone away (git's own `http.lowSpeedTime`, seconds). */
const SILENT_S = 30;

/** A private copy of a remote repository, made to be thrown away: all of it can be fetched again. */
export interface Clone {
  readonly git: Git;
  /** The branch that is followed. */
  readonly branch: string;
  /** Brings the branches up to date; those that the remote does not have are absent afterwards. @throws GitError */
  fetch(): Promise<void>;
  /** Resolves when it is known, and told, whether the last fetch found a history rewritten. @throws GitError */
  compared(): Promise<void>;
  /** The tip of a branch as last fetched or pushed. */
  tip(branch: string): Promise<string | null>;
  /** Sets a clone that cannot be read aside and fetches all of it again. @throws GitError */
  renew(): Promise<void>;
  /** The remote as somewhere to publish to. */
  target(branch: string, shared: boolean): Branch;
}

/** What a clone is made of. */
export interface CloneOptions {
  /** Where it is kept: a bare repository. */
  readonly folder: string;
  readonly address: Address;
  readonly environment: NodeJS.ProcessEnv;
  /** Followed; by default the remote's own. */
  readonly branch: string | undefined;
  /** The branch that was followed before, for when nobody answers. */
  readonly branchBefore: () => Promise<string | null>;
  readonly statusBranch: string | undefined;
  readonly clock: Clock;
  readonly observe: Observe;
  /** The limit of one conversation with the remote. */
  readonly timeoutMs: number | undefined;
}

/** Opens the private clone, made when there is none. @throws GitError when the remote is needed and does not answer */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { folder, address, clock, observe } = options;
  const git = await prepare(options);
  let turn: Promise<unknown> = Promise.resolve();
  /** What the last conversation brought, held against what was there before. */
  let compared: Promise<unknown> = Promise.resolve();
  let reached: Date | null = null;
  let away = false;
  /** One conversation at a time: two fetches would take each other's ref locks. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => undefined).then(() => compared.catch(() => undefined));
    return result;
  }
  async function before(error: unknown): Promise<string> {
    const branch = await options.branchBefore();
    if (branch === null || !(error instanceof GitError)) throw error;
    return branch;
  }
  const network: Network = (args) => git.network(args, options.timeoutMs ?? NETWORK_MS);
  const branch = options.branch ?? (await ownBranch(git, network, address).catch(before));
  const branches = [branch, ...(options.statusBranch === undefined ? [] : [options.statusBranch])];
  const tip = (name: string) => readRef(git, trackingRef(name));

  async function fetch(): Promise<void> {
    const before = await Promise.all(branches.map(tip));
    try {
      await fetchBranches(git, network, branches);
    } catch (error) {
      if (!away && error instanceof GitError) observe({ kind: 'RemoteUnreachable', reason: error.message });
      away = true;
      throw error;
    }
    reached = clock.now();
    if (away) observe({ kind: 'RemoteReachable' });
    away = false;
    // Beside what follows: nearly always there is nothing to report.
    compared = Promise.all(branches.map((name, index) => reportRewritten(name, before[index] ?? null)));
    compared.catch(() => undefined); // who looks hears of it
  }

  /** Fast-forwards are the rule: a plain refspec would refuse them, so what was seen is compared afterwards. */
  async function reportRewritten(name: string, was: string | null): Promise<void> {
    const now = await tip(name);
    if (was === null || was === now || (now !== null && (await contains(git, now, was)))) return;
    const kept = await keep(git, was, clock.now());
    observe({ kind: 'SourceRewritten', was, tip: now ?? '(gone)', kept });
  }

  return {
    git,
    branch,
    fetch: () => inTurn(fetch),
    compared: async () => void (await compared),
    tip,
    renew: () =>
      inTurn(async () => {
        await setAside(folder, observe);
        await createClone(folder, address, options.environment);
        await git.text(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
        await fetch();
      }),
    target: (name, shared) => ({
      git,
      branch: name,
      shared,
      tip: () => tip(name),
      refresh: async () => {
        await inTurn(fetch);
        await compared;
        return tip(name);
      },
      advance: (commit) =>
        inTurn(async () => {
          await network(['push', '--quiet', '--no-verify', '--no-signed', 'origin', `${commit}:refs/heads/${name}`]);
          await git.text(['update-ref', trackingRef(name), commit]);
          reached = clock.now();
        }),
      busy: () => Promise.resolve(null),
      get reached() {
        return reached;
      },
    }),
  };
}

/** The clone, sound and with the address of its remote; its door carries what reaching the remote takes. */
async function prepare({ folder, address, environment, observe }: CloneOptions): Promise<Git> {
  const settings: [string, string][] = [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(SILENT_S)],
    ...address.settings.map(([name, value]): [string, string] => [name, value]),
  ];
  const git = openGit(folder, { ...environment, ...address.environment }, folder, settings);
  if (await exists(folder)) await repairClone(git, await unclean(folder), observe);
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
  const told = await network(['ls-remote', '--symref', 'origin', 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(told)?.[1];
  if (branch === undefined) throw new GitError(`${address.url} has no commit yet: push one, or name --branch`, null);
  await git.text(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  return branch;
}

const UNKNOWN = 'bmcron-unknown';

async function createClone(folder: string, address: Address, environment: NodeJS.ProcessEnv): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const git = openGit(draft, environment);
  await git.text(['init', '--quiet', '--bare', '--template=', `--initial-branch=${UNKNOWN}`, draft]);
  await git.text(['config', 'core.logAllRefUpdates', 'false']);
  await setAddress(git, address);
  await rename(draft, folder);
}

const exists = (path: string): Promise<boolean> => stat(path).then(Boolean, () => false);
