import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Address } from './address.ts';
import { type Git, GitError, openGit } from './command.ts';
import type { Observe } from './event.ts';
import { repairClone } from './repair.ts';
import type { Target } from './target.ts';

const NETWORK_MS = 120_000;
/** A server that says nothing for so long has gone away (git's own `http.lowSpeedTime`, seconds). */
const SILENT_S = 30;

/** A private copy of a remote repository, made to be thrown away: all of it can be fetched again. */
export interface Clone {
  readonly git: Git;
  /** Brings these branches up to date; those that the remote does not have are absent afterwards. @throws GitError */
  fetch(): Promise<void>;
  /** The tip of a branch as last fetched. */
  tip(branch: string): Promise<string | null>;
  /** The remote as somewhere to publish to. */
  target(branch: string, shared: boolean): Target;
}

/** What a clone is made of. */
export interface CloneOptions {
  /** Where it is kept: a bare repository. */
  readonly folder: string;
  readonly address: Address;
  readonly environment: NodeJS.ProcessEnv;
  readonly branches: readonly string[];
  readonly clock: Clock;
  readonly observe: Observe;
  /** The limit of one conversation with the remote. */
  readonly timeoutMs?: number;
}

/** The ref under which the clone keeps a branch of the remote. */
export function trackingRef(branch: string): string {
  return `refs/bmcron/remote/${branch}`;
}

/** Opens the private clone, made when there is none; nobody is asked yet. @throws GitError */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { folder, address, clock } = options;
  const timeoutMs = options.timeoutMs ?? NETWORK_MS;
  const settings = [['http.lowSpeedLimit', '1'], ['http.lowSpeedTime', String(SILENT_S)], ...address.settings] as [
    string,
    string,
  ][];
  const environment = { ...options.environment, ...address.environment };
  const git = openGit(folder, environment, folder, settings);
  if (await exists(folder)) await repairClone(git, options.observe);
  if (!(await exists(join(folder, 'HEAD')))) await createClone(folder, environment);
  await git.text(['config', 'remote.origin.url', address.url]);
  await git.text(['config', 'remote.origin.pushurl', address.pushUrl]);

  let turn: Promise<unknown> = Promise.resolve();
  let reached: Date | null = null;
  /** One conversation at a time: two fetches would take each other's ref locks. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => undefined);
    return result;
  }
  const network = async (args: readonly string[]) => {
    const text = await git.network(args, timeoutMs);
    reached = clock.now();
    return text;
  };
  const tip = (branch: string) => resolveRef(git, trackingRef(branch));
  const fetch = () => inTurn(() => fetchBranches(git, network, options.branches));

  return {
    git,
    fetch,
    tip,
    target: (branch, shared) => ({
      git,
      branch,
      shared,
      tip: () => tip(branch),
      refresh: async () => {
        await fetch();
        return tip(branch);
      },
      advance: (commit) =>
        inTurn(async () => {
          await network(['push', '--quiet', '--no-verify', '--no-signed', 'origin', `${commit}:refs/heads/${branch}`]);
          await git.text(['update-ref', trackingRef(branch), commit]);
        }),
      busy: () => Promise.resolve(null),
      get reached() {
        return reached;
      },
    }),
  };
}

/** The commit that a ref names, null when there is none. */
export async function resolveRef(git: Git, ref: string): Promise<string | null> {
  try {
    return (await git.text(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])).trim();
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return null;
    throw error;
  }
}

/** Fetches by plain refspecs of a private namespace: `+` here overwrites nobody's branch. */
async function fetchBranches(
  git: Git,
  network: (args: readonly string[]) => Promise<string>,
  branches: readonly string[],
): Promise<void> {
  const spec = (branch: string) => `+refs/heads/${branch}:${trackingRef(branch)}`;
  const fetch = (some: readonly string[]) =>
    network([
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--no-recurse-submodules',
      'origin',
      ...some.map(spec),
    ]);
  try {
    await fetch(branches);
  } catch (error) {
    const listed = await network([
      'ls-remote',
      '--heads',
      'origin',
      ...branches.map((branch) => `refs/heads/${branch}`),
    ]);
    const there = branches.filter((branch) => listed.includes(`\trefs/heads/${branch}\n`));
    if (there.length === branches.length) throw error;
    if (there.length > 0) await fetch(there);
    for (const branch of branches.filter((each) => !there.includes(each))) {
      await git.text(['update-ref', '-d', trackingRef(branch)]);
    }
  }
}

async function createClone(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const git = openGit(draft, environment);
  await git.text(['init', '--quiet', '--bare', '--template=', draft]);
  await git.text(['config', 'core.logAllRefUpdates', 'false']);
  await git.text(['config', 'core.fsync', 'committed']);
  await rename(draft, folder);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
