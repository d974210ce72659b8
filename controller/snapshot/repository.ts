import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import type { Observe } from '../events/git-event.ts';
import type { Branch } from '../git/branch.ts';
import { GitError } from '../git/error.ts';
import type { Identity } from '../git/fast-import.ts';
import { listFiles, type TreeEntry } from '../git/tree.ts';
import { readEntries, type Seen } from './entries.ts';
import { createFallback } from './fallback.ts';
import { createManifestTree } from './manifest-tree.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';
import { openSource } from './source.ts';

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
  read(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, SnapshotFile>>;
  /** The newest commits, at most 100, up to this one that changed a path; for the last good version of a file. */
  changes(commit: string, path: string): Promise<readonly string[]>;
  /** The status files, with bytes, as the service last published them. */
  published(): Promise<ReadonlyMap<string, SnapshotFile>>;
  /** Where the publisher writes. */
  readonly target: Branch;
  /** Where people write manifests: the followed branch. */
  readonly manifests: Branch;
  /** Where the remote is, without a password; null without a remote. */
  readonly url: string | null;
  /** Paths whose change means that a new snapshot may differ (chokidar); none for a remote that is no local folder. */
  readonly watched: readonly string[];
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
}

/** How a fleet's repository is opened. */
export interface RepositoryOptions {
  /** A folder in a work tree or bare repository, or a URL. */
  readonly fleet: string;
  /** The fleet's folder inside the repository. */
  readonly path?: string;
  /** The name of a work tree's remote: read and written instead of the work tree's own branch. */
  readonly remote?: string;
  /** Followed; by default the one that is checked out, or the remote's own. */
  readonly branch?: string;
  /** An orphan branch for what the service writes; by default it goes to the followed branch. */
  readonly statusBranch?: string;
  readonly stateDir: string;
  /** An SSH allowed-signers file (R45). */
  readonly verifyCommits?: string;
  /** The service's identity: a key of its own is good for its own paths alone (R45). */
  readonly identity?: Identity;
  /** Whether a path below the fleet's root is a manifest's. */
  readonly isManifest: (path: string) => boolean;
  readonly environment?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  readonly observe?: Observe;
  /** The limit of one conversation with the remote. */
  readonly timeoutMs?: number;
}

/** Opens the repository of a fleet. Nothing of it is changed. @throws RepositoryError */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const prefix = prefixOf(options.path ?? '');
  const observe = options.observe ?? (() => undefined);
  const source = await openSource({
    ...options,
    environment: options.environment ?? process.env,
    clock: options.clock ?? systemClock,
    observe,
    prefix,
  });
  const { git, target } = source;
  const below = (paths: readonly string[]) => paths.map((path) => prefix + path);
  const manifests = createManifestTree(git, prefix, options.isManifest);
  let seen: Seen | undefined;
  const fallback = createFallback(source, observe, async (commit) =>
    readEntries(git, await manifests.at(commit), () => false),
  );

  return {
    target,
    prefix,
    manifests: source.manifests,
    url: source.url,
    watched: source.watched,
    async snapshot(known) {
      const look = async () => {
        const commit = await source.acceptable();
        const entries = await manifests.at(commit);
        const files = await readEntries(git, entries, known, seen);
        // What the first reading brought is not kept for the next one: a fleet's texts would stay in memory.
        seen = seen || !holdsBytes(files) ? { entries, files } : { entries, files: new Map() };
        await source.looked();
        return { commit, manifests: files };
      };
      const lookAgain = async (error: unknown) => {
        if (!(error instanceof GitError)) throw error;
        await source.heal(error); // an object is damaged: the private clone can be made again
        manifests.forget();
        return look();
      };
      try {
        return fallback.keep(await look().catch(lookAgain));
      } catch (error) {
        return fallback.instead(error);
      }
    },
    async read(commit, paths) {
      if (fallback.inUse?.commit === commit) return pick(fallback.inUse.manifests, paths);
      const files = new Map<string, SnapshotFile>();
      for (let from = 0; from < paths.length; from += 500) {
        const entries = await listFiles(git, commit, below(paths.slice(from, from + 500)));
        for (const [path, file] of await readEntries(git, entries, () => false)) {
          files.set(path.slice(prefix.length), file);
        }
      }
      return files;
    },
    async changes(commit, path) {
      if (fallback.inUse) return [fallback.inUse.commit];
      const output = await git.text([
        'log',
        '--format=%H',
        '--max-count=100',
        commit,
        '--',
        `:(literal)${prefix}${path}`,
      ]);
      return output.split('\n').filter((line) => line !== '');
    },
    async published() {
      const tip = await target.tip();
      if (tip === null && fallback.inUse) throw fallback.why; // without them, what has run would run again
      if (tip === null) return new Map();
      const entries = new Map<string, TreeEntry>();
      for (const [path, entry] of await listFiles(target.git, tip, below(['jobs']))) {
        if (path.endsWith('.status.yaml')) entries.set(path.slice(prefix.length), entry);
      }
      return readEntries(target.git, entries, () => false);
    },
  };
}

function pick(files: Snapshot['manifests'], paths: readonly string[]): ReadonlyMap<string, SnapshotFile> {
  const found = new Map<string, SnapshotFile>();
  for (const path of paths) {
    const file = files.get(path);
    if (file) found.set(path, file);
  }
  return found;
}

function prefixOf(path: string): string {
  const parts = join('/', path.replaceAll('\\', '/'))
    .split('/')
    .filter((part) => part !== '');
  return parts.length === 0 ? '' : `${parts.join('/')}/`;
}

function holdsBytes(files: ReadonlyMap<string, SnapshotFile>): boolean {
  for (const { bytes } of files.values()) if (bytes !== null) return true;
  return false;
}
