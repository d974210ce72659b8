import type { Branch } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { readRef } from '../git/refs.ts';
import { differences, listFiles, type TreeEntry } from '../git/tree.ts';
import { readEntries } from '../snapshot/entries.ts';
import type { SnapshotFile } from '../snapshot/snapshot.ts';
import type { Journal } from '../state/journal.ts';
import {
  isMarkOf,
  lastPublished,
  markedID,
  newestChange,
  newestCommit,
  publishedRef,
  watermarkAt,
  watermarkPath,
} from './watermark.ts';

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
async function divergenceAt({ branch, prefix, journal }: OtherControllersOptions, tip: string): Promise<Divergence> {
  const { git } = branch;
  const ownMark = prefix + watermarkPath(journal.id);
  const [published, mark] = await Promise.all([
    readRef(git, publishedRef(branch, journal.id)),
    watermarkAt(git, tip, ownMark),
  ]);
  const isSetBack = !(await isMarkOf(journal, mark)); // a restored disk: its own later life is somebody else's
  if (published === tip && !isSetBack) return NOBODY;
  const parted = isSetBack ? null : (published ?? (await lastPublished(git, tip, journal.id, ownMark)));
  const marks = await marksSince(git, tip, parted, prefix);
  const foreign = marks.filter((path) => path !== ownMark || isSetBack);
  if (foreign.length === 0) return NOBODY;
  // What became public in the moment of a crash is this controller's too.
  const base = parted && ((await newestCommit(git, tip, { by: journal.id, after: parted })) ?? parted);
  // What people did to the files after others published last does not count (R37).
  const theirs = await newestChange(git, tip, foreign, base);
  if (theirs === null) return NOBODY;
  const controllers = foreign.map((path) => markedID(path.slice(prefix.length)) ?? '');
  return { controllers, baseKnown: base !== null, files: await filesBetween(git, base, theirs, prefix) };
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

async function filesBetween(
  git: Git,
  base: string | null,
  theirs: string,
  prefix: string,
): Promise<Divergence['files']> {
  const place = [`${prefix}jobs`];
  const all = async () => {
    const there = await listFiles(git, theirs, place);
    return new Map([...there].map(([path, after]) => [path, { before: null, after }]));
  };
  const changed = base === null ? await all() : await differences(git, base, theirs, place);
  const before = new Map<string, TreeEntry>();
  const after = new Map<string, TreeEntry>();
  const paths = [...changed.keys()].filter((path) => path.endsWith('.status.yaml'));
  for (const path of paths) {
    const difference = changed.get(path);
    if (difference?.before) before.set(path, difference.before);
    if (difference?.after) after.set(path, difference.after);
  }
  const was = await readEntries(git, before, () => false);
  const is = await readEntries(git, after, () => false);
  return new Map(
    paths.map((path) => [path.slice(prefix.length), { base: was.get(path) ?? null, theirs: is.get(path) ?? null }]),
  );
}
