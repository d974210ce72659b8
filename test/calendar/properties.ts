import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nextRun } from '../../definitions/calendar/next-run.ts';
import type { Schedule } from '../../definitions/job.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ZONES = Intl.supportedValuesOf('timeZone');

/** Runs random schedules against an oracle that walks day by day and asks nothing but Intl for offsets (R11–R15). */
export function checkCalendar(numRuns: number, seed: number): void {
  fc.assert(
    fc.property(situation(), ({ schedule, zone, after }) => {
      const found = nextRun(schedule, zone, new Date(after))?.getTime() ?? null;
      assert.is(found, oracle(schedule, zone, after));
    }),
    { numRuns, seed },
  );
}

interface Situation {
  readonly schedule: Schedule;
  readonly zone: string;
  readonly after: number;
}

function situation(): fc.Arbitrary<Situation> {
  const filters = fc.record({
    type: fc.constantFrom('Once', 'Continuous', 'Continuous', 'Continuous'),
    weekdays: fc.option(fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 7 })),
    dates: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 31 })),
    start: fc.option(fc.integer({ min: -40, max: 400 })),
    length: fc.option(fc.integer({ min: 0, max: 800 })),
    day: fc.option(fc.integer({ min: -3, max: 3 })),
  });
  const moment = fc.record({
    zone: fc.constantFrom(...ZONES),
    year: fc.integer({ min: 1995, max: 2036 }),
    offsetMs: fc.integer({ min: 0, max: 366 * DAY_MS }),
    nearChange: fc.boolean(),
    aroundMs: fc.integer({ min: -36 * HOUR_MS, max: 36 * HOUR_MS }),
    clockS: fc.integer({ min: 0, max: 86_399 }),
    shiftS: fc.integer({ min: -7_300, max: 7_300 }),
    exact: fc.boolean(),
  });
  return fc.tuple(filters, moment).map(([filter, at]) => build(filter, at));
}

interface Filter {
  readonly type: string;
  readonly weekdays: string[] | null;
  readonly dates: number[] | null;
  readonly start: number | null;
  readonly length: number | null;
  readonly day: number | null;
}
interface At {
  readonly zone: string;
  readonly year: number;
  readonly offsetMs: number;
  readonly nearChange: boolean;
  readonly aroundMs: number;
  readonly clockS: number;
  readonly shiftS: number;
  readonly exact: boolean;
}

/** Half of the moments are within 36 h of a clock change, with a Time within two hours of it. */
function build({ type, weekdays, dates, start, length, day }: Filter, at: At): Situation {
  const { zone } = at;
  const changes = at.nearChange ? changesOf(zone, at.year) : [];
  const change = changes[at.offsetMs % Math.max(1, changes.length)];
  const random = change === undefined ? Date.UTC(at.year, 0, 1) + at.offsetMs : change + at.aroundMs;
  const clock = change === undefined ? at.clockS : mod((change + offset(change - 1, zone)) / 1000 + at.shiftS, 86_400);
  const today = Math.floor((random + offset(random, zone)) / DAY_MS);
  const Time = new Date(clock * 1000).toISOString().slice(11, 19);
  // Now and then the moment is exactly that of a run: the answer must be the one after it.
  const run = at.exact ? moment(today, Time, zone) : null;
  const after = run ?? random;
  if (type === 'Once')
    return { schedule: { Type: 'Once', Time, ...(day !== null && { Day: iso(today + day) }) }, zone, after };
  const from = today + (start ?? 0);
  const Period = {
    StartDay: start === null ? null : iso(from),
    EndDay: length === null ? null : iso(from + length),
    DaysOfWeek: weekdays,
    DaysOfMonth: dates?.join(', ') ?? null,
  };
  return { schedule: { Type: 'Continuous', Time, Period }, zone, after };
}

/** The slow answer: every date is looked at. */
function oracle({ Type, Time, Period, Day }: Schedule, zone: string, after: number): number | null {
  const today = Math.floor((after + offset(after, zone)) / DAY_MS);
  const isDue = (day: number): boolean => {
    const date = new Date(day * DAY_MS);
    const text = iso(day);
    if (Type === 'Once') return Day === undefined || text === Day;
    const { StartDay, EndDay, DaysOfWeek, DaysOfMonth } = Period ?? {};
    if ((StartDay && text < StartDay) || (EndDay && text > EndDay)) return false;
    if (DaysOfWeek?.length && !DaysOfWeek.includes(NAMES[date.getUTCDay()] ?? '')) return false;
    return !DaysOfMonth || DaysOfMonth.split(', ').includes(String(date.getUTCDate()));
  };
  const first = Type === 'Once' && Day === undefined ? today : today - 1;
  for (let day = first; day < today + 2500; day += 1) {
    const at = isDue(day) ? moment(day, Time, zone) : null;
    if (at !== null && at > after) return at;
  }
  return null;
}

/** First of two, forward by the gap, null where the zone left out the whole date. */
function moment(day: number, time: string, zone: string): number | null {
  const local = Date.parse(`${iso(day)}T${time}Z`);
  const [before, behind] = [offset(local - DAY_MS, zone), offset(local + DAY_MS, zone)];
  const fitting = [local - before, local - behind].filter((at) => at + offset(at, zone) === local);
  if (fitting.length > 0) return Math.min(...fitting);
  return behind - before >= DAY_MS ? null : local - before;
}

function iso(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function mod(value: number, by: number): number {
  return Math.floor(((value % by) + by) % by);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a zone adds to UTC at a moment, in ms. */
function offset(at: number, zone: string): number {
  const options = { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' } as const;
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', { ...options, hour: 'numeric', minute: 'numeric', second: 'numeric' });
  formats.set(zone, format);
  const whole = Math.floor(at / 1000) * 1000;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = format
    .format(whole)
    .split(/\D+/)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}

const known = new Map<string, readonly number[]>();

/** The moments of a year at which a zone's clocks change. */
function changesOf(zone: string, year: number): readonly number[] {
  const key = `${zone} ${year}`;
  const kept = known.get(key);
  if (kept) return kept;
  const changes: number[] = [];
  for (let from = Date.UTC(year, 0, 1); from < Date.UTC(year + 1, 0, 1); from += 10 * DAY_MS) {
    let [low, high] = [from, from + 10 * DAY_MS];
    if (offset(low, zone) === offset(high, zone)) continue;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (offset(middle, zone) === offset(low, zone)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  known.set(key, changes);
  return changes;
}
