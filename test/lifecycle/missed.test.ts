import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Schedule } from '../../definitions/job.ts';
import { coalesced, following, nextAfterStart, onward, tooLate } from '../../definitions/lifecycle/missed.ts';
import type { Settings } from '../../definitions/settings.ts';
import { timestamp } from '../../definitions/values/time.ts';
import { claimOf, daily, factsOf, jobOf, once, settingsOf } from '../support/jobs.ts';

/** Schedule, the occurrence that ran, now, the service's zone → the run after it. */
const FOLLOWING: readonly (readonly [string, Schedule, string, string, string, string | null])[] = [
  ['R12 on time', daily(), '2026-03-10T22:00:00Z', '2026-03-10T22:00:00Z', 'UTC', '2026-03-11T22:00:00Z'],
  ['R12 a second late', daily(), '2026-03-10T22:00:00Z', '2026-03-10T22:00:01Z', 'UTC', '2026-03-11T22:00:00Z'],
  ['R12 past its next one', daily(), '2026-03-10T22:00:00Z', '2026-03-12T09:00:00Z', 'UTC', '2026-03-12T22:00:00Z'],
  ['R12 ends at the next one', daily(), '2026-03-10T22:00:00Z', '2026-03-11T22:00:00Z', 'UTC', '2026-03-12T22:00:00Z'],
  ['R16 the clock went back', daily(), '2026-03-10T22:00:00Z', '2026-03-09T08:00:00Z', 'UTC', '2026-03-11T22:00:00Z'],
  ['R13 Once', once(), '2026-03-10T14:00:00Z', '2026-03-10T14:00:00Z', 'UTC', null],
  ['R13 Once, clock back', once(), '2026-03-10T14:00:00Z', '2026-03-09T14:00:00Z', 'UTC', null],
  ['R13 Once with Day', once({ Day: '2026-03-10' }), '2026-03-10T14:00:00Z', '2026-03-10T14:00:00Z', 'UTC', null],
  [
    'R14 its last day',
    daily({ Period: { EndDay: '2026-03-10' } }),
    '2026-03-10T22:00:00Z',
    '2026-03-10T22:00:05Z',
    'UTC',
    null,
  ],
  [
    'R14 the days between are none of its',
    daily({ Period: { DaysOfWeek: ['Tuesday'] } }),
    '2026-03-10T22:00:00Z',
    '2026-03-10T22:00:05Z',
    'UTC',
    '2026-03-17T22:00:00Z',
  ],
  [
    "R11 the service's zone",
    daily(),
    '2026-03-10T13:00:00Z',
    '2026-03-10T13:00:00Z',
    'Asia/Tokyo',
    '2026-03-11T13:00:00Z',
  ],
  [
    'R11 its own zone goes first',
    daily({ TimeZone: 'America/New_York' }),
    '2026-03-11T02:00:00Z',
    '2026-03-11T02:00:00Z',
    'Asia/Tokyo',
    '2026-03-12T02:00:00Z',
  ],
  [
    'R15 never "+24 h"',
    daily({ TimeZone: 'Europe/Berlin' }),
    '2026-03-28T21:00:00Z',
    '2026-03-28T21:00:00Z',
    'UTC',
    '2026-03-29T20:00:00Z',
  ],
];

for (const [title, schedule, nominal, now, zone, expected] of FOLLOWING) {
  test(`${title}: after ${nominal}, at ${now}, comes ${expected}`, () => {
    const next = following(schedule, new Date(nominal), new Date(now), zone);
    assert.is(next && timestamp(next), expected);
  });
}

const NOMINAL = '2026-03-10T22:00:00Z';

