import { isOwn, manifestsOf, OWN_PLACES } from '../../definitions/own-paths.ts';
import type { Deps } from '../events/deps.ts';
import type { GitEvent } from '../events/git-event.ts';
import type { Branch } from '../git/branch.ts';
import { contains, readRef, resolveRef } from '../git/refs.ts';
import { type Difference, differences, isFile, listFiles } from '../git/tree.ts';
import type { Journal } from '../state/journal.ts';
import type { LatestStatuses } from './backlog.ts';
import { obstacleTo, survey, type TipEntries } from './commit.ts';
import { lastPublished, type OwnCommits } from './own-commits.ts';
import {
  isMarkOf,
  markedID,
  NOTHING,
  publishedRef,
  readWatermark,
  type Watermark,
  watermarkPath,
} from './watermark.ts';

const HOUR_MS = 3_600_000;

/** What others did to the service's files since it last published. Paths are below the fleet's root. */
export interface OthersChanges {
  /** What was there, by path: object IDs, to be put back. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Other controllers that have written too: their IDs, and the objects of their watermarks. */
  readonly controllers: ReadonlyMap<string, string>;
}

const UNTOUCHED: OthersChanges = { blobs: new Map(), controllers: new Map() };

/** All that the publisher knows of the branch's tip, and what it has done about it. One record: it can be printed. */
export interface Tip {
  /** The commit that was looked at last, null when the branch does not exist; undefined before the first look. */
  commit: string | null | undefined;
  /** How far the journal is published there. */
  mark: Watermark;
  /** What others did to the service's files since. */
  tampering: OthersChanges;
  /** The journal has a new ID that the tip does not know. */
  renewed: boolean;
  /** What the service published last; null: nothing. Undefined: nobody has asked yet. */
  published: string | null | undefined;
  /** For this commit, last journal entry and first day of logs there was nothing to do. */
  upToDate: string;
  /** Entries up to this one may stand in the tip's segments under other numbers. */
  unsureThrough: number;
  /** The first day that the tip's logs have been looked through for. */
  prunedFor: string | null;
  /** The conflicts that were reported, sorted. */
  conflicts: readonly string[];
  /** Up to this entry all is there on this tip or on one that the service built it on, or waits for its place. */
  examined: number;
  /** The latest statuses of what was not published when this tip was found; undefined before anybody asked. */
  latest: LatestStatuses | undefined;
  /** Others that have published since: the object of their watermark, and when that was reported (epoch ms). */
  readonly others: Map<string, { readonly mark: string; readonly reportedMs: number }>;
}

export interface TipOptions extends Deps<GitEvent> {
  readonly branch: Branch;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  readonly journal: Journal;
  /** Tells commits of controllers from those of others. */
  readonly own: OwnCommits;
  /** The tip at the start: whoever published before that is not reported, but was there in between. */
  readonly seenAtStart: () => string | null;
}

/** Nothing is known yet. */
export function unknownTip(): Tip {
  return {
    commit: undefined,
    mark: NOTHING,
    tampering: UNTOUCHED,
    renewed: false,
    published: undefined,
    upToDate: '',
    unsureThrough: 0,
    prunedFor: null,
    conflicts: [],
    examined: 0,
    latest: undefined,
    others: new Map(),
  };
}

/** Finds out how a commit stands to the journal, unless that is known. @throws GitError */
export async function lookAt(tip: Tip, commit: string | null, options: TipOptions): Promise<void> {
  if (tip.commit === commit) return;
  const found = await inspect(tip, commit, options);
  tip.commit = commit;
  tip.mark = found.mark;
  tip.tampering = found.tampering;
  tip.renewed = found.renewed;
  tip.examined = 0; // others may have taken away what was there, or made room for what waits
  tip.latest = undefined;
}

/** Remembers that a commit of the service has become the tip. @throws GitError */
export async function advanceTip(tip: Tip, commit: string, mark: Watermark, options: TipOptions): Promise<void> {
  const { branch, journal } = options;
  await branch.git.text(['update-ref', publishedRef(branch, journal.id), commit]);
  tip.published = commit;
  tip.commit = commit;
  tip.mark = mark;
  tip.tampering = UNTOUCHED;
  tip.renewed = false;
}

type Inspection = Pick<Tip, 'mark' | 'tampering' | 'renewed'>;

async function inspect(tip: Tip, commit: string | null, options: TipOptions): Promise<Inspection> {
  const { journal, observe } = options;
  if (commit === null) return { mark: NOTHING, tampering: UNTOUCHED, renewed: false };
  const tampering = await tamperingAt(tip, commit, options);
  const published = tip.published ?? null;
  // What others changed is put back by its objects: it counts as published.
  const isChanged = published !== null && tampering.blobs.has(watermarkPath(journal.id));
  const mark = isChanged ? await markAt(published, options) : await markOn(tip, commit, options);
  if (await isMarkOf(journal, mark)) return { mark, tampering, renewed: false };
  // A disk that was set back took this clone back with it: what that says was public before.
  const before = published ? await markAt(published, options) : NOTHING;
  const mine = (await isMarkOf(journal, before)) ? before : NOTHING;
  const was = journal.id;
  await journal.renew();
  observe({ kind: 'JournalRenewed', was, id: journal.id });
  return { mark: mine, tampering: UNTOUCHED, renewed: true };
}

