import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDate } from '../../definitions/calendar/formats.ts';
import { everMatches } from '../../definitions/calendar/period.ts';

for (const [text, expected] of [
  ['2026-02-28', true],
  ['2028-02-29', true],
  ['2000-02-29', true],
  ['0001-01-01', true],
  ['2026-02-29', false],
  ['1900-02-29', false],
  ['2026-13-01', false],
  ['2026-00-10', false],
  ['2026-1-1', false],
  ['2026-02-10T00:00:00Z', false],
] as const) {
  test(`R08: ${text} is ${expected ? 'a' : 'no'} date`, () => assert.is(isDate(text), expected));
}

for (const [what, period, expected] of [
  ['nothing narrows', {}, true],
  ['no StartDay: it has matched some time', { EndDay: '0001-01-01', DaysOfWeek: ['Sunday'], DaysOfMonth: '31' }, true],
  ['the 31st within February', { StartDay: '2026-02-01', EndDay: '2026-02-28', DaysOfMonth: '31' }, false],
  [
    'the last Thursday the 31st before a gap of 609 days',
    { StartDay: '2027-01-01', EndDay: '2028-08-30', DaysOfWeek: ['Thursday'], DaysOfMonth: '31' },
    false,
  ],
  [
    'and one day more',
    { StartDay: '2027-01-01', EndDay: '2028-08-31', DaysOfWeek: ['Thursday'], DaysOfMonth: '31' },
    true,
  ],
  ['the first days of the calendar', { StartDay: '0001-01-01', DaysOfWeek: ['Monday'] }, true],
  ['the last days of the calendar', { StartDay: '9999-12-31', DaysOfWeek: ['Monday'] }, false],
  ['its last day', { StartDay: '9999-12-31', DaysOfWeek: ['Friday'] }, true],
] as const) {
  test(`R09: ${what}: ${expected ? 'matches' : 'never matches'}`, () => assert.is(everMatches(period), expected));
}

test.run();