/** Schedule, NextRunTime, why a run of 22:00 begins, now → the next run. */
for (const [title, schedule, next, trigger, now, expected] of [
  ['R12 its time has come', daily(), NOMINAL, 'Schedule', NOMINAL, '2026-03-11T22:00:00Z'],
  ['R12 it makes up, days later', daily(), NOMINAL, 'CatchUp', '2026-03-13T09:00:00Z', '2026-03-13T22:00:00Z'],
  ['R13 Once', once({ Time: '22:00:00' }), NOMINAL, 'Schedule', NOMINAL, null],
  ['R28 asked for', daily(), '2026-03-12T22:00:00Z', 'Manual', NOMINAL, '2026-03-12T22:00:00Z'],
  ['R28 asked for, a pending Once job', once(), '2026-03-11T14:00:00Z', 'Manual', NOMINAL, '2026-03-11T14:00:00Z'],
  ['R28 asked for, no further run', daily(), null, 'Manual', NOMINAL, null],
] as const) {
  test(`${title}: a run begins at ${now}, then comes ${expected}`, () => {
    const job = jobOf('a', { Schedule: schedule });
    const claim = claimOf(job, NOMINAL, { trigger });
    const after = nextAfterStart(schedule, factsOf(job, { NextRunTime: next }), claim, new Date(now), 'UTC');
    assert.is(after && timestamp(after), expected);
  });
}

const until = (EndDay: string, more: Partial<Schedule> = {}) => daily({ Period: { EndDay }, ...more });
const within = (StartingDeadline: string, more: Partial<Schedule> = {}) => daily({ StartingDeadline, ...more });

/** Schedule, settings, now → the reason why the occurrence of 22:00 must not start any more; null: it may. */
const TOO_LATE: readonly (readonly [string, Schedule, Partial<Settings>, string, string | null])[] = [
  ['no limit, on time', daily(), {}, NOMINAL, null],
  ['no limit, a year late', daily(), {}, '2027-03-10T22:00:00Z', null],
  ['a deadline, on time', within('30m'), {}, NOMINAL, null],
  ['to the second', within('30m'), {}, '2026-03-10T22:30:00Z', null],
  ['within that second', within('30m'), {}, '2026-03-10T22:30:00.900Z', null],
  ['a second past it', within('30m'), {}, '2026-03-10T22:30:01Z', 'not started within its StartingDeadline of 30m'],
  ['0s means at its second', within('0s'), {}, '2026-03-10T22:00:00.007Z', null],
  ['0s, a second late', within('0s'), {}, '2026-03-10T22:00:01Z', 'not started within its StartingDeadline of 0s'],
  ['less than a second', within('1ms'), {}, '2026-03-10T22:00:00.007Z', null],
  [
    "the service's",
    daily(),
    { StartingDeadline: '1h' },
    '2026-03-10T23:00:01Z',
    'not started within its StartingDeadline of 1h',
  ],
  ["the service's, in time", daily(), { StartingDeadline: '1h' }, '2026-03-10T23:00:00Z', null],
  ['its own is longer', within('2h'), { StartingDeadline: '1h' }, '2026-03-10T23:30:00Z', null],
  [
    'its own is shorter',
    within('30m'),
    { StartingDeadline: '1h' },
    '2026-03-10T22:45:00Z',
    'not started within its StartingDeadline of 30m',
  ],
  ['the clock went back', within('30m'), {}, '2026-03-10T20:00:00Z', null],
  ['on its EndDay', until('2026-03-10'), {}, '2026-03-10T23:59:59Z', null],
  ['after its EndDay', until('2026-03-10'), {}, '2026-03-11T00:00:00Z', 'its EndDay 2026-03-10 had passed'],
  ['an EndDay to come', until('2026-03-11'), {}, '2026-03-11T09:00:00Z', null],
  [
    'after its EndDay there',
    until('2026-03-11', { TimeZone: 'Asia/Tokyo' }),
    {},
    '2026-03-11T15:00:00Z',
    'its EndDay 2026-03-11 had passed',
  ],
  ['its EndDay goes on there', until('2026-03-10', { TimeZone: 'America/New_York' }), {}, '2026-03-11T03:59:59Z', null],
  [
    "its EndDay in the service's zone",
    until('2026-03-11'),
    { TimeZone: 'Asia/Tokyo' },
    '2026-03-11T15:00:00Z',
    'its EndDay 2026-03-11 had passed',
  ],
  [
    'in time, after its EndDay',
    until('2026-03-10', { StartingDeadline: '6h' }),
    {},
    '2026-03-11T00:10:00Z',
    'its EndDay 2026-03-10 had passed',
  ],
  ['Once, late', once(), {}, '2026-03-12T22:00:00Z', null],
];

