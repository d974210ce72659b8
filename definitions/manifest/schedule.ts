import { isDate, TIME_PATTERN } from '../calendar/formats.ts';
import { DAYS_OF_WEEK, daysOfMonth, everMatches } from '../calendar/period.ts';
import { isTimeZone } from '../calendar/time-zone.ts';
import type { Period } from '../job.ts';
import type { RuleID } from '../rules.ts';
import { durationMs } from '../values/duration.ts';
import { isObject, type Json, own } from '../values/json.ts';
import { didYouMean, either, show } from '../values/text.ts';
import type { PathKey } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';

const TYPES = ['Once', 'Continuous'];
const TIME = new RegExp(TIME_PATTERN);

/** Judges formats, Period and its logic (R02). What has a wrong type is silent here: structure has spoken (R01). */
export function judgeSchedule(schedule: Json | undefined): readonly Objection[] {
  if (!isObject(schedule)) return [];
  const found: Objection[] = [];
  const report = (path: readonly PathKey[], rule: RuleID, message: string) =>
    void found.push({ path: ['Schedule', ...path], stage: 'schedule', rule, message });
  judgeFields(schedule, report);
  const type = own(schedule, 'Type');
  const period = own(schedule, 'Period');
  if (type === 'Once' && isObject(period)) {
    report(['Period'], 'R13', 'a Once job has no Period: leave it out, or say Type: Continuous');
  } else if (isObject(period)) {
    judgePeriod(period, report);
  } else if (type === 'Continuous' && (period === undefined || period === null)) {
    report(['Period'], 'R14', 'a Continuous job needs a Period; {} means every day');
  }
  if (type === 'Continuous' && own(schedule, 'Day') !== undefined) {
    report(['Day'], 'R13', 'Day is for Once; a Continuous job has a Period');
  }
  return found;
}

/** Takes an objection; the path is below what is judged. */
type Report = (path: readonly PathKey[], rule: RuleID, message: string) => void;

function judgeFields(schedule: Json, report: Report): void {
  const type = own(schedule, 'Type');
  if (typeof type === 'string' && !TYPES.includes(type)) {
    report(['Type'], 'R02', `${show(type)} is not a schedule type: ${either(TYPES)}${didYouMean(type, TYPES)}`);
  }
  const time = own(schedule, 'Time');
  if (typeof time === 'string' && !TIME.test(time)) {
    report(['Time'], 'R08', `${show(time)} is not a time: HH:MM:SS from 00:00:00 to 23:59:59`);
  }
  const zone = own(schedule, 'TimeZone');
  if (typeof zone === 'string' && !isTimeZone(zone)) {
    report(['TimeZone'], 'R11', `${show(zone)} is not an IANA time zone such as Europe/Berlin or UTC`);
  }
  const deadline = own(schedule, 'StartingDeadline');
  if (typeof deadline === 'string' && durationMs(deadline) === undefined) {
    report(['StartingDeadline'], 'R22', `${show(deadline)} is not a duration such as 30m or 2h`);
  }
  const day = own(schedule, 'Day');
  if (typeof day === 'string' && !isDate(day)) report(['Day'], 'R08', notADate(day));
}

/** Judges a Period: its formats and its logic. */
export function judgePeriod(period: Json, report: Report): void {
  const problems: (readonly [path: readonly PathKey[], rule: RuleID, message: string])[] = [];
  for (const field of ['StartDay', 'EndDay']) {
    const day = own(period, field);
    if (typeof day === 'string' && !isDate(day)) problems.push([[field], 'R08', notADate(day)]);
  }
  const weekdays = own(period, 'DaysOfWeek');
  for (const [index, day] of (Array.isArray(weekdays) ? weekdays : []).entries()) {
    if (typeof day !== 'string' || DAYS_OF_WEEK.includes(day)) continue;
    const hint = didYouMean(day, DAYS_OF_WEEK);
    problems.push([
      ['DaysOfWeek', index],
      'R07',
      `${show(day)} is not a weekday: Monday to Sunday, spelled out${hint}`,
    ]);
  }
  const dates = own(period, 'DaysOfMonth');
  if (typeof dates === 'string' && !daysOfMonth(dates)) {
    const allowed = 'dates from 1 to 31, comma-separated, such as "1,15"; null means every day';
    problems.push([['DaysOfMonth'], 'R07', `${show(dates)} is not a list of dates: ${allowed}`]);
  }
  if (problems.length === 0 && isPeriod(period)) problems.push(...judgeRange(period));
  for (const [path, rule, message] of problems) report(['Period', ...path], rule, message);
}

function judgeRange(period: Period): (readonly [path: readonly PathKey[], rule: RuleID, message: string])[] {
  const { StartDay: start, EndDay: end } = period;
  if (start && end && start > end) return [[['StartDay'], 'R08', `StartDay ${start} is after EndDay ${end}`]];
  if (everMatches(period)) return [];
  const range = `from ${start} to ${end ?? 'the end of the calendar'}`;
  return [[[], 'R09', `no date ${range} is one of its days: it would never run`]];
}

/** Whether the types are those of a Period; judged by structure already, asked again for those that it refused. */
function isPeriod(period: Json): period is Period & Json {
  const isText = (value: Json | undefined) => value === undefined || value === null || typeof value === 'string';
  const weekdays = own(period, 'DaysOfWeek') ?? [];
  const areTexts = Array.isArray(weekdays) && weekdays.every((day) => typeof day === 'string');
  return areTexts && ['StartDay', 'EndDay', 'DaysOfMonth'].every((field) => isText(own(period, field)));
}

function notADate(text: string): string {
  return `${show(text)} is not a date: YYYY-MM-DD, one that the calendar has`;
}
