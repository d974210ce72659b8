import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { discover } from './command.ts';
import { GitError } from './error.ts';

/** Whether a fleet is named by a URL (or `host:path`), and not by a folder of this machine. */
export function isRemoteURL(fleet: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(fleet) || /^[^/\\]+@?[^/\\]*:(?!\\)/.test(fleet);
}

/**
 * Where the service keeps what is not in Git: `bmcron/` inside the fleet's Git folder, so never in a commit; for a URL
 * below XDG_STATE_HOME.
 * @throws GitError when the folder is no Git repository
 */
export async function stateFolder(fleet: string, environment: NodeJS.ProcessEnv): Promise<string> {
  if (!isRemoteURL(fleet)) return join((await gitFolder(fleet, environment)).common, 'bmcron');
  const home = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? homedir(), '.local', 'state');
  const name = basename(fleet.replace(/[/:]+$/, ''), '.git').replace(/[^A-Za-z0-9._-]+/g, '-');
  const digest = createHash('sha256').update(fleet).digest('hex').slice(0, 8);
  return join(home, 'bmcron', `${name}-${digest}`);
}

/**
 * The remote that a folder's branch tracks, by its settings or by what was fetched; null when it has none. Without a
 * name the branch that is checked out is meant.
 * @throws GitError when the folder is no Git repository
 */
export async function trackedRemote(
  folder: string,
  branch: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  const { git, top } = await gitFolder(folder, environment);
  const ask = (...args: string[]) => discover(top ?? git, args, environment).catch(() => []);
  const [head = ''] = branch === undefined ? await ask('symbolic-ref', '--short', '--quiet', 'HEAD') : [branch];
  if (head === '') return null;
  const remotes = (await ask('remote')).filter((name) => name !== '');
  const [configured = ''] = await ask('config', '--get', `branch.${head}.remote`);
  if (remotes.includes(configured)) return configured;
  const refs = new Set(await ask('for-each-ref', '--format=%(refname:strip=2)', 'refs/remotes/'));
  return remotes.find((name) => refs.has(`${name}/${head}`)) ?? null;
}

/** Where the parts of a repository are, absolute; `top` is null for a bare one. */
export interface GitFolder {
  /** The Git folder: of a linked work tree, its own. */
  readonly git: string;
  /** The Git folder that all its work trees share. */
  readonly common: string;
  readonly top: string | null;
}

/** Finds the repository that a folder is in. @throws GitError when there is none */
export async function gitFolder(folder: string, environment: NodeJS.ProcessEnv): Promise<GitFolder> {
  const at = resolve(folder);
  const isFolder = await stat(at).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new GitError(`there is no folder ${folder}`, null);
  const ask = async (...args: string[]) => {
    return discover(at, ['rev-parse', '--path-format=absolute', ...args], environment).catch((error: Error) => {
      if (error.message.includes(DUBIOUS)) throw new GitError(`${folder} ${OTHERS} ${at}`, null);
      if (!error.message.includes('not a git repository')) throw error;
      throw new GitError(
        `${folder} is not in a Git repository: name the folder of a fleet, or run git init there`,
        null,
      );
    });
  };
  const [git = '', common = '', bare, ...more] = await ask('--git-dir', '--git-common-dir', '--is-bare-repository');
  if (more.length > 0) throw new GitError(`${folder} has a line break in its path: rename the folder`, null);
  const [top = null] = bare === 'true' ? [] : await ask('--show-toplevel');
  return { git, common, top };
}

const DUBIOUS = 'dubious ownership';
const OTHERS = [
  'is a repository of another user, who could make git run programs as you: run bmcron as that user,',
  'or trust the folder: git config --global --add safe.directory',
].join(' ');

/** Whether a repository is another user's, and used here only since somebody trusts its folder (`safe.directory`). */
export async function isTrustedAlone(folder: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { PATH, SUDO_UID } = environment;
  const plain = { PATH, SUDO_UID, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  return discover(folder, ['rev-parse', '--git-dir'], plain).then(
    () => false,
    (error: Error) => error.message.includes(DUBIOUS),
  );
}
