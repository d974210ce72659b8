import { nextRun } from './calendar.ts';
import { createHeap } from './heap.ts';
import type { Job, JobID, Schedule } from './job.ts';

/** The coming runs of some jobs, all up to one moment. */
export interface Occurrences {
  /** Milliseconds since the epoch, rising. */
  of(job: Job): readonly number[];
  /** How far ahead was looked. */
  readonly until: Date;
}

/** What the runs are counted from. */
export interface Horizon {
  readonly now: Date;
  readonly timeZone: string;
  /** Jobs that run at once, beside their schedule. */
  readonly triggered: ReadonlySet<JobID>;
}

/** A bit more than a year, so that the rarest day of a year is met. */
const FURTHEST_MS = 400 * 86_400_000;
/** A run costs about a tenth of a millisecond to calculate. */
const MOST_RUNS = 2_000;

interface Course {
  readonly schedule: Schedule;
  readonly times: number[];
}

/**
 * The coming runs of jobs, up to 400 days ahead, or as far as the first 2 000 different moments reach: the same
 * distance for all of them. Jobs with the same schedule are counted once.
 */
export function occurrences({ now, timeZone, triggered }: Horizon, jobs: Iterable<Job>): Occurrences {
  const courses = new Map<string, Course>();
  const heap = createHeap<{ readonly at: number; readonly course: Course }>((a, b) => a.at < b.at);
  const advance = (course: Course, after: Date) => {
    const next = nextRun(course.schedule, timeZone, after);
    if (next) heap.push({ at: next.getTime(), course });
  };
  for (const { spec } of jobs) {
    const key = JSON.stringify(spec.Schedule);
    if (courses.has(key)) continue;
    const course = { schedule: spec.Schedule, times: [] };
    courses.set(key, course);
    advance(course, now);
  }
  let until = now.getTime() + FURTHEST_MS;
  for (let runs = courses.size; ; runs += 1) {
    const first = heap.pop();
    if (!first || first.at > until) break;
    first.course.times.push(first.at);
    if (runs >= MOST_RUNS) {
      until = first.at;
      continue; // what is in the heap up to this very moment still counts
    }
    if (first.course.schedule.Type === 'Continuous') advance(first.course, new Date(first.at));
  }
  return {
    until: new Date(until),
    of(job) {
      const course = job.spec.Suspend ? undefined : courses.get(JSON.stringify(job.spec.Schedule));
      const times = course?.times ?? [];
      return triggered.has(job.id) ? [now.getTime(), ...times] : times;
    },
  };
}
