import { join } from 'node:path';
import type { Branch } from '../git/branch.ts';
import { asWritten } from '../git/environment.ts';
import { GitError } from '../git/error.ts';
import { contains } from '../git/refs.ts';
import { listFiles, type TreeEntry } from '../git/tree.ts';
import { isConfirmed, type Vanished } from './confirmation.ts';
import { readEntries, type Seen } from './entries.ts';
import { createFallback, type Fallback } from './fallback.ts';
import { createManifestTree, type ManifestTree } from './manifest-tree.ts';
import { type PublishedLog, readLogs } from './published-logs.ts';
import { RepositoryError, type Snapshot, type SnapshotFile } from './snapshot.ts';
import { type FleetSource, type FleetSourceOptions, openSource } from './source.ts';

/** What makes a folder a fleet: one of these. */
const FLEET_PLACES = ['bmcron.yaml', 'jobs', 'machines'];

/** Files by path below the fleet's root. */
type Files = ReadonlyMap<string, SnapshotFile>;

/** Reads the fleet from Git objects, never from a work tree. */
export interface Repository {
  /**
   * The fleet at the followed branch's newest acceptable commit; fetched first where there is a remote. When the remote
   * does not answer, the newest that is here.
   * @param known whether the caller has what a blob holds, so that its bytes need not be read
   * @throws RepositoryError
   */
  snapshot(known: (blob: string) => boolean): Promise<Snapshot>;
  /** The fleet's files at a commit-ish, by path; absent ones are left out. For last good versions and cold starts. */
  read(commit: string, paths: readonly string[]): Promise<Files>;
  /**
   * The newest commits, about 100, up to this one that changed a path, for the last good version of a file; where
   * signatures count none below a seal, which comes last.
   */
  changes(commit: string, path: string): Promise<readonly string[]>;
  /** Whether a commit is this one or in its past. */
  contains(tip: string, commit: string): Promise<boolean>;
  /** Whether somebody has confirmed that these jobs are gone at a commit (R47). */
  confirms(commit: string, vanished: readonly Vanished[]): Promise<boolean>;
  /** Writes nothing to the state folder any more. */
  close(): Promise<void>;
  /** The status files, with bytes, as the service last published them. */
  published(): Promise<Files>;
  /**
   * Logs as the service last published them: of these days (`2026/03/10`), in this order, until there are many.
   * @param isWanted judges a log that is a file of its own by its name
   * @throws GitError
   */
  logs(
    days: readonly string[],
    isWanted?: (name: string) => boolean,
    unread?: (what: string) => void,
  ): Promise<readonly PublishedLog[]>;
  /** Where the publisher writes. */
  readonly branch: Branch;
  /** Where people write manifests: the followed branch. */
  readonly followed: Branch;
  /** Where the remote is, without a password; null without a remote. */
  readonly url: string | null;
  /** Paths whose change means that a new snapshot may differ (chokidar); none for a remote that is no local folder. */
  readonly watched: readonly string[];
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
}

export interface RepositoryOptions extends Omit<FleetSourceOptions, 'prefix'> {
  /** Whether a path below the fleet's root is a manifest's, or, of what is never read, may stand for some. */
  readonly isManifest: (path: string, isRead: boolean) => boolean;
}

/** What an open repository has, and what it remembers of its last snapshot. */
interface RepositoryState {
  readonly prefix: string;
  readonly source: FleetSource;
  readonly manifests: ManifestTree;
  readonly fallback: Fallback;
  /** The manifests of the tip that was here at the start: listed while others read what they know. */
  readonly listed: Promise<unknown>;
  seen: Seen | undefined;
  /** Whether the state folder is known to be this fleet's. */
  claimed: true | undefined;
}

/** Opens the repository of a fleet. Nothing of it is changed. @throws RepositoryError */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const prefix = prefixOf(options.location.path ?? '');
  const source = await openSource({ ...options, prefix });
  const { git, branch } = source;
  const manifests = createManifestTree(git, prefix, options.isManifest);
  const fallback = createFallback(source, options.observe, async (commit) =>
    readEntries(git, await manifests.at(commit), () => false),
  );
  const listed = source.followed
    .tip()
    .then((commit) => (commit === null ? null : manifests.at(commit)))
    .catch(() => undefined); // the first snapshot says what is wrong
  const state: RepositoryState = {
    prefix,
    source,
    manifests,
    fallback,
    listed,
    seen: undefined,
    claimed: undefined,
  };
  return {
    branch,
    prefix,
    followed: source.followed,
    url: source.url,
    watched: source.watched,
    snapshot: (known) => snapshot(state, known),
    read: (commit, paths) => read(state, commit, paths),
    changes: (commit, path) => changes(state, commit, path),
    contains: async (tip, commit) => {
      if (fallback.inUse) return commit === fallback.inUse.commit;
      return contains(git, tip, commit, asWritten());
    },
    close: () => fallback.close(),
    confirms: (commit, vanished) => isConfirmed({ git, prefix, location: options.location }, commit, vanished),
    published: () => published(state),
    async logs(days, isWanted = () => true, unread) {
      const tip = await branch.tip();
      return tip === null ? [] : readLogs(source.git, tip, prefix, days, isWanted, unread);
    },
  };
}