for (const [title, schedule, settings, now, expected] of TOO_LATE) {
  test(`R22 ${title}: at ${now} ${expected ?? 'it may start'}`, () => {
    const job = jobOf('a', { Schedule: schedule });
    const facts = factsOf(job, { NextRunTime: NOMINAL });
    assert.is(tooLate(job, facts, new Date(now), settingsOf(settings)), expected);
  });
}

/** Schedule, its NextRunTime, now → the one run that makes up, and the times that are recorded as missed. */
const COALESCED: readonly (readonly [string, Schedule, string | null, string, string | null, readonly string[]])[] = [
  ['one was missed', daily(), NOMINAL, '2026-03-11T08:00:00Z', NOMINAL, []],
  ['none was', daily(), NOMINAL, '2026-03-10T08:00:00Z', NOMINAL, []],
  [
    'three were',
    daily(),
    NOMINAL,
    '2026-03-13T08:00:00Z',
    '2026-03-12T22:00:00Z',
    ['2026-03-11T22:00:00Z', '2026-03-10T22:00:00Z'],
  ],
  ['the next is due now', daily(), NOMINAL, '2026-03-11T22:00:00Z', '2026-03-11T22:00:00Z', [NOMINAL]],
  ['the next is due in a second', daily(), NOMINAL, '2026-03-11T21:59:59Z', NOMINAL, []],
  [
    'its Period ended meanwhile',
    until('2026-03-11'),
    NOMINAL,
    '2026-03-20T08:00:00Z',
    '2026-03-11T22:00:00Z',
    [NOMINAL],
  ],
  [
    'only Tuesdays count',
    daily({ Period: { DaysOfWeek: ['Tuesday'] } }),
    NOMINAL,
    '2026-03-18T08:00:00Z',
    '2026-03-17T22:00:00Z',
    [NOMINAL],
  ],
  [
    'two weeks: ten are kept, newest first',
    daily(),
    NOMINAL,
    '2026-03-24T08:00:00Z',
    '2026-03-23T22:00:00Z',
    [22, 21, 20, 19, 18, 17, 16, 15, 14, 13].map((day) => `2026-03-${day}T22:00:00Z`),
  ],
  ['Once', once(), '2026-03-10T14:00:00Z', '2026-03-20T08:00:00Z', '2026-03-10T14:00:00Z', []],
  ['no further run', daily(), null, '2026-03-20T08:00:00Z', null, []],
];

for (const [title, schedule, next, now, expected, missed] of COALESCED) {
  test(`R22 an absence until ${now}, ${title}: one run for ${expected}`, () => {
    const job = jobOf('a', { Schedule: schedule });
    const facts = coalesced(job, factsOf(job, { NextRunTime: next }), new Date(now), 'UTC');
    assert.is(facts.NextRunTime, expected);
    assert.equal(
      facts.Missed.map(({ Time }) => Time),
      missed,
    );
    for (const { Reason } of facts.Missed) assert.match(Reason, /one run makes up/);
  });
}

const RAN = '2026-03-10T22:00:00Z';
const AT_TWO = '2026-03-10T14:00:00Z';

