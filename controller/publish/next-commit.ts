import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Observe } from '../events/git-event.ts';
import { withTrailers } from '../git/fast-import.ts';
import type { Journal } from '../state/journal.ts';
import { type Changeset, changesetOf, heldAt, type Wanted } from './changes.ts';
import { buildCommit, changeTo, survey } from './commit.ts';
import { firstKeptDay, isOldLog, oldLogs } from './log-retention.ts';
import { withOwnNames } from './names.ts';
import type { PublisherOptions } from './publisher.ts';
import { withoutRepeats } from './repeats.ts';
import { toRestore } from './tamper.ts';
import { createTipReader, type Tip } from './tip.ts';
import { printWatermark, type Watermark, watermarkPath } from './watermark.ts';

/** Entries that one commit carries at most. */
const CHUNK = 10_000;
/** Paths that a message names. */
const NAMED = 20;
/** Entries without effect on files after which the watermark alone is worth a commit. */
const LAG = 50_000;

/** A commit that waits to become the tip. */
export interface BuiltCommit {
  readonly commit: string;
  readonly mark: Watermark;
  readonly overridden: readonly string[];
  /** Folders of logs that go. */
  readonly pruned: readonly string[];
  /** The first day whose logs stay; null: all do. */
  readonly firstKept: string | null;
}

/** Builds the next commit on a tip. */
export interface CommitBuilder {
  /** The commit that brings this tip nearer to the journal; null when it is up to date. */
  next(tip: string | null): Promise<BuiltCommit | null>;
  /** Says that a commit has become the tip. */
  landed(made: BuiltCommit): Promise<void>;
  /** The last entry that the tip holds, as last seen. */
  readonly hi: number;
}

/** What a composer works with. */
export interface CommitBuilderOptions extends PublisherOptions {
  readonly observe: Observe;
  readonly keepDays: () => number | null;
}

/** What there is to do on a tip. */
interface Task {
  readonly standing: Tip;
  readonly entries: readonly JournalEntry[];
  readonly wanted: Wanted;
  readonly message: string;
  /** Folders of logs that go. */
  readonly pruned: readonly string[];
}

