// Remembers, within bounds, what could be computed again: patterns and the dates that they gave.
import { Cron } from 'croner';
import type { Period } from '../job.ts';
import { type BoundedMap, createBoundedMap } from '../values/bounded-map.ts';
import { DAY_MS, type DateMs, dateOf, LAST_DATE } from './dates.ts';

/** As `Date` counts them. */
const WEEKDAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** The names that `DaysOfWeek` takes, in the order of a week that begins on Monday (R07). */
export const DAYS_OF_WEEK: readonly string[] = [...WEEKDAYS.slice(1), 'Sunday'];

/** A Cron weighs 83 kB: few are kept, by pattern, and never one for each job. */
const KEPT_PATTERNS = 32;
const KEPT_ANSWERS = 400;
/** The calendar repeats every 400 years. */
const CYCLE_MS = 146_097 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;
const CYCLE_START = Date.UTC(2000, 0, 1);
const patterns = createBoundedMap<string, Pattern>(KEPT_PATTERNS, 'oldest');

/** A pattern with its answers: the first of its dates from a date on. */
interface Pattern {
  readonly cron: Cron;
  readonly answers: BoundedMap<DateMs, DateMs>;
}

/** The dates of a `DaysOfMonth` text, sorted and once each; undefined when it is not a comma list of 1–31 (R07). */
export function daysOfMonth(text: string): readonly number[] | undefined {
  const items = text.split(',').map((item) => item.replace(/^ +| +$/g, ''));
  if (!items.every((item) => /^(0?[1-9]|[12][0-9]|3[01])$/.test(item))) return undefined;
  return [...new Set(items.map(Number))].sort((a, b) => a - b);
}

/** Whether any date at all, past or coming, lies in a Period and passes its filters (R09); the clock has no say. */
export function everMatches(period: Period): boolean {
  const end = period.EndDay ? dateOf(period.EndDay) : Number.POSITIVE_INFINITY;
  const start = period.StartDay ? dateOf(period.StartDay) : undefined;
  if (start === undefined) return true; // every weekday and every date of a month has been, some time before EndDay
  if (!period.DaysOfMonth && Math.min(end, LAST_DATE) - start >= WEEK_MS) return true; // each weekday comes
  const first = matching(period, start);
  return first !== null && first <= end;
}

/** Whether a date is one of a Period's (R14): decided once, asked for many dates. */
export function dateFilter({ StartDay, EndDay, DaysOfWeek, DaysOfMonth }: Period): (date: DateMs) => boolean {
  const weekdays = new Set((DaysOfWeek ?? []).map((name) => WEEKDAYS.indexOf(name)));
  const dates = DaysOfMonth ? new Set(daysOfMonth(DaysOfMonth)) : null;
  const first = StartDay ? dateOf(StartDay) : Number.NEGATIVE_INFINITY;
  const last = EndDay ? dateOf(EndDay) : Number.POSITIVE_INFINITY;
  return (date) => {
    if (date < first || date > last) return false;
    if (weekdays.size === 0 && dates === null) return true;
    const day = new Date(date);
    if (weekdays.size > 0 && !weekdays.has(day.getUTCDay())) return false;
    return dates === null || dates.has(day.getUTCDate());
  };
}

/** The first date not before `from` that passes both filters (R14); null when the calendar ends before one comes. */
export function matching(period: Period, from: DateMs): DateMs | null {
  const weekdays = [...new Set((period.DaysOfWeek ?? []).map((name) => WEEKDAYS.indexOf(name)))];
  const dates = period.DaysOfMonth ? daysOfMonth(period.DaysOfMonth) : undefined;
  if (weekdays.length === 0 && !dates) return from <= LAST_DATE ? from : null;
  const pattern = `0 0 0 ${dates?.join(',') ?? '*'} * ${weekdays.sort().join(',') || '*'}`;
  // Dates know no zone: croner counts them in UTC, where no clock ever changes. It gives up in the year 9998, but the
  // calendar repeats every 400 years, so it is asked about 2000 to 2399.
  const shift = Math.floor((from - CYCLE_START) / CYCLE_MS) * CYCLE_MS;
  const date = firstOf(pattern, from - shift) + shift;
  return date <= LAST_DATE ? date : null;
}

/** Jobs of one pattern ask about the same few days: each is answered once. */
function firstOf(pattern: string, from: DateMs): DateMs {
  const { cron, answers } = patternOf(pattern);
  const known = answers.get(from);
  if (known !== undefined) return known;
  const found = cron.nextRun(new Date(from - 1))?.getTime() ?? Number.POSITIVE_INFINITY;
  answers.set(from, found);
  return found;
}

function patternOf(text: string): Pattern {
  const kept = patterns.get(text);
  if (kept) return kept;
  const pattern: Pattern = {
    cron: new Cron(text, { mode: '6-part', utcOffset: 0, domAndDow: true }),
    answers: createBoundedMap(KEPT_ANSWERS, 'all'),
  };
  patterns.set(text, pattern);
  return pattern;
}
