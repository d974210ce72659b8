import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockChangeNote } from '../../definitions/calendar/clock-changes.ts';
import { nextRun, onceMoment } from '../../definitions/calendar/next-run.ts';
import { isTimeZone, localTime, momentOf } from '../../definitions/calendar/time-zone.ts';
import type { Schedule } from '../../definitions/job.ts';
import { timestamp } from '../../definitions/values/time.ts';

interface Case {
  readonly name: string;
  readonly schedule: Schedule;
  readonly timezone: string;
  readonly now: string;
  readonly status?: string;
  readonly expectedNextRunUtc: string | null;
  readonly expectedSequence?: readonly (string | null)[];
  readonly rules?: readonly string[];
}

/** A finished job's schedule is not asked any more (R13): the agenda decides these, and its tests hold them. */
const OF_THE_AGENDA = ['once: completed is never rescheduled', 'once: failed is never rescheduled'];

const file = new URL('../fixtures/conformance/next-run.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };

const daily = (Time: string, TimeZone: string, Period = {}): Schedule => ({
  Type: 'Continuous',
  Time,
  TimeZone,
  Period,
});
const written = (moment: Date | null | undefined) => moment && timestamp(moment);

for (const { name, schedule, timezone, now, expectedNextRunUtc, expectedSequence, rules } of cases) {
  if (OF_THE_AGENDA.includes(name)) continue;
  const rule = rules?.join(', ') ?? (schedule.Type === 'Once' ? 'R13' : 'R14');
  test(`${rule}: ${name}`, () => {
    assert.is(written(nextRun(schedule, timezone, new Date(now))), expectedNextRunUtc);
    let after = new Date(now);
    for (const expected of expectedSequence ?? []) {
      const next = nextRun(schedule, timezone, after);
      assert.is(written(next), expected && timestamp(new Date(expected)));
      after = next ?? after;
    }
  });
}

test("every case of the conformance file is either run here or named as the agenda's", () => {
  const named = cases.filter(({ status }) => status !== undefined).map(({ name }) => name);
  assert.equal(named, OF_THE_AGENDA);
});

for (const [zone, expected] of [
  ['UTC', true],
  ['Europe/Berlin', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Etc/GMT+5', true],
  ['Asia/Calcutta', true],
  ['', false],
  ['+02:00', false],
  ['Berlin', false],
  ['Europe/Atlantis', false],
  ['Europe/Berlin ', false],
  ['../etc/passwd', false],
  ['constructor', false],
] as const) {
  test(`R11: ${JSON.stringify(zone)} is ${expected ? 'a' : 'no'} zone`, () => assert.is(isTimeZone(zone), expected));
}

for (const [day, after, next] of [
  ['2026-03-10', '2026-03-10T13:59:59Z', '2026-03-10T14:00:00Z'],
  ['2026-03-10', '2026-03-10T14:00:00Z', null],
  ['2026-03-12', '2026-03-10T14:00:00Z', '2026-03-12T14:00:00Z'],
] as const) {
  test(`R13: Once on ${day}, asked at ${after} → ${next}`, () => {
    const schedule: Schedule = { Type: 'Once', Time: '14:00:00', Day: day };
    assert.is(written(nextRun(schedule, 'UTC', new Date(after))), next);
    assert.is(written(onceMoment(schedule, 'UTC')), `${day}T14:00:00Z`);
  });
}

test('R13: without a Day no moment is named', () => {
  assert.is(onceMoment({ Type: 'Once', Time: '14:00:00' }, 'UTC'), null);
  assert.is(onceMoment(daily('14:00:00', 'UTC'), 'UTC'), null);
});

for (const [what, schedule, after, expected, note] of [
  [
    'a gap',
    daily('02:30:00', 'Europe/Berlin'),
    '2026-03-28T12:00:00Z',
    '2026-03-29T01:30:00Z',
    '02:30 does not exist on 2026-03-29 in Europe/Berlin: moved to 03:30',
  ],
  [
    'its last second',
    daily('02:59:59', 'Europe/Berlin'),
    '2026-03-28T12:00:00Z',
    '2026-03-29T01:59:59Z',
    '02:59:59 does not exist on 2026-03-29 in Europe/Berlin: moved to 03:59:59',
  ],
  ['the end of a gap', daily('03:00:00', 'Europe/Berlin'), '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z', null],
  [
    'a time that comes twice',
    daily('02:30:00', 'Europe/Berlin'),
    '2026-10-24T12:00:00Z',
    '2026-10-25T00:30:00Z',
    '02:30 comes twice on 2026-10-25 in Europe/Berlin: the first',
  ],
  [
    'its second time is skipped',
    daily('02:30:00', 'Europe/Berlin'),
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
    null,
  ],
  [
    'half an hour',
    daily('02:15:00', 'Australia/Lord_Howe'),
    '2026-10-03T12:00:00Z',
    '2026-10-03T15:45:00Z',
    '02:15 does not exist on 2026-10-04 in Australia/Lord_Howe: moved to 02:45',
  ],
  [
    'a gap that ends the next day',
    daily('23:30:00', 'America/Nuuk'),
    '2026-03-28T12:00:00Z',
    '2026-03-29T01:30:00Z',
    '23:30 does not exist on 2026-03-28 in America/Nuuk: moved to 00:30',
  ],
  ['and the day after it', daily('23:30:00', 'America/Nuuk'), '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z', null],
  [
    'asked within that hour',
    daily('23:30:00', 'America/Nuuk'),
    '2026-03-29T01:10:00Z',
    '2026-03-29T01:30:00Z',
    '23:30 does not exist on 2026-03-28 in America/Nuuk: moved to 00:30',
  ],
  [
    'a date that a zone left out',
    daily('02:00:00', 'Pacific/Apia', { DaysOfMonth: '30' }),
    '2011-12-01T00:00:00Z',
    '2012-01-29T12:00:00Z',
    null,
  ],
] as const) {
  test(`R15: ${what}: ${schedule.TimeZone} ${schedule.Time}`, () => {
    const next = nextRun(schedule, 'UTC', new Date(after));
    assert.is(written(next), expected);
    assert.is(next && clockChangeNote(schedule, 'UTC', next), note);
  });
}

for (const [text, expected] of [
  ['2026-03-10T10:00:00Z', '2026-03-10T10:00:00Z'],
  ['2026-03-10T10:00:00+09:00', '2026-03-10T01:00:00Z'],
  ['2026-03-10T10:00:00', '2026-03-10T09:00:00Z'],
  ['2026-03-10T10:00', '2026-03-10T09:00:00Z'],
  ['2026-03-10', '2026-03-09T23:00:00Z'],
  ['tomorrow', undefined],
  ['2026-02-30', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(text)} as a moment in Berlin is ${expected}`, () => {
    assert.is(written(momentOf(text, 'Europe/Berlin')), expected);
  });
}

test('R11: local times carry their offset', () => {
  assert.is(localTime(new Date('2026-03-29T01:30:00.700Z'), 'Europe/Berlin'), '2026-03-29T03:30:00+02:00');
  assert.is(localTime(new Date('2026-03-29T01:30:00Z'), 'UTC'), '2026-03-29T01:30:00+00:00');
});

test('10 000 next runs of 500 patterns keep little memory: a Cron object is 83 kB, none is kept', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC'];
  const schedules = Array.from({ length: 10_000 }, (_, n) => {
    const Period = { DaysOfWeek: n % 2 ? ['Monday', 'Friday'] : [], DaysOfMonth: n % 20 ? null : String((n % 31) + 1) };
    return daily(`0${n % 10}:30:00`, zones[n % 4] ?? 'UTC', Period);
  });
  const now = new Date('2026-03-10T10:00:00Z');
  const heap = process.memoryUsage().heapUsed;
  for (const schedule of schedules) assert.ok(nextRun(schedule, 'UTC', now));
  assert.ok(process.memoryUsage().heapUsed - heap < 60_000_000);
});

test.run();
