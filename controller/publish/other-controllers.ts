import type { Branch } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { readRef } from '../git/refs.ts';
import { differences, listFiles, type TreeEntry } from '../git/tree.ts';
import { readEntries } from '../snapshot/entries.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { Journal } from '../state/journal.ts';
import { lastPublished, type OwnCommits, type Written } from './own-commits.ts';
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
export interface OtherControllers {
  /** What they did while this one was away, for its start: theirs may be newer facts than the journal's. */
  divergence(): Promise<Divergence>;
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

const NOBODY: Divergence = { controllers: [], baseKnown: true, files: new Map() };

/** Looks for other controllers where this one publishes. */
export function createOtherControllers(options: OtherControllersOptions): OtherControllers {
  const state: { seen: string | null; isSure: boolean } = { seen: null, isSure: false };
  return {
    async divergence() {
      const tip = await options.branch.tip();
      state.seen = tip;
      state.isSure = options.url === null || options.branch.reached !== null;
      if (tip === null || options.journal.last === 0) return NOBODY;
      return divergenceAt(options, tip);
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
