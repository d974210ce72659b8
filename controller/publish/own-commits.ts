import { isOwn } from '../../definitions/own-paths.ts';
import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import { signaturesOf } from '../git/signature.ts';
import { type CommitChanges, commitsIn, type TreeEntry, trailersIn } from '../git/tree.ts';
import { newestChange, watermarkAt } from './watermark.ts';

/** Commits that are looked through at once: nearly always the newest one is all that is needed. */
const CHUNKS = [1, 10, 100];
/** So many commits are looked through for the newest one that is a controller's. */
const CLAIMS = 1_000;
/** Who made a commit of the service says so there: the journal's ID. */
const TRAILER = 'Bmcron-Controller';

/**
 * Which commits controllers made, this one or another. Such a commit has the trailer, one parent or none, and touches
 * the service's own paths alone; where signatures count, a key of the service has signed it. What stands in the
 * service's files otherwise, somebody else has put there (R37).
 */
export interface OwnCommits {
  /** Whether signatures count. */
  readonly isSigned: boolean;
  /** The newest one of a range (revisions of `rev-list`); `by` wants a certain journal's. */
  newest(range: readonly string[], by?: string): Promise<string | null>;
  /**
   * What they wrote last in a range, by path below the repository's root; null: they removed it.
   * @param enough no older commit is looked at once all of these are found
   */
  lastWritten(range: readonly string[], places: readonly string[], enough?: Iterable<string>): Promise<Written>;
  /**
   * What was written beside the newest one, on lines that it has not seen: which of the two was last, nobody can tell.
   * Paths below the repository's root.
   */
  contested(range: readonly string[], places: readonly string[]): Promise<ReadonlySet<string>>;
}

export type Written = ReadonlyMap<string, TreeEntry | null>;

export interface OwnCommitsOptions {
  readonly git: Git;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  /** An SSH allowed-signers file of the keys of controllers; null: signatures do not count. */
  readonly signers: string | null;
}

export function createOwnCommits(options: OwnCommitsOptions): OwnCommits {
  return {
    isSigned: options.signers !== null,
    newest: (range, by) => newest(options, range, by),
    lastWritten: (range, places, enough) => lastWritten(options, range, places, enough && new Set(enough)),
    async contested(range, places) {
      const last = await newest(options, range, '', Number.MAX_SAFE_INTEGER);
      return new Set(last && (await lastWritten(options, [...range, `^${last}`], places)).keys());
    },
  };
}

async function newest(
  options: OwnCommitsOptions,
  range: readonly string[],
  by = '',
  most = CLAIMS,
): Promise<string | null> {
  for (const some of chunks((await claimed(options, range, [], by)).slice(0, most))) {
    const own = await ownAmong(options, await looked(options, some), () => true);
    const found = some.find((id) => own.has(id));
    if (found !== undefined) return found;
  }
  return null;
}

async function lastWritten(
  options: OwnCommitsOptions,
  range: readonly string[],
  places: readonly string[],
  missing?: Set<string>,
): Promise<Written> {
  const found = new Map<string, TreeEntry | null>();
  for (const some of chunks(await claimed(options, range, places))) {
    if (missing?.size === 0) break;
    const commits = await looked(options, some);
    const tells = ({ changes }: CommitChanges) => changes.some(([path]) => !found.has(path));
    const own = await ownAmong(options, commits, tells);
    for (const id of some) {
      for (const [path, { after }] of own.get(id)?.changes ?? []) {
        if (!found.has(path)) found.set(path, after);
        missing?.delete(path);
      }
    }
  }
  return found;
}

/**
 * Commits that say they are a controller's, none before one that descends from it. Both sides of every merge count: one
 * that takes all of an old side would hide what is on the other.
 */
async function claimed(
  { git }: OwnCommitsOptions,
  range: readonly string[],
  places: readonly string[],
  by = '',
): Promise<string[]> {
  const said = await trailersIn(git, TRAILER, ['--topo-order', '--no-merges', ...range], { paths: places });
  return said.filter(({ values }) => by === '' || values.includes(by)).map(({ id }) => id);
}

function looked({ git }: OwnCommitsOptions, ids: readonly string[]): Promise<CommitChanges[]> {
  return commitsIn(git, ['--no-walk=unsorted', ...ids], { environment: asWritten() });
}

/** Those that are, of these that may tell something. */
async function ownAmong(
  { git, prefix, signers }: OwnCommitsOptions,
  commits: readonly CommitChanges[],
  tells: (commit: CommitChanges) => boolean,
): Promise<ReadonlyMap<string, CommitChanges>> {
  const isOwnPath = (path: string) => path.startsWith(prefix) && isOwn(path.slice(prefix.length));
  const candidates = commits.filter((each) => tells(each) && each.changes.every(([path]) => isOwnPath(path)));
  const byID = new Map(candidates.map((each) => [each.id, each]));
  if (signers === null) return byID;
  const signatures = await signaturesOf(git, [...byID.keys()], signers);
  return new Map([...byID].filter(([id]) => signatures.has(id)));
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  let size = 0;
  for (let from = 0, count = 0; from < ids.length; from += size, count += 1) {
    size = CHUNKS[count] ?? CHUNKS.at(-1) ?? ids.length;
    yield ids.slice(from, from + size);
  }
}

/**
 * What a controller published last, by a history that contains it, for when nothing else is known of it: its newest
 * commit, or with messages rewritten the newest that moved its watermark.
 * @param mark the path of its watermark
 */
export async function lastPublished(
  own: OwnCommits,
  git: Git,
  tip: string,
  { journalID, mark }: { readonly journalID: string; readonly mark: string },
): Promise<string | null> {
  const named = await own.newest([tip], journalID);
  if (named !== null || own.isSigned || (await watermarkAt(git, tip, mark)).hi === 0) return named;
  return newestChange(git, tip, [mark]);
}
