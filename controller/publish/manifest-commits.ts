import { isOwn } from '../../definitions/own-paths.ts';
import type { Clock } from '../clock.ts';
import { type AdvanceOutcome, type Branch, tryAdvance } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import { GitError } from '../git/error.ts';
import { fastImport, type Identity, type PathChange } from '../git/fast-import.ts';
import { contains } from '../git/refs.ts';
import { changeTo, obstacleTo, survey } from './commit.ts';

/** A change of manifests on somebody's behalf: texts by path below the fleet's root (null: the file goes). */
export interface Authorship {
  readonly files: ReadonlyMap<string, string | null>;
  readonly message: string;
  readonly author: Identity;
}

/** What became of a change. Whatever it is, the branch holds all of the change or nothing of it. */
export type Authored =
  | { readonly outcome: 'Pushed'; readonly commit: string }
  /** The files say that already. */
  | { readonly outcome: 'Unchanged' }
  /** The branch is not where the change was made for: look again. */
  | { readonly outcome: 'Moved' }
  /** Somebody's work is where the change belongs. */
  | { readonly outcome: 'InTheWay'; readonly reason: string }
  /** A person must change something first. */
  | { readonly outcome: 'Refused'; readonly reason: string }
  /** The remote does not answer. */
  | { readonly outcome: 'Offline'; readonly reason: string };

/** Writes manifests into the fleet's repository for those who ask the service instead of Git. */
export interface ManifestCommits {
  /** Makes a commit on `base`, and it the tip of the followed branch if that still is `base`. @throws GitError */
  write(base: string, authorship: Authorship): Promise<Authored>;
  /** Whether a commit is `ancestor` or built on it. */
  contains(commit: string, ancestor: string): Promise<boolean>;
}

export interface ManifestCommitsOptions {
  /** The followed branch. */
  readonly branch: Branch;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  /** The service: it commits, the caller is the author. */
  readonly committer: Identity;
  readonly clock: Clock;
}

/** The ref under which a change is built; nobody's branch, and not the publisher's. */
const AUTHORED_REF = 'refs/bmcron/authored';

export function createManifestCommits({ branch, prefix, committer, clock }: ManifestCommitsOptions): ManifestCommits {
  const { git } = branch;

  async function write(base: string, { files, message, author }: Authorship): Promise<Authored> {
    const reason = await branch.busy();
    if (reason !== null) return { outcome: 'InTheWay', reason };
    if ((await branch.tip()) !== base) return { outcome: 'Moved' };
    const paths = [...files.keys()].map((path) => prefix + path);
    const alien = paths.find((path) => isOwn(path.slice(prefix.length)) || /\p{Cc}|"|(^|\/)\.{1,2}(\/|$)/u.test(path));
    if (alien !== undefined) return { outcome: 'Refused', reason: `${JSON.stringify(alien)} is no path of a manifest` };
    const entries = await survey(git, base, paths);
    const taken = paths.find((path) => obstacleTo(entries, path) !== null);
    if (taken !== undefined) return { outcome: 'InTheWay', reason: `something else stands at ${taken}` };
    const dirty = await uncommitted(git, paths);
    if (dirty.length > 0) {
      return { outcome: 'InTheWay', reason: `the work tree has uncommitted changes: ${dirty.join(', ')}` };
    }
    const changes = [...files].flatMap(([path, text]): PathChange[] => {
      const change = changeTo(entries, prefix + path, text);
      return change ? [change] : [];
    });
    if (changes.length === 0) return { outcome: 'Unchanged' };
    const draft = { parent: base, message, author, committer, time: clock.now(), changes };
    return advance(await fastImport(git, draft, AUTHORED_REF), base);
  }

  async function advance(commit: string, base: string): Promise<Authored> {
    const advanced = await tryAdvance(branch, commit, base).catch(asOffline);
    if (advanced.outcome === 'Advanced') return { outcome: 'Pushed', commit };
    if (advanced.outcome === 'Moved') return advanced;
    const { outcome, failure } = advanced;
    if (outcome === 'Offline') return { outcome, reason: failure.message };
    // A human who has begun a merge meanwhile: the caller looks again, and is told.
    return (await branch.busy()) === null ? { outcome, reason: failure.message } : { outcome: 'Moved' };
  }

  return { write, contains: (commit, ancestor) => contains(git, commit, ancestor) };
}

/** git itself fails: nobody can say whether the commit is there. */
function asOffline(failure: unknown): AdvanceOutcome {
  if (failure instanceof GitError) return { outcome: 'Offline', failure };
  throw failure;
}

/** Which of these paths somebody has changed in the work tree and not committed; none where there is no work tree. */
async function uncommitted(git: Git, paths: readonly string[]): Promise<string[]> {
  if ((await git.text(['rev-parse', '--is-bare-repository'])).trim() === 'true') return [];
  const flags = ['--porcelain', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=all'];
  const printed = await git.text(['status', ...flags, '--', ...paths], { environment: await withoutFilters(git) });
  return printed.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
}

/** The environment in which no filter of the repository runs: `status` would run them on what it compares. */
async function withoutFilters(git: Git): Promise<Record<string, string>> {
  const listed = await git.text(['config', '--name-only', '-z', '--get-regexp', '^filter[.]']).catch(() => '');
  const names = [...new Set(listed.split('\0').filter((name) => name !== ''))];
  return asWritten(names.map((name) => [name, name.endsWith('.required') ? 'false' : '']));
}
