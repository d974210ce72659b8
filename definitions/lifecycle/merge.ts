import type { JobID, Jobs } from '../job.ts';
import { version } from '../job-version.ts';
import type { LastTrigger, Missed, Status } from '../status.ts';
import { canonical, type Json } from '../values/json.ts';
import type { Timestamp } from '../values/time.ts';
import { MISSED_KEPT } from './missed.ts';
import { specOf } from './restore.ts';
import { TOKENS_KEPT } from './trigger.ts';

/** What is known of a job, or of a file's jobs, that two controllers ran in turn. */
export interface MergeBase<Facts> {
  /** What this controller published last, before the two diverged; undefined: not known any more. */
  readonly base: Facts | undefined;
  /** The jobs of the tip. */
  readonly tip: Jobs;
  /** When runs of jobs began that this controller's journal knows. */
  readonly starts: ReadonlyMap<JobID, readonly Timestamp[]>;
}

/**
 * The facts of a status file's jobs, merged from two controllers. A job that both knew and the other one has dropped is
 * gone with its manifest (R20); a job that the other one never knew stays. Where nothing changes, the facts are ours,
 * the very same objects.
 */
export function mergeFile(
  ours: readonly Status[],
  theirs: readonly Status[],
  { base, ...known }: MergeBase<readonly Status[]>,
): readonly Status[] {
  const find = (among: readonly Status[], { Id }: Status) => among.find((each) => each.Id === Id);
  const merged = theirs.map((facts) => {
    const own = find(ours, facts);
    return own ? mergeStatus(own, facts, { ...known, base: base && (find(base, facts) ?? null) }) : facts;
  });
  return [...merged, ...ours.filter((own) => !find(theirs, own) && !(base && find(base, own)))];
}

/**
 * The facts of one job that two controllers ran, merged so that nothing goes back: what either knows as run never runs
 * again (R23, R28), the later run is the last one, the counter counts the runs of both. Merging again changes nothing,
 * since a crash may come before the facts are public.
 */
export function mergeStatus(ours: Status, theirs: Status, known: MergeBase<Status | null>): Status {
  const { base } = known;
  const LastTrigger = mergeTriggers(ours.LastTrigger, theirs.LastTrigger);
  const isNew = base && ours.CreatedTime !== theirs.CreatedTime; // one of them saw it deleted and added again (R20)
  if (isNew) {
    const latest = theirs.CreatedTime > ours.CreatedTime ? theirs : ours;
    return oursIfEqual(ours, {
      ...latest,
      ExecutionCount: Math.max(latest.ExecutionCount, theirs.ExecutionCount),
      LastTrigger,
    });
  }
  const last = ranLast(ours, theirs);
  const { Machines, Status, LastRun, LastRunTime } = last;
  const Rollout = mergeRollouts(ours, theirs, base, last);
  const current = isOnlyOursAtTip(ours, theirs, known) ? ours : theirs;
  return oursIfEqual(ours, {
    ...current,
    ...(current.MachineSelector && { Machines }), // those of the last claim (S14)
    Status,
    LastRun,
    LastRunTime,
    LastTrigger,
    CreatedTime: earlier(ours.CreatedTime, theirs.CreatedTime),
    NextRunTime: mergeNext(ours, theirs, known),
    ExecutionCount: Math.max(ours.ExecutionCount, theirs.ExecutionCount + unpublished(ours, known)),
    Missed: mergeMissed(ours.Missed, theirs.Missed),
    ...(Rollout && { Rollout }),
  });
}

/**
 * Whether ours alone is of the version at the tip. Where theirs has meanwhile met an edit, the tip is a later one
 * still, and theirs counts.
 */
function isOnlyOursAtTip(ours: Status, theirs: Status, { base, tip }: MergeBase<Status | null>): boolean {
  const [own, other] = [version(specOf(ours)), version(specOf(theirs))];
  return own !== other && own === tip.get(ours.Id)?.version && (!base || version(specOf(base)) === other);
}

