import type { JournalEntry } from '../../definitions/lifecycle/journal-record.ts';
import type { Publication } from '../../definitions/publication.ts';
import type { Deps } from '../events/deps.ts';
import type { GitEvent } from '../events/git-event.ts';
import { type Identity, withTrailers } from '../git/fast-import.ts';
import type { Signer } from '../git/signature.ts';
import type { Journal } from '../state/journal.ts';
import { type Batch, batchAfter, latestStatuses } from './backlog.ts';
import {
  type Changeset,
  type CommitBase,
  changesetOn,
  type Wanted,
  withOwnNames,
  withoutRepeats,
  writtenThrough,
} from './changes.ts';
import { buildCommit, changeTo, obstacleTo, survey, type TipEntries } from './commit.ts';
import { firstKeptDay, isOldLog, oldLogs } from './log-retention.ts';
import { advanceTip, lookAt, type Tip, type TipOptions, toRestore } from './tip.ts';
import { printWatermark, type Watermark, watermarkPath } from './watermark.ts';

/** Paths that a message names. */
const NAMED = 20;
/** Entries without effect on files after which the watermark alone is worth a commit. */
const LAG = 50_000;

/** A commit that waits to become the tip. */
export interface BuiltCommit {
  readonly commit: string;
  readonly mark: Watermark;
  /** The last journal entry that it was made of; the watermark is behind it where something is in the way of files. */
  readonly through: number;
  readonly overridden: readonly string[];
  /** Folders of logs that go. */
  readonly pruned: readonly string[];
  /** The first day whose logs stay; null: all do. */
  readonly firstKept: string | null;
}

export interface NextCommitOptions extends TipOptions {
  /**
   * What entries change in Git; pure, paths below the fleet's root. The journal's ID names segments (`Logs.Layout`).
   */
  readonly project: (entries: readonly JournalEntry[], journalID: string) => Publication | Promise<Publication>;
  readonly identity: Identity;
  /** Signs each commit; null: they are not signed. */
  readonly signer: Signer | null;
  /** Whether messages tell CI systems to leave these commits alone (`[skip ci]`). */
  readonly skipCI: boolean;
  /** `Logs.KeepDays` of this moment. */
  readonly logsKeepDays: () => number | null;
}

/** What there is to do on a tip. */
interface Task extends Batch {
  /** The entry before the first. */
  readonly after: number;
  readonly wanted: Wanted;
  readonly message: string;
  /** Folders of logs that go. */
  readonly pruned: readonly string[];
}

/**
 * Builds the commit that brings a tip nearer to the journal; null when it is up to date. What somebody's file is in the
 * way of waits, and holds the watermark back; what comes after that is published all the same, a batch at a time.
 * @param parent the tip; null when the branch does not exist yet
 * @throws GitError, JournalError, and what `project` throws
 */
export async function nextCommit(
  tip: Tip,
  parent: string | null,
  options: NextCommitOptions,
): Promise<BuiltCommit | null> {
  const { journal, clock } = options;
  const keepDays = options.logsKeepDays();
  const firstKept = keepDays === null ? null : firstKeptDay(clock.now(), keepDays);
  const state = stateOf(parent, journal, firstKept);
  if (state === tip.upToDate) return null;
  await lookAt(tip, parent, options);
  for (;;) {
    const task = await taskOn(tip, parent, firstKept, options);
    const built = await commitFor(task, tip, parent, options);
    if (built !== null) return { ...built, firstKept };
    tip.prunedFor = firstKept;
    if (task.through >= journal.last) break;
    tip.examined = task.through; // all of it is there already, or waits
  }
  tip.upToDate = state;
  return null;
}

/** The commit of a task; null where all of it is there already, or somebody's file is in its way. */
async function commitFor(
  task: Task,
  tip: Tip,
  parent: string | null,
  options: NextCommitOptions,
): Promise<Omit<BuiltCommit, 'firstKept'> | null> {
  const { branch, journal, prefix, clock } = options;
  const { hi } = tip.mark;
  const ownMark = prefix + watermarkPath(journal.id);
  const { entries, changeset } = await compare(tip, parent, task.wanted, options);
  const isUnmarked = obstacleTo(entries, ownMark) !== null;
  reportConflicts(
    tip,
    obstaclesIn(entries, [...changeset.conflicts, watermarkPath(journal.id)], prefix),
    task,
    options,
  );
  // What is behind entries that wait moves no watermark.
  const seq = task.after > hi ? hi : writtenThrough(task.entries, changeset.conflicts, task.through);
  const mark = seq === hi ? tip.mark : { hi: seq, digest: await journal.digest(seq) };
  if (changeset.changes.length === 0 && (isUnmarked || (!tip.renewed && seq - hi <= LAG))) {
    // All of these are there already. What follows them may be more than this commit carries.
    if (isUnmarked || (seq > hi && seq < journal.last)) tip.mark = mark;
    return null;
  }
  const markChange = isUnmarked ? null : changeTo(entries, ownMark, printWatermark(mark));
  const changes = [...changeset.changes.filter(({ path }) => path !== ownMark), ...(markChange ? [markChange] : [])];
  const plain = messageOf(task, changeset, { from: hi, to: mark.hi }, journal.id);
  const message = options.skipCI ? skippingCI(plain) : plain;
  const draft = { parent, message, author: options.identity, time: clock.now(), changes };
  const commit = await buildCommit(branch.git, draft, options);
  return { commit, mark, through: task.through, overridden: changeset.overridden, pruned: task.pruned };
}

