import type { Job } from '../job.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { clockChangeNote, localTime, nextRun } from './next-run.ts';

/** A coming run as people read it. */
export interface NextRun {
  readonly time: Timestamp;
  /** With the offset that the zone has then. */
  readonly local: string;
  readonly timeZone: string;
  /** What a clock change does to it; null when nothing. */
  readonly note: string | null;
}

/** The next runs of a job by its manifest alone, at most `count`; none while it is suspended. */
export function upcoming({ spec }: Job, serviceTimeZone: string, now: Date, count: number): readonly NextRun[] {
  const { Schedule } = spec;
  const timeZone = Schedule.TimeZone ?? serviceTimeZone;
  const runs: NextRun[] = [];
  let after: Date | null = now;
  while (!spec.Suspend && runs.length < count) {
    after = nextRun(Schedule, serviceTimeZone, after);
    if (!after) break;
    const note = clockChangeNote(Schedule, serviceTimeZone, after);
    runs.push({ time: timestamp(after), local: localTime(after, timeZone), timeZone, note });
    if (Schedule.Type === 'Once') break;
  }
  return runs;
}

/** Why a job has no next run; null when it has one. */
export function whyNever({ spec }: Job, next: readonly NextRun[]): string | null {
  if (spec.Suspend) return 'never due while Suspend is true';
  if (next.length > 0) return null;
  const { Type, Day, Time, Period } = spec.Schedule;
  if (Type === 'Once') return `never runs: ${Day} ${Time} has passed`;
  if (Period?.EndDay) return `never runs: no date that fits is left before its EndDay ${Period.EndDay} is over`;
  return 'never runs: no date fits its Period';
}
