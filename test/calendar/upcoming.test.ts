import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { upcoming } from '../../definitions/calendar/upcoming.ts';
import type { Period, Schedule } from '../../definitions/job.ts';
import { timestamp } from '../../definitions/values/time.ts';

const daily = (Time: string, Period: Period): Schedule => ({ Type: 'Continuous', Time, Period });

/** After the given moment, in Berlin: the first three runs. */
for (const [what, schedule, after, expected] of [
  ['R13: Once has one', { Type: 'Once', Time: '14:00:00' }, '2026-03-10T12:00:00Z', ['2026-03-10T13:00:00Z']],
  [
    'R13: its Day too',
    { Type: 'Once', Time: '14:00:00', Day: '2026-03-12' },
    '2026-03-10T12:00:00Z',
    ['2026-03-12T13:00:00Z'],
  ],
  ['R13: a Day that has passed', { Type: 'Once', Time: '14:00:00', Day: '2026-03-10' }, '2026-03-10T13:00:00Z', []],
  [
    'R14: the last day is one',
    daily('14:00:00', { EndDay: '2026-03-11' }),
    '2026-03-10T12:00:00Z',
    ['2026-03-10T13:00:00Z', '2026-03-11T13:00:00Z'],
  ],
  ['R14: a Period that is over', daily('14:00:00', { EndDay: '2026-03-09' }), '2026-03-10T12:00:00Z', []],
  [
    'R15: a gap moves one of them',
    daily('02:30:00', {}),
    '2026-03-28T00:00:00Z',
    ['2026-03-28T01:30:00Z', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z'],
  ],
  [
    'R15: a time that comes twice is one',
    daily('02:30:00', {}),
    '2026-10-24T00:00:00Z',
    ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
  ],
  [
    'R14: years apart',
    daily('00:00:00', { DaysOfMonth: '31', DaysOfWeek: ['Thursday'], StartDay: '2027-01-01' }),
    '2026-03-10T12:00:00Z',
    ['2028-08-30T22:00:00Z', '2029-05-30T22:00:00Z', '2030-01-30T23:00:00Z'],
  ],
] as const) {
  test(what, () => {
    const found: string[] = [];
    for (const run of upcoming(schedule, 'Europe/Berlin', new Date(after))) {
      found.push(timestamp(run));
      if (found.length === 3) break;
    }
    assert.equal(found, expected);
  });
}

test('the runs end with the calendar', () => {
  const runs = [...upcoming(daily('12:00:00', {}), 'UTC', new Date('9999-12-30T00:00:00Z'))];
  assert.equal(runs.map(timestamp), ['9999-12-30T12:00:00Z', '9999-12-31T12:00:00Z']);
});

test.run();