/** Makes the composer of a publisher. */
export function createCommitBuilder(options: CommitBuilderOptions): CommitBuilder {
  const { target, journal, prefix, observe, clock } = options;
  const { git } = target;
  const lookout = createTipReader(options);
  /** For this tip, this last entry and this first day of logs there was nothing to do. */
  let idle = '';
  let told = '';
  let hi = 0;
  /** Entries up to this one may stand in the tip's segments under other numbers. */
  let unsureThrough = 0;
  /** The first day that the tip's logs have been looked through for. */
  let prunedFor: string | null = null;

  const stateOf = (tip: string | null, firstKept: string | null) => [tip, journal.last, firstKept].join(' ');

  /** Everything that a tip lacks, up to what one commit carries. */
  async function taskOn(tip: string | null, firstKept: string | null): Promise<Task> {
    const standing = await lookout.look(tip);
    hi = standing.mark.hi;
    if (hi > 0 && hi < journal.pruned) observe({ kind: 'RecordsGone', after: hi, before: journal.pruned + 1 });
    const entries = await take(journal, hi);
    const { files, message } = entries.length > 0 ? await options.project(entries, journal.id) : NO_PUBLICATION;
    const old =
      tip && firstKept && firstKept !== prunedFor
        ? await oldLogs(git, tip, prefix, firstKept)
        : { paths: [], folders: [] };
    const young = [...files].filter(([path]) => firstKept === null || !isOldLog(path, firstKept));
    const restored = new Map(
      [...standing.tampering.blobs].filter(([path]) => !firstKept || !isOldLog(path, firstKept)),
    );
    const wanted = { files: new Map(young), restored, old: old.paths };
    return { standing, entries, wanted, message, pruned: old.folders };
  }

  async function next(tip: string | null): Promise<BuiltCommit | null> {
    const keepDays = options.keepDays();
    const firstKept = keepDays === null ? null : firstKeptDay(clock.now(), keepDays);
    const state = stateOf(tip, firstKept);
    if (state === idle) return null;
    const task = await taskOn(tip, firstKept);
    const { wanted, standing, entries } = task;
    const mark = prefix + watermarkPath(journal.id);
    const paths = [...wanted.files.keys(), ...wanted.restored.keys()].map((path) => prefix + path);
    const ground = await survey(git, tip, [...paths, mark]);
    const restored = toRestore(wanted.restored, ground, prefix, target.shared);
    if (hi === 0) unsureThrough = journal.last; // the tip does not say which of its segments are this journal's
    const doubt = { ground, prefix, journalID: journal.id, hi, unsure: hi < unsureThrough };
    const named = withOwnNames(wanted.files, { ground, prefix, journalID: journal.id, restored });
    const files = await withoutRepeats(git, named, doubt);
    const set = await changesetOf(ground, { ...wanted, files, restored }, prefix);
    tellConflicts(set.conflicts);
    const seq = heldAt(entries, set.conflicts, hi);
    if (set.changes.length === 0 && !standing.renewed && seq - hi <= LAG) {
      idle = state;
      prunedFor = firstKept;
      return null;
    }
    const watermark = seq === hi ? standing.mark : { hi: seq, digest: await journal.digest(seq) };
    const own = changeTo(ground, mark, printWatermark(watermark));
    const changes = [...set.changes.filter(({ path }) => path !== mark), ...(own ? [own] : [])];
    const plain = messageOf(task, set, watermark, journal.id);
    const message = options.skipCI === true ? skippingCI(plain) : plain;
    const draft = { parent: tip, message, author: options.identity, time: clock.now(), changes };
    const commit = await buildCommit(git, draft, prefix);
    return { commit, mark: watermark, overridden: set.overridden, pruned: task.pruned, firstKept };
  }

  /** Once for each set of paths, not once for each attempt. */
  function tellConflicts(conflicts: readonly string[]): void {
    const key = conflicts.join('\n');
    if (key !== told && conflicts.length > 0) observe({ kind: 'PathConflict', paths: conflicts.slice(0, NAMED) });
    told = key;
  }

  return {
    next,
    get hi() {
      return hi;
    },
    async landed({ commit, mark, overridden, pruned, firstKept }) {
      hi = mark.hi;
      prunedFor = firstKept;
      if (hi === journal.last) idle = stateOf(commit, firstKept); // all of it has just been written there
      await lookout.landed(commit, mark);
      if (overridden.length > 0) observe({ kind: 'Overridden', paths: overridden.slice(0, NAMED), commit });
      if (pruned.length > 0) observe({ kind: 'LogsPruned', folders: pruned });
    },
  };
}

const NO_PUBLICATION = { files: new Map<string, string | null>(), message: '' };

function messageOf(task: Task, set: Changeset, mark: Watermark, journalID: string): string {
  const { overridden } = set;
  const { hi } = task.standing.mark;
  const because =
    overridden.length > 0
      ? `bmcron: put right ${overridden.length} of the service's own files`
      : `bmcron: logs of ${task.pruned.length} days have become too old`;
  const more = overridden.length - NAMED;
  return withTrailers(task.message || because, [
    `Bmcron-Controller: ${journalID}`,
    ...(mark.hi > hi ? [`Bmcron-Seq: ${hi + 1}-${mark.hi}`] : []),
    ...overridden.slice(0, NAMED).map((path) => `Bmcron-Override: ${path}`),
    ...(more > 0 ? [`Bmcron-Override: and ${more} more`] : []),
  ]);
}

/** Right below the subject: some CI systems look at the first lines alone. */
function skippingCI(message: string): string {
  const [subject = '', ...rest] = message.split('\n\n');
  return [subject, '[skip ci]', ...rest].join('\n\n');
}

async function take(journal: Journal, hi: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.since(hi)) if (entries.push(entry) >= CHUNK) break;
  return entries;
}
