import { nextRun } from '../calendar/next-run.ts';
import { localTime, zoneOf } from '../calendar/time-zone.ts';
import { upcoming } from '../calendar/upcoming.ts';
import type { Job, Schedule } from '../job.ts';
import type { Claim } from '../run.ts';
import { deadlineOf } from '../safety/part-wait.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { durationMs } from '../values/duration.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { unarmed } from './conditions.ts';

/** A gap between two looks that is longer than this was an absence: a suspended host, a clock jump, a start. */
const ABSENCE_MS = 120_000;
/** So far into the future facts may reach when a clock was set back (R16); whoever wrote more has made it up. */
const CLOCK_SET_BACK_MS = 86_400_000;
const OCCURRENCES_LOOKED_AT = 10_000;
const MADE_UP = 'one run makes up for all that was missed';

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
 * The facts of a job as they stand in Git, where anybody may have edited them, with a next run that its schedule
 * yields (R37): after the last run and the acceptance, and no later than the coming one. Any other is calculated anew
 * from now; a Once job is not armed by it, since what it asks for may have been done. The very same facts where all is
 * well.
 */
export function onward(status: Status, schedule: Schedule, timeZone: string, now: Date): Status {
  const { LastRun: last, NextRunTime } = status;
  const next = NextRunTime === null ? null : new Date(NextRunTime);
  const latest = new Date(now.getTime() + CLOCK_SET_BACK_MS);
  const ran = last && last.Trigger !== 'Manual' ? new Date(last.NominalTime) : null;
  const known = [ran, new Date(status.CreatedTime)].filter((time) => time !== null && time <= latest) as Date[];
  if (next && ran && ran <= latest && next <= ran) {
    const after = following(schedule, ran, ran, timeZone);
    return { ...status, NextRunTime: after && timestamp(after) };
  }
  const coming = nextRun(schedule, timeZone, new Date(Math.max(now.getTime(), ...known.map(Number))));
  if (next === null && (coming === null || schedule.Type === 'Once')) return status;
  const isTime = next && nextRun(schedule, timeZone, new Date(next.getTime() - 1000))?.getTime() === next.getTime();
  const isLawful =
    isTime && next > new Date(status.CreatedTime) && (next <= now || next.getTime() === coming?.getTime());
  if (isLawful) return status;
  return schedule.Type === 'Once' ? unarmed(status, now) : { ...status, NextRunTime: coming && timestamp(coming) };
}

/** Why an occurrence must not start any more (R22, R23); null when it may. */
export function tooLate(job: Job, status: Status, now: Date, settings: Settings): string | null {
  const nominal = new Date(status.NextRunTime ?? 0);
  const { Schedule } = job.spec;
  const deadline = deadlineOf(job, settings);
  const limitMs = deadline === null ? undefined : durationMs(deadline);
  const second = Math.floor(now.getTime() / 1000) * 1000; // all times are whole seconds (R11): `0s` is "at its second"
  if (limitMs !== undefined && second - nominal.getTime() > limitMs)
    return `not started within its StartingDeadline of ${deadline}`;
  const end = Schedule.Period?.EndDay;
  const timeZone = zoneOf(Schedule, settings.TimeZone);
  if (end && localTime(now, timeZone).slice(0, 10) > end) return `its EndDay ${end} had passed`;
  return null;
}

/** When a run of a nominal time is too late for its StartingDeadline (R22); null: it never is. */
export function lastStart({ spec }: Job, nominal: Timestamp, settings: Settings): Date | null {
  const deadline = spec.Schedule.StartingDeadline ?? settings.StartingDeadline;
  const limitMs = deadline === null ? undefined : durationMs(deadline);
  return limitMs === undefined ? null : new Date(Date.parse(nominal) + limitMs + 1_000);
}

/** Whether what fell due before `now` was missed rather than due, since nobody looked for so long (R22). */
export function isAbsence(lookedAt: Date | null, now: Date): boolean {
  return lookedAt === null || now.getTime() - lookedAt.getTime() > ABSENCE_MS;
}

/**
 * The facts of a job that fell due while nobody looked: it runs once, for the latest of its missed times, so that
 * the order of catching up is the order in which the states were intended (R22); the others are recorded as missed.
 * @param reason why none of them began
 */
export function coalesced(
  job: Job,
  status: Status,
  now: Date,
  timeZone: string,
  reason = 'the service was not there',
): Status {
  const { Schedule } = job.spec;
  if (status.NextRunTime === null || Schedule.Type === 'Once') return status;
  let latest = new Date(status.NextRunTime);
  let facts = status;
  let left = OCCURRENCES_LOOKED_AT;
  for (const next of upcoming(Schedule, timeZone, latest)) {
    if (left === 0 || next > now) break;
    facts = missed(facts, latest, `${reason}; ${MADE_UP}`);
    latest = next;
    left -= 1;
  }
  return { ...facts, NextRunTime: timestamp(latest) };
}

/** Whether the time that was missed last was so for the same reason: a freeze is told once, however many it takes. */
export function missedAgain({ Missed: [latest] }: Status, reason: string): boolean {
  return latest?.Reason === reason;
}

/** How many missed runs a status keeps. */
export const MISSED_KEPT = 10;

/** The facts with one more occurrence that was not run (R22), newest first. */
export function missed(status: Status, time: Date, reason: string): Status {
  const latest = { Time: timestamp(time), Reason: reason };
  return { ...status, Missed: [latest, ...status.Missed].slice(0, MISSED_KEPT) };
}
