import { MANIFEST_FOLDERS } from '../../definitions/manifest/reading.ts';
import type { Git } from '../git/command.ts';
import { differences, isFile, listFiles, type TreeEntry } from '../git/tree.ts';
import { RepositoryError } from './snapshot.ts';

/** Where manifests are, below the fleet's root. */
const PLACES = ['bmcron.yaml', 'bmcron.yml', 'bmcron.json', ...MANIFEST_FOLDERS];

/** What the service writes beside them is none of them: after a night of runs that would be thousands. */
const NOT_STATUSES = ':(exclude)*.status.yaml';

/** The tree's manifests from commit to commit. */
export interface ManifestTree {
  /** Their entries at a commit, by path below the fleet's root. @throws GitError, RepositoryError */
  at(commit: string): Promise<ReadonlyMap<string, TreeEntry>>;
  /** Reads all of them the next time: the repository has been made anew. */
  forget(): void;
}

/** The manifests of a repository: the whole list once, then what changed. */
export function createManifestTree(
  git: Git,
  prefix: string,
  isManifest: (path: string, isRead: boolean) => boolean,
): ManifestTree {
  const places = PLACES.map((path) => prefix + path);
  let seen: { commit: string; entries: Map<string, TreeEntry> } | null = null;
  return {
    forget() {
      seen = null;
    },
    async at(commit) {
      if (seen?.commit === commit) return seen.entries;
      const entries = new Map(seen?.entries);
      for (const [full, entry] of await newEntries(git, seen?.commit ?? null, commit, places)) {
        const path = full.slice(prefix.length);
        refuseFolderLink(path, entry, commit);
        if (entry && isManifest(path, isFile(entry))) entries.set(path, entry);
        else entries.delete(path);
      }
      seen = { commit, entries };
      return entries;
    },
  };
}

async function newEntries(
  git: Git,
  from: string | null,
  to: string,
  paths: readonly string[],
): Promise<Map<string, TreeEntry | null>> {
  if (from === null) return listFiles(git, to, paths);
  return new Map(
    [...(await differences(git, from, to, [...paths, NOT_STATUSES]))].map(([path, { after }]) => [path, after]),
  );
}

/** A link where `jobs/` should be would look as if all jobs had been deleted: the last good commit stays in force. */
function refuseFolderLink(path: string, entry: TreeEntry | null, commit: string): void {
  if (MANIFEST_FOLDERS.includes(path) && entry !== null) {
    throw new RepositoryError(
      `${path} is no folder in commit ${commit.slice(0, 12)}: make it one, with the manifests in it`,
    );
  }
}
