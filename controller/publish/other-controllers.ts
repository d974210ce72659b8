import { manifestsOf } from '../../definitions/own-paths.ts';
import type { Branch } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { readRef } from '../git/refs.ts';
import { differences, listFiles, type TreeEntry } from '../git/tree.ts';
import { readEntries } from '../snapshot/entries.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { Journal } from '../state/journal.ts';
import { lastPublished, type OwnCommits, type Written } from './own-commits.ts';
import { createSignedPlaces, type SignedPlaces } from './signed-places.ts';
import { isMarkOf, markedID, publishedRef, watermarkAt, watermarkPath } from './watermark.ts';

/** What other controllers made of the status files since this journal was published last. */
export interface Divergence {
  /** Who they are: the IDs of their journals. None: nobody else has published. */
  readonly controllers: readonly string[];
  /** Whether it is known where they parted; otherwise `files` holds all there are, and `base` means nothing. */
  readonly baseKnown: boolean;
  /** Status files that they changed, below the fleet's root: what this controller left, what they did; null: gone. */
  readonly files: ReadonlyMap<string, { readonly base: SnapshotFile | null; readonly theirs: SnapshotFile | null }>;
}

/** Other controllers that publish to the same place, before this one or beside it. */
export interface OtherControllers extends SignedPlaces {
  /** What they did while this one was away, for its start: theirs may be newer facts than the journal's. */
  divergence(): Promise<Divergence>;
  /** Of the status files that stand in Git, those that are as controllers left them: for a start without a journal. */
  vouched(files: StatusFiles): Promise<Vouched>;
  /** The tip up to which that is known; null before. */
  readonly seen: string | null;
  /** Whether that tip was the newest there was: the remote had answered. */
  readonly isSure: boolean;
}

export interface OtherControllersOptions {
  readonly branch: Branch;
  /** The fleet's folder inside the repository. */
  readonly prefix: string;
  readonly journal: Journal;
  /** Tells commits of controllers from those of others. */
  readonly own: OwnCommits;
  /** Where the remote is; null without one. */
  readonly url: string | null;
}

type StatusFiles = ReadonlyMap<string, SnapshotFile>;

export interface Vouched {
  /** By path; without bytes where nobody who counts has left it so, and it must not be believed. */
  readonly files: StatusFiles;
  /** Whether a job without a status file is a new one; otherwise its file may have been taken away. */
  readonly isComplete: boolean;
}

const NOBODY: Divergence = { controllers: [], baseKnown: true, files: new Map() };

/** Looks for other controllers where this one publishes. */
export function createOtherControllers(options: OtherControllersOptions): OtherControllers {
  const state: { seen: string | null; isSure: boolean } = { seen: null, isSure: false };
  return {
    ...createSignedPlaces(options),
    async divergence() {
      const tip = await options.branch.tip();
      state.seen = tip;
      state.isSure = options.url === null || options.branch.reached !== null;
      if (tip === null || options.journal.last === 0) return NOBODY;
      return divergenceAt(options, tip);
    },
    async vouched(files) {
      const tip = await options.branch.tip();
      if (tip === null) return { files, isComplete: true };
      return options.own.isSigned ? signedFiles(options, tip, files) : lastLeft(options, tip, files);
    },
    get seen() {
      return state.seen;
    },
    get isSure() {
      return state.isSure;
    },
  };
}

/** Where nobody else has published, this costs two small reads: a start must not wait for more. */
async function divergenceAt(
  { branch, prefix, journal, own }: OtherControllersOptions,
  tip: string,
): Promise<Divergence> {
  const { git } = branch;
  const ownMark = prefix + watermarkPath(journal.id);
  const [published, mark] = await Promise.all([
    readRef(git, publishedRef(branch, journal.id)),
    watermarkAt(git, tip, ownMark),
  ]);
  const isSetBack = !(await isMarkOf(journal, mark)); // a restored disk: its own later life is somebody else's
  if (published === tip && !isSetBack) return NOBODY;
  const known = { journalID: journal.id, mark: ownMark };
  const parted = isSetBack ? null : (published ?? (await lastPublished(own, git, tip, known)));
  const marks = await marksSince(git, tip, parted, prefix);
  const foreign = marks.filter((path) => path !== ownMark || isSetBack);
  if (foreign.length === 0) return NOBODY;
  // What became public in the moment of a crash is this controller's too.
  const base = parted && ((await own.newest([tip, `^${parted}`], journal.id)) ?? parted);
  // What people did to the files does not count, nor a watermark that they made (R37).
  const place = `${prefix}jobs`;
  const statuses = base ? [] : [...(await listFiles(git, tip, [place])).keys()].filter(isStatus);
  const enough = base ? undefined : [...foreign, ...statuses];
  const written = await own.lastWritten(base ? [tip, `^${base}`] : [tip], [place, `${prefix}.bmcron`], enough);
  const controllers = foreign.filter((path) => written.get(path));
  if (controllers.length === 0) return NOBODY;
  return {
    controllers: controllers.map((path) => markedID(path.slice(prefix.length)) ?? ''),
    baseKnown: base !== null,
    files: await filesSince(git, base, written, prefix),
  };
}

