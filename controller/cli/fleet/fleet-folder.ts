import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { FleetEntry } from '../../../definitions/manifest/file.ts';
import { type Fleet, readFleet } from '../../../definitions/manifest/fleet.ts';
import { type FileContent, readEntry } from '../../../definitions/manifest/read.ts';
import { kindAt, kindOf, MANIFEST_FOLDERS, NAME_NOT_UTF8, UNDECODABLE } from '../../../definitions/manifest/reading.ts';
import { LARGEST_FILE_BYTES } from '../../../definitions/yaml/document.ts';

const NOT_UTF8: FileContent = { refused: NAME_NOT_UTF8 };
const GONE: FileContent = { refused: 'it was there when the folder was listed, and is gone: look again' };
const SUBMODULE: FileContent = { refused: 'a submodule: put the manifests themselves here' };
const LFS_POINTER = Buffer.from('version https://git-lfs.github.com/spec/');

/** A folder of which nothing makes a fleet. */
export class NoFleet extends Error {
  override readonly name = 'NoFleet';
  constructor(folder: string) {
    super(
      `there is no fleet in ${folder}: it has neither jobs/, machines/ nor bmcron.yaml; name the folder that does, with --path where it is inside a repository, or make one with bmcron init`,
    );
  }
}

/**
 * The fleet around a folder: the innermost folder above that looks like one and is none of the folders of another's
 * manifests, up to the repository's root. Where there is none, the folder itself: whoever reads it says so.
 */
export function fleetAround(folder: string): string {
  const ways: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    ways.unshift(at);
    if (existsSync(join(at, '.git'))) break;
    if (dirname(at) === at) return folder; // in no repository: where would it end?
  }
  let root: string | null = null;
  for (const at of ways) {
    const inside = root === null ? '' : relative(root, at);
    if (isFleet(at) && !/^(jobs|machines|windows)([\\/]|$)/.test(inside)) root = at;
  }
  return root === null || root === resolve(folder) ? folder : root;
}

function isFleet(folder: string): boolean {
  const isFolder = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  return existsSync(join(folder, 'bmcron.yaml')) || isFolder('jobs') || isFolder('machines');
}

/**
 * The manifests of a fleet's folder as they are on disk, uncommitted edits included, by path below the folder. It need
 * be no Git repository. Symbolic links are never followed, nor a folder with a `.git` of its own (a submodule). Reads
 * synchronously: for a command that does nothing else this is ten times as fast.
 * @throws NoFleet, or the file system's error when the folder cannot be read
 */
export function readFolder(root: string): ReadonlyMap<string, FileContent> {
  const files = new Map<string, FileContent>();
  const found = readdirSync(root, { withFileTypes: true });
  if (!isFleet(root)) throw new NoFleet(root);
  for (const entry of found) {
    if (entry.name === 'bmcron.yaml') files.set(entry.name, contentOf(root, entry.name, entry));
    else if (entry.isDirectory() && MANIFEST_FOLDERS.includes(entry.name)) {
      readBelow(root, entry.name, files);
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Why a fleet's folder cannot be read, and what to do. */
export function folderErrorText(folder: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof NoFleet) return message;
  if (code === 'ENOENT') return `cannot read the fleet: there is no folder ${folder}`;
  if (code === 'ENOTDIR')
    return `cannot read the fleet: ${folder} is no folder; name the one that holds jobs/ and machines/`;
  return `cannot read the fleet: ${message}`;
}

function readBelow(root: string, folder: string, files: Map<string, FileContent>): void {
  const entries = listed(join(root, folder));
  if (entries === null) files.set(`${folder}/*.yaml`, GONE); // no file that could be named
  if (entries === null) return;
  if (entries.some(({ name }) => name === '.git')) {
    files.set(folder, SUBMODULE);
    return;
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name.includes(UNDECODABLE)) continue;
    if (entry.isDirectory() && !entry.name.startsWith('.')) readBelow(root, path, files);
    else if (!entry.isDirectory() && kindAt(path, !entry.isSymbolicLink()))
      files.set(path, contentOf(root, path, entry));
  }
  if (entries.some((entry) => entry.isDirectory() && entry.name.includes(UNDECODABLE)))
    refuseUndecodable(Buffer.from(join(root, folder)), folder, files);
}

/** Folders whose names are no text are looked into by their bytes, so that files below are called as Git shows them. */
function refuseUndecodable(folder: Buffer, shown: string, files: Map<string, FileContent>): void {
  const isBelow = shown.includes(UNDECODABLE);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const path = `${shown}/${entry.name.toString('utf8')}`;
    if (entry.isDirectory() && path.includes(UNDECODABLE))
      refuseUndecodable(Buffer.concat([folder, Buffer.from('/'), entry.name]), path, files);
    else if (isBelow && !entry.isDirectory() && kindOf(path)) files.set(path, NOT_UTF8);
  }
}

/** The entries of a folder; null when it has gone since it was listed. */
function listed(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function contentOf(root: string, path: string, entry: Dirent): FileContent {
  if (entry.name.includes(UNDECODABLE)) return NOT_UTF8;
  if (entry.isSymbolicLink()) return { refused: 'a symbolic link: its target is never read, put what it names here' };
  if (!entry.isFile()) return { refused: 'not a regular file: put the text here' };
  try {
    const { size } = lstatSync(join(root, path));
    if (size > LARGEST_FILE_BYTES) return { refused: 'the file is larger than 1 MiB: split it' };
    const bytes = readFileSync(join(root, path));
    const isPointer = bytes.subarray(0, LFS_POINTER.length).equals(LFS_POINTER);
    return isPointer ? { refused: 'a Git LFS pointer: keep manifests in Git itself, not in LFS' } : bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? GONE : { refused: `it cannot be read: ${message}` };
  }
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
