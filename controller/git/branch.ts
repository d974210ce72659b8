import { discover, type Git } from './command.ts';
import { GitError } from './error.ts';
import { contains } from './refs.ts';

/** The branch that the service writes to, and how. */
export interface Branch {
  /** The repository in which commits are built. */
  readonly git: Git;
  /** `main` */
  readonly name: string;
  /** Whether the manifests are on this branch too. */
  readonly shared: boolean;
  /** The newest tip known here; null when the branch does not exist yet. */
  tip(): Promise<string | null>;
  /** Asks where the branch is now. @throws GitError when nobody answers */
  refresh(): Promise<string | null>;
  /** Makes a commit the branch's tip if that still is `from`, and never otherwise. @throws GitError */
  advance(commit: string, from: string | null): Promise<void>;
  /** Why nothing may be written right now (a human is in the middle of a merge); null when it may. */
  busy(): Promise<string | null>;
  /** When the remote last answered. */
  readonly reached: Date | null;
}

/** What became of an attempt to make a commit the tip. */
export type AdvanceOutcome =
  /** The branch contains the commit. */
  | { readonly outcome: 'Advanced' }
  /** The branch has another tip than the commit is built on. */
  | { readonly outcome: 'Moved' }
  /** The branch is where it was. */
  | { readonly outcome: 'Refused'; readonly failure: GitError }
  /** Nobody answers. */
  | { readonly outcome: 'Offline'; readonly failure: GitError };

/**
 * Tries to make a commit the tip. A failure is a race if and only if the tip has moved: texts differ from server to
 * server.
 */
export async function tryAdvance(branch: Branch, commit: string, from: string | null): Promise<AdvanceOutcome> {
  try {
    await branch.advance(commit, from);
    return { outcome: 'Advanced' };
  } catch (failure) {
    if (!(failure instanceof GitError)) throw failure;
    return judge(branch, commit, from, failure);
  }
}

async function judge(branch: Branch, commit: string, from: string | null, failure: GitError): Promise<AdvanceOutcome> {
  let now: string | null;
  try {
    now = await branch.refresh();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { outcome: 'Offline', failure: error };
  }
  if (now === commit) return { outcome: 'Advanced' }; // only the answer was lost
  if (now !== null && now !== from && (await contains(branch.git, now, commit))) return { outcome: 'Advanced' };
  return now === from ? { outcome: 'Refused', failure } : { outcome: 'Moved' };
}

/** A branch that cannot be called so, or not beside another one. */
export class BranchNameError extends Error {
  override readonly name = 'BranchNameError';
}

/** Names that git's plumbing takes and people could not type: an option, HEAD by two names, a ref in full. */
const UNTYPABLE = /^-|^@$|^HEAD$|^refs\//;

/** Checks that git takes a name for a branch. @throws BranchNameError, GitError */
export async function checkBranchName(option: string, name: string, environment: NodeJS.ProcessEnv): Promise<void> {
  if (UNTYPABLE.test(name)) {
    const advice = 'it must not begin with - or refs/, and @ and HEAD mean something else';
    throw new BranchNameError(`${option} ${JSON.stringify(name)} is no name of a branch: ${advice}`);
  }
  await discover('/', ['check-ref-format', `refs/heads/${name}`], environment).catch((error: unknown) => {
    if (!(error instanceof GitError) || error.exitCode !== 1) throw error;
    const advice = 'no blanks, no control characters, none of ~ ^ : ? * [ \\, no .. and no .lock at its end';
    throw new BranchNameError(`${option} ${JSON.stringify(name)} is no name of a branch: ${advice}`);
  });
}

/** Checks that a branch can be beside the followed one: a ref is a file, and no folder. @throws BranchNameError */
export function checkBeside(statusBranch: string, followed: string): void {
  const other = `--status-branch ${statusBranch}`;
  if (statusBranch === followed) {
    throw new BranchNameError(`${other} is the followed branch: name another one, or leave the option out`);
  }
  if (statusBranch.startsWith(`${followed}/`) || followed.startsWith(`${statusBranch}/`)) {
    const example = `${followed.replaceAll('/', '-')}-status`;
    throw new BranchNameError(`${other} cannot be beside the branch ${followed}: name it ${example}, for one`);
  }
}