/** The watermarks that a tip has and an older commit has not, or has otherwise. */
async function marksSince(git: Git, tip: string, since: string | null, prefix: string): Promise<string[]> {
  const folder = `${prefix}.bmcron/`;
  const paths =
    since === null
      ? [...(await listFiles(git, tip, [folder])).keys()]
      : [...(await differences(git, since, tip, [folder]))].filter(([, { after }]) => after).map(([path]) => path);
  return paths.filter((path) => markedID(path.slice(prefix.length)) !== null);
}

/** The status files that controllers have written since a commit: what stood there then, and what they left. */
async function filesSince(
  git: Git,
  base: string | null,
  written: Written,
  prefix: string,
): Promise<Divergence['files']> {
  const paths = [...written.keys()].filter(isStatus);
  const there = base === null ? new Map<string, TreeEntry>() : await listFiles(git, base, [`${prefix}jobs`]);
  const before = new Map<string, TreeEntry>();
  const after = new Map<string, TreeEntry>();
  for (const path of paths) {
    const [was, is] = [there.get(path), written.get(path)];
    if (was) before.set(path, was);
    if (is) after.set(path, is);
  }
  const [bases, theirs] = [await readEntries(git, before, () => false), await readEntries(git, after, () => false)];
  const changed = paths.filter((path) => before.get(path)?.id !== after.get(path)?.id);
  return new Map(
    changed.map((path) => [
      path.slice(prefix.length),
      { base: bases.get(path) ?? null, theirs: theirs.get(path) ?? null },
    ]),
  );
}

function isStatus(path: string): boolean {
  return path.endsWith('.status.yaml');
}

/** The status files whose last change a key of a controller has signed. */
async function signedFiles(
  { own, prefix }: OtherControllersOptions,
  tip: string,
  files: StatusFiles,
): Promise<Vouched> {
  const paths = [...files.keys()].map((path) => prefix + path);
  const [written, contested] = [
    await own.lastWritten([tip], [`${prefix}jobs`], paths),
    await own.contested([tip], [`${prefix}jobs`]),
  ];
  const hasBeenHere = written.size > 0 || files.size > 0 || (await own.newest([tip])) !== null;
  const isLeft = ([path, { blob }]: [string, SnapshotFile]) =>
    written.get(prefix + path)?.id === blob && !contested.has(prefix + path);
  return {
    files: new Map([...files].map((each) => (isLeft(each) ? each : disbelieved(each)))),
    isComplete: !hasBeenHere,
  };
}

/** The status files as the newest commit of a controller left them: what people did since runs nothing (R37). */
async function lastLeft(
  { branch, own, prefix }: OtherControllersOptions,
  tip: string,
  files: StatusFiles,
): Promise<Vouched> {
  const { git } = branch;
  const left = await own.newest([tip]);
  if (left === null || left === tip) return { files, isComplete: true };
  const changed = await differences(git, left, tip, [`${prefix}jobs`]);
  const before = new Map<string, TreeEntry>();
  const result = new Map(files);
  const manifests = await listFiles(git, tip, [`${prefix}jobs`]);
  for (const [full, difference] of changed) {
    const path = full.slice(prefix.length);
    const file = files.get(path);
    if (!isStatus(path)) continue;
    const isGone = file === undefined && !manifestsOf(path).some((manifest) => manifests.has(prefix + manifest));
    if (difference.before && !isGone) before.set(path, difference.before);
    else if (file) result.set(...disbelieved([path, file]));
  }
  for (const [path, file] of await readEntries(git, before, () => false)) result.set(path, file);
  return { files: result, isComplete: true };
}

function disbelieved([path, file]: [string, SnapshotFile]): [string, SnapshotFile] {
  return [path, { ...file, bytes: null }];
}
