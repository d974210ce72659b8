import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetEntry } from '../../../definitions/manifest/file.ts';
import { type Fleet, readFleet } from '../../../definitions/manifest/fleet.ts';
import { type FileContent, readEntry } from '../../../definitions/manifest/read.ts';
import { kindOf } from '../../../definitions/manifest/reading.ts';
import { LARGEST_FILE_BYTES } from '../../../definitions/yaml/document.ts';

const LFS_POINTER = Buffer.from('version https://git-lfs.github.com/spec/');

/**
 * The manifests of a fleet's folder as they are on disk, uncommitted edits included, by path below the folder. It need
 * be no Git repository. Symbolic links are never followed, nor a folder with a `.git` of its own (a submodule). Reads
 * synchronously: for a command that does nothing else this is ten times as fast.
 * @throws the file system's error when the folder cannot be read
 */
export function readFolder(root: string): ReadonlyMap<string, FileContent> {
  const files = new Map<string, FileContent>();
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.name === 'bmcron.yaml') files.set(entry.name, contentOf(root, entry.name, entry));
    else if (entry.isDirectory() && (entry.name === 'jobs' || entry.name === 'machines')) {
      readBelow(root, entry.name, files);
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Why a fleet's folder cannot be read, and what to do. */
export function folderErrorText(folder: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `cannot read the fleet: there is no folder ${folder}`;
  if (code === 'ENOTDIR')
    return `cannot read the fleet: ${folder} is no folder; name the one that holds jobs/ and machines/`;
  return `cannot read the fleet: ${message}`;
}

function readBelow(root: string, folder: string, files: Map<string, FileContent>): void {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  if (entries.some(({ name }) => name === '.git')) return;
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !entry.name.startsWith('.')) readBelow(root, path, files);
    else if (!entry.isDirectory() && kindOf(path)) files.set(path, contentOf(root, path, entry));
  }
}

function contentOf(root: string, path: string, entry: Dirent): FileContent {
  if (entry.isSymbolicLink()) return { refused: 'a symbolic link: its target is never read, put the text here' };
  if (!entry.isFile()) return { refused: 'not a regular file: put the text here' };
  const { size } = lstatSync(join(root, path));
  if (size > LARGEST_FILE_BYTES) return { refused: 'the file is larger than 1 MiB: split it' };
  const bytes = readFileSync(join(root, path));
  const isPointer = bytes.subarray(0, LFS_POINTER.length).equals(LFS_POINTER);
  return isPointer ? { refused: 'a Git LFS pointer: keep manifests in Git itself, not in LFS' } : bytes;
}

/** What the manifests of a folder say, warnings included. Files on disk have no blob ID, and belong to no commit. */
export function fleetOf(files: ReadonlyMap<string, FileContent>): Fleet {
  const entries = new Map<string, FleetEntry>();
  for (const [path, content] of files) {
    const entry = readEntry(path, content);
    if (entry) entries.set(path, entry);
  }
  return readFleet(entries, '', { warnings: true });
}