async function snapshot(state: RepositoryState, known: (blob: string) => boolean): Promise<Snapshot> {
  const { fallback } = state;
  try {
    return fallback.keep(await look(state, known).catch((error) => lookAgain(state, known, error)));
  } catch (error) {
    return fallback.instead(error);
  }
}

async function look(state: RepositoryState, known: (blob: string) => boolean): Promise<Snapshot> {
  const { source, manifests, listed, seen } = state;
  const [commit] = await Promise.all([source.acceptable(), listed]);
  const entries = await manifests.at(commit);
  if (entries.size === 0 && seen === undefined) await requireFleet(state, commit);
  const files = await readEntries(source.git, entries, known, seen);
  // What the first reading brought is not kept for the next one: a fleet's texts would stay in memory.
  state.seen = seen || !holdsBytes(files) ? { entries, files } : { entries, files: new Map() };
  await source.compared();
  state.claimed ??= await source.claim().then(() => true);
  return { commit, manifests: files };
}

/** A service must not begin on what is no fleet: it would write its own files there and take all jobs for removed. */
async function requireFleet({ prefix, source }: RepositoryState, commit: string): Promise<void> {
  const found = await listFiles(
    source.git,
    commit,
    FLEET_PLACES.map((place) => prefix + place),
  );
  if (found.size > 0) return;
  const where = prefix === '' ? 'the repository' : `the folder ${prefix.slice(0, -1)}`;
  throw new RepositoryError(
    `there is no fleet in ${where} at commit ${commit.slice(0, 12)}: jobs/, machines/ and bmcron.yaml are looked for; name the fleet's folder with --path, or commit one (bmcron init)`,
  );
}

/** An object is damaged: the private clone can be made again. */
async function lookAgain(state: RepositoryState, known: (blob: string) => boolean, error: unknown): Promise<Snapshot> {
  if (!(error instanceof GitError) || error.isScarcity || error.isCutOff) throw error;
  await state.source.repair(error);
  state.manifests.forget();
  return look(state, known);
}

async function read(state: RepositoryState, commit: string, paths: readonly string[]): Promise<Files> {
  const { prefix, source, fallback } = state;
  if (fallback.inUse?.commit === commit) return pick(fallback.inUse.manifests, paths);
  const files = new Map<string, SnapshotFile>();
  for (let from = 0; from < paths.length; from += 500) {
    const some = paths.slice(from, from + 500).map((path) => prefix + path);
    const entries = await listFiles(source.git, commit, some);
    for (const [path, file] of await readEntries(source.git, entries, () => false)) {
      files.set(path.slice(prefix.length), file);
    }
  }
  return files;
}

async function changes(state: RepositoryState, commit: string, path: string): Promise<readonly string[]> {
  const { prefix, source, fallback } = state;
  if (fallback.inUse) return [fallback.inUse.commit];
  const file = `:(literal)${prefix}${path}`;
  const from = await source.vouchedFrom(commit);
  const range = from === null ? [commit] : [commit, `^${from}`];
  const args = ['rev-list', '--full-history', '--topo-order', '--max-count=100', ...range, '--', file];
  const output = await source.git.text(args, { environment: asWritten() });
  return [...output.split('\n').filter((line) => line !== ''), ...(from === null ? [] : [from])];
}

async function published({ prefix, source, fallback }: RepositoryState): Promise<Files> {
  const { git, branch } = source;
  const tip = await branch.tip();
  if (tip === null && fallback.inUse) throw fallback.why; // without them, what has run would run again
  if (tip === null) return new Map();
  const entries = new Map<string, TreeEntry>();
  for (const [path, entry] of await listFiles(git, tip, [`${prefix}jobs`])) {
    if (path.endsWith('.status.yaml')) entries.set(path.slice(prefix.length), entry);
  }
  return readEntries(git, entries, () => false);
}

function pick(files: Files, paths: readonly string[]): Files {
  const found = new Map<string, SnapshotFile>();
  for (const path of paths) {
    const file = files.get(path);
    if (file) found.set(path, file);
  }
  return found;
}

function prefixOf(path: string): string {
  const names = join('/', path.replaceAll('\\', '/'))
    .split('/')
    .filter((name) => name !== '');
  return names.length === 0 ? '' : `${names.join('/')}/`;
}

function holdsBytes(files: Files): boolean {
  for (const { bytes } of files.values()) if (bytes !== null) return true;
  return false;
}
