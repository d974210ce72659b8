import { Cron } from 'croner';
import type { Period } from '../job.ts';

/** Milliseconds of a day without a clock change. */
export const DAY_MS = 86_400_000;
const WEEKDAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** The names that `DaysOfWeek` takes, in the order of a week that begins on Monday (R07). */
export const DAYS_OF_WEEK: readonly string[] = [...WEEKDAYS.slice(1), 'Sunday'];

/** A Cron weighs 83 kB: few are kept, by pattern, and never one for each job. */
const KEPT_PATTERNS = 32;
const KEPT_ANSWERS = 400;
const CYCLE_MS = 146_097 * DAY_MS;
const CYCLE_START = Date.UTC(2000, 0, 1);
const LAST_DATE = Date.UTC(9999, 11, 31);
const patterns = new Map<string, Kept>();

/** A pattern with its answers: the first of its dates from a date on. */
interface Kept {
  readonly cron: Cron;
  readonly answers: Map<DateMs, DateMs>;
}

/** A date as the midnight that begins it in UTC, in ms: dates add and compare as numbers, in no zone at all. */
export type DateMs = number;

/** The dates of a `DaysOfMonth` text, sorted and once each; undefined when it is not a comma list of 1–31 (R07). */
export function daysOfMonth(text: string): readonly number[] | undefined {
  const items = text.split(',').map((item) => item.replace(/^ +| +$/g, ''));
  if (!items.every((item) => /^(0?[1-9]|[12][0-9]|3[01])$/.test(item))) return undefined;
  return [...new Set(items.map(Number))].sort((a, b) => a - b);
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
  const { cron: asked, answers } = cron(pattern);
  const known = answers.get(from);
  if (known !== undefined) return known;
  const found = asked.nextRun(new Date(from - 1))?.getTime() ?? Number.POSITIVE_INFINITY;
  if (answers.size >= KEPT_ANSWERS) answers.clear();
  answers.set(from, found);
  return found;
}

function cron(pattern: string): Kept {
  const kept = patterns.get(pattern);
  if (kept) return kept;
  const oldest = patterns.keys().next();
  if (patterns.size >= KEPT_PATTERNS && !oldest.done) patterns.delete(oldest.value);
  const cron = new Cron(pattern, { mode: '6-part', utcOffset: 0, domAndDow: true });
  const made = { cron, answers: new Map() };
  patterns.set(pattern, made);
  return made;
}