/** Remembers that a built commit has become the tip, and reports what it did beside publishing. @throws GitError */
export async function confirmCommit(tip: Tip, built: BuiltCommit, options: NextCommitOptions): Promise<void> {
  const { commit, mark, overridden, pruned, firstKept } = built;
  const { journal, observe } = options;
  const isAll = mark.hi === journal.last; // all of it has just been written there
  const state = stateOf(commit, journal, firstKept);
  await advanceTip(tip, commit, mark, options);
  tip.prunedFor = firstKept;
  if (isAll) tip.upToDate = state;
  if (overridden.length > 0) observe({ kind: 'Overridden', paths: overridden.slice(0, NAMED), commit });
  if (pruned.length > 0) observe({ kind: 'LogsPruned', folders: pruned });
}

function stateOf(commit: string | null, journal: Journal, firstKept: string | null): string {
  return [commit, journal.last, firstKept].join(' ');
}

/** Everything that a tip lacks, up to what one commit carries. */
async function taskOn(
  tip: Tip,
  parent: string | null,
  firstKept: string | null,
  options: NextCommitOptions,
): Promise<Task> {
  const { branch, journal, prefix, observe } = options;
  const { hi } = tip.mark;
  const after = Math.max(hi, tip.examined);
  if (hi > 0 && after < journal.pruned) observe({ kind: 'RecordsGone', after: hi, before: journal.pruned + 1 });
  tip.latest ??= await latestStatuses(journal, hi);
  const { entries, through } = await batchAfter(journal, after, tip.latest);
  const { files, message } = entries.length > 0 ? await options.project(entries, journal.id) : NO_PUBLICATION;
  const old =
    parent && firstKept && firstKept !== tip.prunedFor
      ? await oldLogs(branch.git, parent, prefix, firstKept)
      : { paths: [], folders: [] };
  const young = [...files].filter(([path]) => firstKept === null || !isOldLog(path, firstKept));
  const restored = new Map([...tip.tampering.blobs].filter(([path]) => !firstKept || !isOldLog(path, firstKept)));
  return {
    after,
    entries,
    through,
    wanted: { files: new Map(young), restored, old: old.paths },
    message,
    pruned: old.folders,
  };
}

const NO_PUBLICATION: Publication = { files: new Map(), message: '' };

/** Compares what is wanted with what the tip has where it would be written. */
async function compare(
  tip: Tip,
  parent: string | null,
  wanted: Wanted,
  options: NextCommitOptions,
): Promise<{ readonly entries: TipEntries; readonly changeset: Changeset }> {
  const { branch, journal, prefix } = options;
  const { hi } = tip.mark;
  const paths = [...wanted.files.keys(), ...wanted.restored.keys()].map((path) => prefix + path);
  const entries = await survey(branch.git, parent, [...paths, prefix + watermarkPath(journal.id)]);
  const restored = toRestore(wanted.restored, entries, prefix, branch.shared);
  if (hi === 0) tip.unsureThrough = journal.last; // the tip does not say which of its segments are this journal's
  const base: CommitBase = { entries, prefix, journalID: journal.id, hi, unsure: hi < tip.unsureThrough };
  const files = await withoutRepeats(branch.git, withOwnNames(wanted.files, base, restored), base);
  return { entries, changeset: await changesetOn(base, { files, restored, old: wanted.old }) };
}

/** What is in the way of these paths: one folder that is somebody's file can be in the way of thousands. */
function obstaclesIn(entries: TipEntries, paths: readonly string[], prefix: string): string[] {
  const found = paths.map((path) => obstacleTo(entries, prefix + path)).filter((path) => path !== null);
  return [...new Set(found)].sort();
}

/** Once for each set of paths, not for each attempt; of what is behind entries that wait, what was not told yet. */
function reportConflicts(tip: Tip, paths: readonly string[], task: Task, { observe }: Deps<GitEvent>): void {
  const isFirst = task.after <= tip.mark.hi;
  const isNew = isFirst ? paths.join() !== tip.conflicts.join() : paths.some((path) => !tip.conflicts.includes(path));
  if (isNew && paths.length > 0) observe({ kind: 'PathConflict', paths: paths.slice(0, NAMED) });
  tip.conflicts = isFirst ? paths : [...new Set([...tip.conflicts, ...paths])].sort();
}

/** @param range the watermark before and after */
function messageOf(
  task: Task,
  { overridden }: Changeset,
  range: { readonly from: number; readonly to: number },
  journalID: string,
): string {
  const because =
    overridden.length > 0
      ? `bmcron: put right ${overridden.length} of the service's own files`
      : `bmcron: logs of ${task.pruned.length} days have become too old`;
  const more = overridden.length - NAMED;
  return withTrailers(task.message || because, [
    `Bmcron-Controller: ${journalID}`,
    ...(range.to > range.from ? [`Bmcron-Seq: ${range.from + 1}-${range.to}`] : []),
    ...overridden.slice(0, NAMED).map((path) => `Bmcron-Override: ${path}`),
    ...(more > 0 ? [`Bmcron-Override: and ${more} more`] : []),
  ]);
}

/** Right below the subject: some CI systems look at the first lines alone. */
function skippingCI(message: string): string {
  const [subject = '', ...rest] = message.split('\n\n');
  return [subject, '[skip ci]', ...rest].join('\n\n');
}