/** Schedule, the last run, the NextRunTime that stands in Git, now → the one that holds. */
for (const [title, schedule, ran, Trigger, next, now, expected] of [
  ['as the service left it', daily(), RAN, 'Schedule', '2026-03-11T22:00:00Z', '03-11T08', '2026-03-11T22:00:00Z'],
  ['missed meanwhile', daily(), RAN, 'Schedule', '2026-03-11T22:00:00Z', '03-13T08', '2026-03-11T22:00:00Z'],
  ['set back to the last run', daily(), RAN, 'Schedule', RAN, '03-11T08', '2026-03-11T22:00:00Z'],
  ['set back to a run before', daily(), RAN, 'CatchUp', '2026-03-02T22:00:00Z', '03-11T08', '2026-03-11T22:00:00Z'],
  ['a Once job made to run again', once(), AT_TWO, 'Schedule', AT_TWO, '03-11T08', null],
  ['a trigger is no run of the schedule', daily(), '2026-03-10T22:05:00Z', 'Manual', RAN, '03-11T08', RAN],
  ['no further run', daily({ Period: { EndDay: '2026-03-10' } }), RAN, 'Schedule', null, '03-11T08', null],
  ['#20.A3 no run where one comes', daily(), RAN, 'Schedule', null, '03-11T08', '2026-03-11T22:00:00Z'],
  ['#20.A3 years ahead', daily(), RAN, 'Schedule', '2098-03-11T22:00:00Z', '03-11T08', '2026-03-11T22:00:00Z'],
  ['#20.A3 at another second', daily(), RAN, 'Schedule', '2026-03-11T07:59:59Z', '03-11T08', '2026-03-11T22:00:00Z'],
  ['#20.A3 the run after next', daily(), RAN, 'Schedule', '2026-03-12T22:00:00Z', '03-11T08', '2026-03-11T22:00:00Z'],
  [
    '#20.A3 a last run years ahead',
    daily(),
    '2098-01-01T22:00:00Z',
    'Schedule',
    null,
    '03-11T08',
    '2026-03-11T22:00:00Z',
  ],
  ['#20.A3 a Once job at another second', once(), RAN, 'Manual', '2026-03-11T08:00:01Z', '03-11T08', null],
  ['#20.A3 a Once job years ahead', once(), RAN, 'Manual', '2098-03-11T14:00:00Z', '03-11T08', null],
  ['#20.A3 before it was accepted', daily(), RAN, 'Manual', '2025-03-11T22:00:00Z', '03-11T08', '2026-03-11T22:00:00Z'],
  ['R16 the clock went back', daily(), RAN, 'Schedule', '2026-03-11T22:00:00Z', '03-10T08', '2026-03-11T22:00:00Z'],
] as const) {
  test(`R37 NextRunTime in Git, ${title}: ${expected}`, () => {
    const ended = { EndTime: ran, Succeeded: 1, Failed: 0, FailedMachines: [] };
    const LastRun = { RunID: 'a@x', Trigger, NominalTime: ran, StartTime: ran, ...ended };
    const facts = factsOf(jobOf('a', { Schedule: schedule }), { NextRunTime: next, LastRun });
    const found = onward(facts, schedule, 'UTC', new Date(`2026-${now}:00:00Z`));
    assert.equal({ ...found, Conditions: [] }, { ...facts, NextRunTime: expected });
    if (next === expected) assert.is(found, facts, 'the very same facts');
  });
}

test('R37 #20.A3 a Once job whose next run is made up does not run, and says why', () => {
  const facts = onward(factsOf(jobOf('a'), { NextRunTime: RAN }), once(), 'UTC', new Date(RAN));
  assert.equal([facts.NextRunTime, facts.Conditions[0]?.Reason], [null, 'StateUnknown']);
});

test('R37 of a job that never ran Git is believed', () => {
  const facts = factsOf(jobOf('a'), { NextRunTime: RAN });
  assert.is(onward(facts, daily(), 'UTC', new Date('2026-03-10T10:00:00Z')), facts);
});

test.run();
