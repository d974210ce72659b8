import { isOwn } from '../../definitions/own-paths.ts';
import type { Branch } from '../git/branch.ts';
import { listFiles } from '../git/tree.ts';
import { readEntries } from '../snapshot/entries.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { OwnCommits } from './own-commits.ts';

/** What controllers left in the service's own files; where signatures count, what they signed (R45). */
export interface SignedPlaces {
  /**
   * A file as a controller left it, whatever stands there now; null: none did, or one removed it.
   * @param path below the fleet's root
   * @throws Error when nobody can tell which one was last
   */
  left(path: string): Promise<SnapshotFile | null>;
  /** Whether no file of the service below these folders of the fleet was added, changed or removed by somebody else. */
  isAsLeft(folders: readonly string[]): Promise<boolean>;
}

export interface SignedPlacesOptions {
  readonly branch: Branch;
  /** The fleet's folder inside the repository. */
  readonly prefix: string;
  /** Tells commits of controllers from those of others. */
  readonly own: OwnCommits;
}

/** What the tip's history says of the service's files. Where signatures do not count, they are taken as they stand. */
export function createSignedPlaces({ branch, prefix, own }: SignedPlacesOptions): SignedPlaces {
  const { git } = branch;
  return {
    async left(path) {
      const full = prefix + path;
      const tip = await branch.tip();
      if (tip === null) return null;
      if (own.isSigned && (await own.contested([tip], [full])).has(full)) {
        throw new Error(`${path} was written on two lines of history`);
      }
      const entry = own.isSigned
        ? (await own.lastWritten([tip], [full], [full])).get(full)
        : (await listFiles(git, tip, [full])).get(full);
      return entry ? ((await readEntries(git, new Map([[full, entry]]), () => false)).get(full) ?? null) : null;
    },
    async isAsLeft(folders) {
      const tip = await branch.tip();
      if (tip === null || !own.isSigned) return true;
      const places = folders.map((folder) => prefix + folder);
      const isThere = (path: string) => places.some((place) => path.startsWith(`${place}/`));
      const [written, there] = [await own.lastWritten([tip], places), await listFiles(git, tip, places)];
      const isSigned = ([path, { id, mode }]: [string, { id: string; mode: string }]) => {
        const left = written.get(path);
        return !isOwn(path.slice(prefix.length)) || (left?.id === id && left.mode === mode);
      };
      const isWhole = [...written].every(([path, entry]) => entry === null || !isThere(path) || there.has(path));
      return isWhole && [...there].every(isSigned) && (await own.contested([tip], places)).size === 0;
    },
  };
}
