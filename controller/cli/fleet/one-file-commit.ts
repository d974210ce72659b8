import { rm } from 'node:fs/promises';
import { headBranch } from '../../git/checkout.ts';
import { type RepositoryView, RepositoryViewError } from './repository-view.ts';

/** How long a push or a fetch may take, in milliseconds. */
export const PUSH_MS = 60_000;
/** Environment variables that say who commits, and by which key it is signed. */
const IDENTITY_VARIABLES = /^(GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|SSH_AUTH_SOCK|GNUPGHOME|GPG_TTY)$/;

/** Where the commit goes. */
export interface Destination {
  /** The branch that is checked out. */
  readonly branch: string;
  /** Null: it stays here. */
  readonly remote: { readonly name: string; readonly ref: string } | null;
}

/** Where a person's commit goes. @throws RepositoryViewError while no branch is checked out */
export async function destinationOf({ git }: RepositoryView, push: boolean): Promise<Destination> {
  const branch = await headBranch(git);
  if (branch === null)
    throw new RepositoryViewError('no branch is checked out here: check out the one that the service follows');
  const setting = async (...args: string[]) => (await git.text(args).catch(() => '')).trim();
  const remotes = (await setting('remote')).split('\n').filter((name) => name !== '');
  const configured = await setting('config', '--get', `branch.${branch}.remote`);
  const name = remotes.includes(configured) ? configured : remotes.includes('origin') ? 'origin' : null;
  if (!push || name === null) return { branch, remote: null };
  const ref = (await setting('config', '--get', `branch.${branch}.merge`)) || `refs/heads/${branch}`;
  return { branch, remote: { name, ref } };
}

/** The newest commit there. @throws RepositoryViewError, GitError */
export async function newestTip(
  { git, find, commit }: RepositoryView,
  { remote, branch }: Destination,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (!remote) return commit(`refs/heads/${branch}`);
  await git.network(['fetch', '--quiet', '--no-tags', remote.name, remote.ref], PUSH_MS, signal);
  const tip = await find('FETCH_HEAD');
  if (tip === null) throw new RepositoryViewError(`${remote.name} has no ${remote.ref}: push the branch first`);
  return tip;
}

/** A commit of one file on a tip. */
export interface FileCommit {
  readonly tip: string;
  /** From the repository's top. */
  readonly path: string;
  /** `100644` */
  readonly mode: string;
  readonly text: string;
  readonly message: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Makes the commit, signed where git is set up so; no branch and no work tree knows of it yet. @throws GitError */
export async function commitFile(
  { git, place }: RepositoryView,
  { tip, path, mode, text, message, environment: given }: FileCommit,
): Promise<string> {
  const blob = (await git.text(['hash-object', '-w', '--stdin', '--no-filters'], { input: text })).trim();
  const index = `${place.git}/bmcron-commit-${process.pid}`;
  const environment = { GIT_INDEX_FILE: index };
  try {
    await git.text(['read-tree', tip], { environment });
    await git.text(['update-index', '-z', '--index-info'], { input: `${mode} ${blob}\t${path}\0`, environment });
    const tree = (await git.text(['write-tree'], { environment })).trim();
    const identity = Object.entries(given).filter(
      ([key, value]) => IDENTITY_VARIABLES.test(key) && value !== undefined,
    );
    const signs = (await git.text(['config', '--get', '--bool', 'commit.gpgsign']).catch(() => '')).trim() === 'true';
    const args = ['commit-tree', tree, '-p', tip, ...(signs ? ['-S'] : [])];
    const commit = await git.text(args, {
      input: message,
      environment: Object.fromEntries(identity) as Record<string, string>,
    });
    return commit.trim();
  } finally {
    await rm(index, { force: true });
  }
}
