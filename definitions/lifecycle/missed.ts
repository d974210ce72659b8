import { nextRun } from '../calendar/next-run.ts';
import { localTime, zoneOf } from '../calendar/time-zone.ts';
import { upcoming } from '../calendar/upcoming.ts';
import type { Job, Schedule } from '../job.ts';
import type { Claim } from '../run.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { durationMs } from '../values/duration.ts';
import { timestamp } from '../values/time.ts';

/** A gap between two looks that is longer than this was an absence: a suspended host, a clock jump, a start. */
const ABSENCE_MS = 120_000;
const OCCURRENCES_LOOKED_AT = 10_000;
const MADE_UP = 'the service was not there; one run makes up for all that was missed';

/** The run after the occurrence `nominal`, which began, ended or was missed at `now` (R12, R13); null: none. */
export function following(schedule: Schedule, nominal: Date, now: Date, timeZone: string): Date | null {
  if (schedule.Type === 'Once') return null;
  return nextRun(schedule, timeZone, nominal > now ? nominal : now);
}

/** The next run once a run has begun (R12); one that somebody asked for leaves it where it is (R28). */
export function nextAfterStart(
  schedule: Schedule,
  { NextRunTime }: Status,
  { trigger, nominal }: Claim,
  now: Date,
  timeZone: string,
): Date | null {
  if (trigger !== 'Manual') return following(schedule, new Date(nominal), now, timeZone);
  return NextRunTime === null ? null : new Date(NextRunTime);
}

/**
 * The facts of a job as they stand in Git, with a next run after the last one: a human may have set it back, and an
 * edit of the service's files must run nothing (R37).
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
  const timeZone = zoneOf(Schedule, settings.TimeZone);
  if (end && localTime(now, timeZone).slice(0, 10) > end) return `its EndDay ${end} had passed`;
  return null;
}

/** Whether what fell due before `now` was missed rather than due, since nobody looked for so long (R22). */
export function isAbsence(lookedAt: Date | null, now: Date): boolean {
  return lookedAt === null || now.getTime() - lookedAt.getTime() > ABSENCE_MS;
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

/** How many missed runs a status keeps. */
export const MISSED_KEPT = 10;

/** The facts with one more occurrence that was not run (R22), newest first. */
export function missed(status: Status, time: Date, reason: string): Status {
  const latest = { Time: timestamp(time), Reason: reason };
  return { ...status, Missed: [latest, ...status.Missed].slice(0, MISSED_KEPT) };
}
