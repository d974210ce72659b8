import { nextRun } from '../calendar/next-run.ts';
import type { Job, JobID, Jobs } from '../job.ts';
import { equal } from '../values/json.ts';
import type { Timestamp } from '../values/time.ts';

/** What becomes of one job on the way from the jobs in force to those that a commit asks for. */
export type Change =
  | { readonly op: 'add'; readonly job: Job }
  /** A new version: what it does or when (R19). */
  | { readonly op: 'change'; readonly job: Job; readonly was: Job }
  /** The same version, written otherwise: Name, Suspend, Trigger, formatting (R19). */
  | { readonly op: 'edit'; readonly job: Job; readonly was: Job }
  /** The same content under another path (R20). */
  | { readonly op: 'rename'; readonly job: Job; readonly was: Job }
  /** The same manifest, and its selector fits other machines (S05). */
  | { readonly op: 'select'; readonly job: Job; readonly was: Job }
  /** The zone that governs it is another now (R11). */
  | { readonly op: 'rearm'; readonly job: Job }
  | { readonly op: 'remove'; readonly was: Job };

/** What turns the `current` jobs into the `desired` ones; empty when they already agree. */
export function plan(current: Jobs, desired: Jobs): readonly Change[] {
  const renames = renamed(current, desired);
  const changes: Change[] = [];
  for (const job of desired.values()) {
    const was = current.get(job.id);
    if (was === job) continue;
    const source = renames.get(job);
    if (was && was.version !== job.version) changes.push({ op: 'change', job, was });
    else if (was && !sameSource(was, job)) changes.push({ op: 'edit', job, was });
    else if (was && !reachesSame(was, job)) changes.push({ op: 'select', job, was });
    else if (!was && source) changes.push({ op: 'rename', job, was: source });
    else if (!was) changes.push({ op: 'add', job });
  }
  const moved = new Set(renames.values());
  for (const was of current.values()) {
    if (!desired.has(was.id) && !moved.has(was)) changes.push({ op: 'remove', was });
  }
  return changes;
}

/**
 * The jobs whose next run, by what is known of zones now, is no occurrence of theirs: while the service was down, the
 * zone in force or the time-zone data of the host have changed (R11). What fell due meanwhile did so by the old ones.
 */
export function displaced(
  jobs: Jobs,
  nextOf: (id: JobID) => Timestamp | null,
  timeZone: string,
  now: Date,
): readonly Change[] {
  const isOccurrence = (job: Job, next: Date) =>
    nextRun(job.spec.Schedule, timeZone, new Date(next.getTime() - 1000))?.getTime() === next.getTime();
  return [...jobs.values()].flatMap((job): Change[] => {
    const text = nextOf(job.id);
    if (text === null) return [];
    const next = new Date(text);
    return next > now && !isOccurrence(job, next) ? [{ op: 'rearm', job }] : [];
  });
}

function reachesSame(was: Job, job: Job): boolean {
  return job.spec.MachineSelector === undefined || equal(was.machines, job.machines);
}

/** New job → the job whose content, byte for byte, it takes over from a path that is gone. */
function renamed(current: Jobs, desired: Jobs): ReadonlyMap<Job, Job> {
  const gone = new Map<string, Job[]>();
  for (const was of current.values()) {
    if (desired.has(was.id)) continue;
    const key = contentKey(was);
    gone.set(key, [...(gone.get(key) ?? []), was]);
  }
  const pairs = new Map<Job, Job>();
  if (gone.size === 0) return pairs;
  for (const job of desired.values()) {
    if (current.has(job.id)) continue;
    const was = gone.get(contentKey(job))?.shift() ?? gone.get(meaningKey(job))?.shift();
    if (was) pairs.set(job, was);
  }
  return pairs;
}

/** A job that is known from its status file alone has no bytes to compare: what it means must do. */
function contentKey(job: Job): string {
  const { source, version } = job;
  return source.blob === '' ? meaningKey(job) : `${source.blob} ${source.document} ${version}`;
}

function meaningKey({ source, version, spec }: Job): string {
  return `${source.document} ${version} ${spec.Name}`;
}

function sameSource({ source: a }: Job, { source: b }: Job): boolean {
  return a.blob === b.blob && a.document === b.document && a.file === b.file;
}
