import { upcoming } from '../calendar/upcoming.ts';
import type { Job, JobID, Jobs } from '../job.ts';
import type { Machines } from '../machine.ts';
import { foreseenBlock, foreseenText } from '../safety/foreseen.ts';
import type { Json } from '../values/json.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import type { Windows } from '../window.ts';
import { type FieldChange, fieldChanges } from './field-diff.ts';

/** What becomes of a window. */
export interface WindowChange {
  readonly op: 'add' | 'change' | 'remove';
  readonly window: string;
  readonly file: string;
  readonly fields: readonly FieldChange[];
}

/** Coming runs of a job that windows take out, wholly or on some of its machines, or do so no more. */
export interface RunsTaken {
  readonly job: JobID;
  /** False: they are given back. */
  readonly isTaken: boolean;
  readonly runs: number;
  readonly first: Timestamp;
  readonly last: Timestamp;
  /** Why, for the first of them. */
  readonly message: string;
}

/** How far ahead runs are looked at, and how many of all jobs together. */
const HORIZON_MS = 90 * 86_400_000;
const MOST_JUDGED = 20_000;

/** What of a fleet says which runs are blocked. */
export interface WindowView {
  readonly windows: Windows;
  readonly brokenWindows: ReadonlySet<string>;
  readonly machines: Machines;
  readonly settings: { readonly TimeZone: string };
}

/** What changes in the windows, by Name. */
export function windowChanges(before: Windows, after: Windows): readonly WindowChange[] {
  const changes: WindowChange[] = [];
  for (const [name, { window, file }] of after) {
    const was = before.get(name);
    const fields = was ? fieldChanges(was.window as unknown as Json, window as unknown as Json) : [];
    if (!was) changes.push({ op: 'add', window: name, file, fields: [] });
    else if (fields.length > 0) changes.push({ op: 'change', window: name, file, fields });
  }
  for (const [name, { file }] of before)
    if (!after.has(name)) changes.push({ op: 'remove', window: name, file, fields: [] });
  return changes.sort((a, b) => (a.window < b.window ? -1 : 1));
}

/** The coming runs of these jobs that are blocked after and not before, or the reverse. */
export function runsTaken(jobs: Jobs, before: WindowView, after: WindowView, now: Date): readonly RunsTaken[] {
  let judged = 0;
  return [...jobs.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((job) => {
      const taken = new Map<boolean, RunsTaken>();
      if (job.spec.Suspend) return [];
      for (const run of upcoming(job.spec.Schedule, after.settings.TimeZone, now)) {
        judged += 1;
        if (run.getTime() > now.getTime() + HORIZON_MS || judged > MOST_JUDGED) break;
        const [was, is] = [blockAt(job, run, before), blockAt(job, run, after)];
        if ((was === null) === (is === null)) continue;
        const isTaken = is !== null;
        const known = taken.get(isTaken);
        const last = timestamp(run);
        const one = { job: job.id, isTaken, runs: 1, first: last, last, message: is ?? was ?? '' };
        taken.set(isTaken, known ? { ...known, runs: known.runs + 1, last } : one);
      }
      return [...taken.values()];
    });
}

function blockAt(job: Job, run: Date, { windows, brokenWindows, machines, settings }: WindowView): string | null {
  const context = { windows, brokenWindows, timeZone: settings.TimeZone, inventory: machines };
  const block = foreseenBlock(job, job.machines, run, context);
  return block && foreseenText(block);
}
