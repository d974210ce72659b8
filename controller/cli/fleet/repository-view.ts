import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { relative } from 'node:path';
import { machineSources } from '../../../definitions/lifecycle/desired.ts';
import type { FleetEntry } from '../../../definitions/manifest/file.ts';
import { readFleet } from '../../../definitions/manifest/fleet.ts';
import { type FileContent, readEntry, readFile } from '../../../definitions/manifest/read.ts';
import { kindAt, MANIFEST_FOLDERS, type Reading } from '../../../definitions/manifest/reading.ts';
import type { View } from '../../../definitions/preview/preview.ts';
import { reachFrom } from '../../git/address.ts';
import { type Git, openGit } from '../../git/command.ts';
import { type GitFolder, gitFolder } from '../../git/discover.ts';
import { GitError } from '../../git/error.ts';
import { resolveRef } from '../../git/refs.ts';
import { isFile, listFiles, type TreeEntry } from '../../git/tree.ts';
import { readEntries } from '../../snapshot/entries.ts';
import { readFolder } from './fleet-folder.ts';

/** Why a fleet's repository cannot be read: what is missing, and what to do. */
export class RepositoryViewError extends Error {
  override readonly name = 'RepositoryViewError';
}

/** A fleet in a repository: its commits, and its files as they are on disk. */
export interface RepositoryView {
  readonly git: Git;
  readonly place: GitFolder;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  /** The commit that a ref names. @throws RepositoryViewError when there is none */
  commit(ref: string): Promise<string>;
  /** The commit that a ref names, null when there is none. */
  find(ref: string): Promise<string | null>;
  /** The newest commit that both have in their past, null when there is none here. */
  fork(a: string, b: string): Promise<string | null>;
  /** What the manifests of a commit say; `base`: where what that says is in force. */
  at(commit: string, base?: View): Promise<View>;
  /** What the manifests on disk say, uncommitted edits included. */
  onDisk(base?: View): Promise<View>;
  /** The texts of files of a commit, by path below the fleet's root; those that are not there are left out. */
  texts(commit: string, wanted: (path: string) => boolean): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** Opens the repository around a fleet's folder. @throws RepositoryViewError when the folder is in none */
export async function openRepositoryView(folder: string, environment: NodeJS.ProcessEnv): Promise<RepositoryView> {
  const place = await gitFolder(folder, environment).catch((error: unknown) => {
    throw error instanceof GitError ? new RepositoryViewError(error.message) : error;
  });
  const top = place.top ?? place.git;
  const git: Git = openGit(place.git, environment, top, () => reachFrom(git));
  const inside = place.top === null ? '' : relative(await realpath(place.top), await realpath(folder));
  const prefix = inside === '' ? '' : `${inside.replaceAll('\\', '/')}/`;
  const read = createReader();

  async function entries(
    commit: string,
    wanted: (path: string, isRead: boolean) => boolean,
  ): Promise<Map<string, TreeEntry>> {
    const places = ['bmcron.yaml', ...MANIFEST_FOLDERS].map((each) => prefix + each);
    const found = [...(await listFiles(git, commit, places))].map(
      ([path, entry]) => [path.slice(prefix.length), entry] as const,
    );
    return new Map(found.filter(([path, entry]) => wanted(path, isFile(entry))));
  }

  return {
    git,
    place,
    prefix,
    find: (ref) => resolveRef(git, ref),
    async commit(ref) {
      const commit = await resolveRef(git, ref);
      if (commit !== null) return commit;
      throw new RepositoryViewError(
        `there is no commit ${ref} here: name another, or fetch it (in CI: check out with the whole history)`,
      );
    },
    async fork(a, b) {
      const found = await git.text(['merge-base', a, b]).catch((error: unknown) => {
        if (error instanceof GitError) return '';
        throw error;
      });
      return found.trim() || null;
    },
    async at(commit, base) {
      const files = new Map<string, FileContent>();
      for (const [path, file] of await readEntries(
        git,
        await entries(commit, (path, isRead) => kindAt(path, isRead) !== null),
        () => false,
      )) {
        files.set(path, file.bytes ?? { refused: file.refused ?? 'not readable' });
      }
      return read(files, commit, base);
    },
    onDisk: async (base) => read(readFolder(folder), '', base),
    async texts(commit, wanted) {
      const files = await readEntries(git, await entries(commit, wanted), () => false);
      return new Map([...files].flatMap(([path, { bytes }]) => (bytes ? [[path, bytes] as const] : [])));
    },
  };
}

/** Reads files into views; equal bytes are parsed once, however many views have them. */
function createReader(): (files: ReadonlyMap<string, FileContent>, commit: string, base?: View) => View {
  const readings = new Map<string, Reading>();
  return (files, commit, base) => {
    const entries = new Map<string, FleetEntry>();
    for (const [path, content] of files) {
      const digest = content instanceof Uint8Array ? createHash('sha256').update(content).digest('hex') : '';
      const entry = readEntry(path, content, digest, (kind, bytes) => {
        const reading = readings.get(kind + digest) ?? readFile(kind, bytes);
        readings.set(kind + digest, reading);
        return reading;
      });
      if (entry) entries.set(path, entry);
    }
    const inForce = base && { machines: base.fleet.machines, sources: machineSources(base.files) };
    return { files: entries, fleet: readFleet(entries, commit, { warnings: true, ...(inForce && { inForce }) }) };
  };
}