/**
 * The next run. Of two versions, that of the version that counts; of one version, from whoever moved it since they
 * diverged. Where both did, the later one, since all before it has been dealt with; no further run is later than any.
 */
function mergeNext(ours: Status, theirs: Status, known: MergeBase<Status | null>): Timestamp | null {
  const { base } = known;
  const current = isOnlyOursAtTip(ours, theirs, known) ? ours : theirs;
  if (version(specOf(ours)) !== version(specOf(theirs))) return current.NextRunTime;
  const [own, other] = [ours.NextRunTime, theirs.NextRunTime];
  if (own === other || base?.NextRunTime === own) return other;
  if (base?.NextRunTime === other) return own;
  return own === null || other === null ? null : later(own, other);
}

/** Whoever ran it last knows how that ended; of the same moment, whoever saw its end. */
function ranLast(ours: Status, theirs: Status): Status {
  const [own, other] = [ours.LastRunTime ?? '', theirs.LastRunTime ?? ''];
  if (own !== other) return own > other ? ours : theirs;
  return theirs.LastRun?.EndTime || !ours.LastRun?.EndTime ? theirs : ours;
}

/**
 * How far a rollout has come: as whoever moved it since they diverged says. Where both did, as whoever ran it last; but
 * a halt that either has, and nobody has resumed since, stands.
 */
function mergeRollouts(ours: Status, theirs: Status, base: Status | null | undefined, last: Status) {
  const [own, other] = [ours.Rollout, theirs.Rollout];
  if (!own || !other || same(own, other)) return own ?? other;
  if (same(own, base?.Rollout)) return other;
  if (same(other, base?.Rollout)) return own;
  const [latest, earlier] = last === ours ? [own, other] : [other, own];
  const isOne = latest.Effect === earlier.Effect && latest.Resumed === earlier.Resumed;
  return isOne && !latest.Halted && earlier.Halted ? { ...latest, Soak: null, Halted: earlier.Halted } : latest;
}

function same(a: Status['Rollout'], b: Status['Rollout']): boolean {
  return canonical((a ?? null) as unknown as Json) === canonical((b ?? null) as unknown as Json);
}

/** How many runs of this controller the other one cannot know of. */
function unpublished({ Id, CreatedTime }: Status, { base, starts }: MergeBase<Status | null>): number {
  if (base === undefined) return 0;
  const since = base?.LastRunTime ?? '';
  return (starts.get(Id) ?? []).filter((start) => start > since && start >= CreatedTime).length;
}

/** The later trigger, and before it all tokens of both; where they are too many, its own oldest are forgotten. */
function mergeTriggers(ours: LastTrigger | null, theirs: LastTrigger | null): LastTrigger | null {
  if (!ours || !theirs) return ours ?? theirs;
  const [last, other] = ours.Time > theirs.Time ? [ours, theirs] : [theirs, ours];
  const known = new Set([last.Token, ...(last.Before ?? [])]);
  const others = [other.Token, ...(other.Before ?? [])].filter((token) => !known.has(token));
  return others.length === 0 ? last : { ...last, Before: [...others, ...(last.Before ?? [])].slice(0, TOKENS_KEPT) };
}

function mergeMissed(ours: readonly Missed[], theirs: readonly Missed[]): readonly Missed[] {
  const others = ours.filter((own) => !theirs.some(({ Time }) => Time === own.Time));
  if (others.length === 0) return theirs;
  const all = [...theirs, ...others].sort((a, b) => (a.Time < b.Time ? 1 : a.Time > b.Time ? -1 : 0));
  return all.slice(0, MISSED_KEPT);
}

function oursIfEqual(ours: Status, merged: Status): Status {
  const text = (status: Status) => canonical(status as unknown as Json);
  return text(merged) === text(ours) ? ours : merged;
}

function earlier(a: Timestamp, b: Timestamp): Timestamp {
  return a < b ? a : b;
}

function later(a: Timestamp, b: Timestamp): Timestamp {
  return a < b ? b : a;
}
