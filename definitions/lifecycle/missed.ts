import { localTime, nextRun } from '../calendar/next-run.ts';
import { upcoming } from '../calendar/upcoming.ts';
import type { Job, Schedule } from '../job.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { durationMs } from '../values/duration.ts';
import { timestamp } from '../values/time.ts';
import { missed } from './transitions.ts';

const OCCURRENCES_LOOKED_AT = 10_000;
const MADE_UP = 'the service was not there; one run makes up for all that was missed';

/** The run after an occurrence that began, ended or is given up at `now` (R12, R13). */
export function following(schedule: Schedule, nominal: Date, now: Date, timeZone: string): Date | null {
  if (schedule.Type === 'Once') return null;
  return nextRun(schedule, timeZone, nominal > now ? nominal : now);
}

/**
 * The facts that Git tells of a job on this schedule, with a next run after the last one: a human may have set it back,
 * and what they do to the service's files runs nothing (R37).
 */
export function onward(status: Status, schedule: Schedule, timeZone: string): Status {
  const { LastRun: last, NextRunTime } = status;
  if (!last || last.Trigger === 'Manual' || NextRunTime === null || NextRunTime > last.NominalTime) return status;
  const nominal = new Date(last.NominalTime);
  const next = following(schedule, nominal, nominal, timeZone);
  return { ...status, NextRunTime: next && timestamp(next) };
}

/** Why an occurrence must not start any more (R22, R23); null when it may. */
export function tooLate(job: Job, status: Status, now: Date, settings: Settings): string | null {
  const nominal = new Date(status.NextRunTime ?? 0);
  const { Schedule } = job.spec;
  const deadline = Schedule.StartingDeadline ?? settings.StartingDeadline;
  const limitMs = deadline === null ? undefined : durationMs(deadline);
  const second = Math.floor(now.getTime() / 1000) * 1000; // all times are whole seconds (R11): `0s` is "at its second"
  if (limitMs !== undefined && second - nominal.getTime() > limitMs)
    return `not started within its StartingDeadline of ${deadline}`;
  const end = Schedule.Period?.EndDay;
  const timeZone = Schedule.TimeZone ?? settings.TimeZone;
  if (end && localTime(now, timeZone).slice(0, 10) > end) return `its EndDay ${end} had passed`;
  return null;
}

/**
 * The facts of a job that fell due while nobody looked: it runs once, for the latest of its missed times, so that
 * the order of catching up is the order in which the states were intended (R22); the others are recorded as missed.
 */
export function coalesced(job: Job, status: Status, now: Date, timeZone: string): Status {
  const { Schedule } = job.spec;
  if (status.NextRunTime === null || Schedule.Type === 'Once') return status;
  let latest = new Date(status.NextRunTime);
  let facts = status;
  let left = OCCURRENCES_LOOKED_AT;
  for (const next of upcoming(Schedule, timeZone, latest)) {
    if (left === 0 || next > now) break;
    facts = missed(facts, latest, MADE_UP);
    latest = next;
    left -= 1;
  }
  return { ...facts, NextRunTime: timestamp(latest) };
}