/** How far a commit holds the journal. Where it cannot say so, somebody's file being in the way: as far as is known. */
async function markOn({ published, mark }: Tip, commit: string, options: TipOptions): Promise<Watermark> {
  const { branch, prefix, journal } = options;
  const path = prefix + watermarkPath(journal.id);
  const entries = await survey(branch.git, commit, [path]);
  if (obstacleTo(entries, path) === null) return readWatermark(branch.git, entries.get(path));
  return published && (await contains(branch.git, commit, published)) ? mark : NOTHING;
}

/** What a commit says of this journal. */
async function markAt(commit: string, { branch, prefix, journal }: TipOptions): Promise<Watermark> {
  const path = prefix + watermarkPath(journal.id);
  return readWatermark(branch.git, (await survey(branch.git, commit, [path])).get(path));
}

async function tamperingAt(tip: Tip, commit: string, options: TipOptions): Promise<OthersChanges> {
  const by = options.journal.id;
  tip.published = await lastPublishedBefore(tip, commit, options);
  if (tip.published === null) return checkOthers(tip, commit, options);
  if (tip.published === commit) return UNTOUCHED;
  // A commit that became public in the moment of a crash: what others did after it counts, not what it brought.
  tip.published = (await options.own.newest([commit, `^${tip.published}`], by)) ?? tip.published;
  const found = await findTampering(tip.published, commit, options);
  await reportOthers(tip, found.controllers, options);
  return found;
}

/** Who has published nothing yet has nothing to be put right, but whoever publishes meanwhile is to be reported. */
async function checkOthers(tip: Tip, commit: string, options: TipOptions): Promise<OthersChanges> {
  const since = options.seenAtStart();
  const isHere = since !== null && since !== commit && (await resolveRef(options.branch.git, since)) !== null;
  if (isHere) await reportOthers(tip, (await findTampering(since, commit, options)).controllers, options);
  return UNTOUCHED;
}

/** What was published last. A clone that was made anew does not know, or may not hold it: then its history says. */
async function lastPublishedBefore(tip: Tip, commit: string, options: TipOptions): Promise<string | null> {
  const { branch, journal, prefix } = options;
  const { git } = branch;
  const known = tip.published === undefined ? await readRef(git, publishedRef(branch, journal.id)) : tip.published;
  if (tip.published === null || known === commit) return known;
  if (known !== null && (await resolveRef(git, known)) !== null) return known;
  const mark = prefix + watermarkPath(journal.id);
  return lastPublished(options.own, git, commit, { journalID: journal.id, mark });
}

/**
 * Compares a tip with what the service last published. What another controller left since is as good as what this one
 * did: both put back the same, or they would do so for ever. A file that others add is not its business.
 */
async function findTampering(published: string, commit: string, options: TipOptions): Promise<OthersChanges> {
  const { branch, prefix, own, journal } = options;
  const places = OWN_PLACES.map((place) => prefix + place);
  const differing = new Map<string, Difference>();
  for (const [path, difference] of await differences(branch.git, published, commit, places)) {
    if (isOwn(path.slice(prefix.length))) differing.set(path, difference);
  }
  const isRival = (path: string) => ![null, journal.id].includes(markedID(path.slice(prefix.length)));
  const controllers = new Map<string, string>();
  if ([...differing.keys()].some(isRival)) {
    const written = await own.lastWritten([commit, `^${published}`], []);
    const there = await survey(branch.git, commit, written.keys());
    for (const [path, before] of written) {
      differing.set(path, { before, after: there.get(path) ?? null });
      const id = before && isRival(path) ? markedID(path.slice(prefix.length)) : null;
      if (before && id !== null) controllers.set(id, before.id);
    }
  }
  const blobs = new Map<string, string>();
  for (const [path, { before, after }] of differing) {
    const isThere = after?.id === before?.id && after?.mode === before?.mode;
    if (before && isFile(before) && !isThere) blobs.set(path.slice(prefix.length), before.id);
  }
  return { blobs, controllers };
}

/** Which of them are to be put back: a status file that went with its manifest is gone for good. */
export function toRestore(
  blobs: ReadonlyMap<string, string>,
  entries: TipEntries,
  prefix: string,
  shared: boolean,
): Map<string, string> {
  const isThere = (path: string) => entries.has(prefix + path);
  const isWanted = ([path]: [string, string]) =>
    !shared || !path.endsWith('.status.yaml') || isThere(path) || manifestsOf(path).some(isThere);
  return new Map([...blobs].filter(isWanted));
}

/**
 * Reports other controllers that have published since this one did: each when it has published something new, and at
 * most once an hour. A person must act, but can read.
 * @param marks the objects of their watermarks, by ID
 */
async function reportOthers(tip: Tip, marks: ReadonlyMap<string, string>, options: TipOptions): Promise<void> {
  for (const [id, mark] of marks) {
    const before = tip.others.get(id) ?? { mark: await markAtStart(id, options), reportedMs: Number.NEGATIVE_INFINITY };
    const nowMs = options.clock.now().getTime();
    if (before.mark === mark) continue;
    const isDue = nowMs - before.reportedMs >= HOUR_MS;
    tip.others.set(id, { mark, reportedMs: isDue ? nowMs : before.reportedMs });
    if (isDue) options.observe({ kind: 'RivalController', id });
  }
}

/** The object of another controller's watermark as it was when this one started. */
async function markAtStart(id: string, { branch, prefix, seenAtStart }: TipOptions): Promise<string | undefined> {
  const commit = seenAtStart();
  if (commit === null) return undefined;
  const path = prefix + watermarkPath(id);
  // A clone that was made anew may not hold that commit: then the other one is reported.
  const found = await listFiles(branch.git, commit, [path]).catch(() => null);
  return found?.get(path)?.id;
}
