import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addressOfRemote, reachFrom, withLoginFile } from '../../git/address.ts';
import { headBranch } from '../../git/checkout.ts';
import { type Git, openGit } from '../../git/command.ts';
import { gitFolder, stateFolder, trackedRemote } from '../../git/discover.ts';
import { GitError } from '../../git/error.ts';
import type { Reach } from '../../git/remote/reach.ts';
import { type Check, failed, ok, warning } from './check.ts';

export interface GitChecksOptions {
  readonly folder: string;
  /** A remote's name; absent: the one that the branch tracks. */
  readonly remote?: string | undefined;
  readonly branch?: string | undefined;
  /** A file with the login for the remote. */
  readonly remoteCredentials?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: Date;
}

const NETWORK_MS = 30_000;
/** Clocks of committers differ by this much everywhere. */
const SKEW_MS = 5 * 60_000;

/** The repository, its remote, the right to push there, clocks, and the state folder. Never rejects. */
export async function gitChecks(options: GitChecksOptions): Promise<readonly Check[]> {
  const { folder, environment } = options;
  try {
    const place = await gitFolder(folder, environment);
    const top = place.top ?? place.git;
    const git: Git = openGit(place.git, environment, top, () => reachOf(git, top, options));
    const version = (await git.text(['--version'])).trim();
    const branch = options.branch ?? (await headBranch(git));
    if (branch === null) {
      return [
        failed('git', 'no branch is checked out', 'check out the branch that the service follows, or --branch NAME'),
      ];
    }
    const checks = [ok('git', `${version}; branch ${branch} of ${top}`)];
    checks.push(...(await remoteChecks(git, branch, options)));
    checks.push(...(await clockChecks(git, branch, options.now)));
    checks.push(await stateCheck(options));
    return checks;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return [failed('git', firstLine(error), 'name the folder of a fleet in a Git repository')];
  }
}

/** As the service reaches it: with the login of the file, and no password among arguments. */
async function reachOf(git: Git, top: string, options: GitChecksOptions): Promise<Reach> {
  const { folder, branch, remoteCredentials, environment } = options;
  const plain = await reachFrom(git);
  const remote = options.remote ?? (await trackedRemote(folder, branch, environment));
  if (remoteCredentials === undefined || remote === null) return plain;
  const address = await addressOfRemote(git, remote, top);
  const { settings, login } = await withLoginFile(address, resolve(remoteCredentials)).reach();
  return { settings: [...plain.settings, ...settings], login };
}

async function remoteChecks(git: Git, branch: string, options: GitChecksOptions): Promise<Check[]> {
  const remote = options.remote ?? (await trackedRemote(options.folder, branch, options.environment));
  if (remote === null) {
    const advice = 'fine on one machine; else git remote add origin URL, and run --remote origin';
    return [
      warning('remote', `branch ${branch} tracks no remote: the service would work on this repository alone`, advice),
    ];
  }
  const refs = await git.network(['ls-remote', '--heads', '--', remote], NETWORK_MS).catch((error: Error) => error);
  if (refs instanceof Error) {
    return [
      failed(
        'remote',
        `${remote} does not answer: ${firstLine(refs)}`,
        'try git ls-remote there as the user of the service',
      ),
    ];
  }
  const has = refs.split('\n').some((line) => line.endsWith(`\trefs/heads/${branch}`));
  if (!has) return [failed('remote', `${remote} has no branch ${branch}`, `git push ${remote} ${branch}`)];
  return [ok('remote', `${remote} answers and has ${branch}`), await pushCheck(git, remote, branch)];
}

/** Asks for what a push asks for, and sends nothing; what a forge's rules forbid shows only in a push. */
async function pushCheck(git: Git, remote: string, branch: string): Promise<Check> {
  const probe = `refs/heads/bmcron-doctor-${process.pid}`;
  const target = ['push', '--dry-run', '--quiet', '--', remote, `refs/heads/${branch}:${probe}`];
  const refused = await git.network(target, NETWORK_MS).catch((error: Error) => error);
  if (refused instanceof Error) {
    const advice = 'give the user of the service the right to push, or run with --no-push';
    return failed('push', `${remote} refuses a push: ${firstLine(refused)}`, advice);
  }
  return ok('push', `${remote} takes pushes of this user (whether rules protect ${branch} shows only a push)`);
}

async function clockChecks(git: Git, branch: string, now: Date): Promise<Check[]> {
  const text = await git.text(['log', '-1', '--format=%ct', `refs/heads/${branch}`, '--']).catch(() => '');
  const aheadMs = Number(text.trim()) * 1000 - now.getTime();
  if (text.trim() === '' || aheadMs <= SKEW_MS) return [];
  const found = `the newest commit is ${Math.round(aheadMs / 60_000)} min in the future`;
  return [warning('clock', found, 'one of two clocks is wrong: look at NTP here and where it was committed')];
}

/** Whether the service could keep what must survive a crash. */
async function stateCheck({ folder, stateDir, environment }: GitChecksOptions): Promise<Check> {
  const at = stateDir ?? (await stateFolder(folder, environment));
  for (let place = at; ; place = parentOf(place)) {
    const found = await stat(place).catch(() => null);
    if (!found && place !== parentOf(place)) continue;
    const isWritable = await access(place, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (found?.isDirectory() && isWritable) return ok('state', place === at ? at : `${at} can be made`);
    return failed(
      'state',
      `${place} cannot be written`,
      'give it to the user of the service, or name another with --state-dir',
    );
  }
}

function parentOf(path: string): string {
  return path.replace(/[/\\][^/\\]*$/, '') || '/';
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] ?? message;
}
