import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stretchAfter, stretchAt } from '../../definitions/calendar/window-times.ts';
import type { Window } from '../../definitions/window.ts';

const BASE = { Name: 'w', Manual: 'Deny', Overrun: 'Finish' } as const;
const nights = (Kind: Window['Kind'], more: Partial<Window> = {}): Window => {
  return { ...BASE, Kind, Time: '22:00:00', Until: '06:00:00', TimeZone: 'Europe/Berlin', ...more };
};
const one = (Kind: Window['Kind'], From?: string, To?: string): Window => {
  return { ...BASE, Kind, TimeZone: 'Europe/Berlin', ...(From && { From }), ...(To && { To }) };
};
const fridays = { Period: { DaysOfWeek: ['Friday'] } };

function text(stretch: { from: number; to: number } | null): string {
  const moment = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000', '') : '-');
  return stretch ? `${moment(stretch.from)}/${moment(stretch.to)}` : 'none';
}

/** Window, moment → the stretch in which it lies, and the next one after it. */
const ROWS: readonly (readonly [rule: string, window: Window, now: string, at: string, after?: string])[] = [
  [
    'F12 Friday 22–06, Saturday 03:00: inside, it began on Friday',
    nights('Allow', fridays),
    '2026-03-14T02:00:00Z',
    '2026-03-13T21:00:00Z/2026-03-14T05:00:00Z',
    '2026-03-20T21:00:00Z/2026-03-21T05:00:00Z',
  ],
  [
    'F12 Friday 22–06, Friday 03:00: outside, Thursday is none of its days',
    nights('Allow', fridays),
    '2026-03-13T02:00:00Z',
    'none',
    '2026-03-13T21:00:00Z/2026-03-14T05:00:00Z',
  ],
  [
    'F12 its first second is in it',
    nights('Allow'),
    '2026-03-13T21:00:00Z',
    '2026-03-13T21:00:00Z/2026-03-14T05:00:00Z',
  ],
  [
    'F12 its last second is in it',
    nights('Allow'),
    '2026-03-14T04:59:59Z',
    '2026-03-13T21:00:00Z/2026-03-14T05:00:00Z',
  ],
  ['F12 Until is not', nights('Allow'), '2026-03-14T05:00:00Z', 'none'],
  [
    'F12 Time and Until alike: a day and a night',
    nights('Allow', { Until: '22:00:00' }),
    '2026-03-13T20:59:59Z',
    '2026-03-12T21:00:00Z/2026-03-13T21:00:00Z',
  ],
  [
    'F12 after its EndDay it opens no more, and its last night goes on',
    nights('Allow', { Period: { EndDay: '2026-03-13' } }),
    '2026-03-14T02:00:00Z',
    '2026-03-13T21:00:00Z/2026-03-14T05:00:00Z',
    'none',
  ],
  [
    'F12 before its StartDay',
    nights('Allow', { Period: { StartDay: '2026-06-01' } }),
    '2026-03-14T02:00:00Z',
    'none',
    '2026-06-01T20:00:00Z/2026-06-02T04:00:00Z',
  ],
  [
    'F13 a night that ends at 06:00 ends at 06:00 in October, too',
    nights('Allow'),
    '2026-10-24T23:00:00Z',
    '2026-10-24T20:00:00Z/2026-10-25T05:00:00Z',
  ],
  [
    'F13 02:30 comes twice: an Allow opens at the second',
    nights('Allow', { Time: '02:30:00', Until: '06:00:00' }),
    '2026-10-25T00:30:00Z',
    'none',
    '2026-10-25T01:30:00Z/2026-10-25T05:00:00Z',
  ],
  [
    'F13 02:30 comes twice: an Allow closes at the first',
    nights('Allow', { Until: '02:30:00' }),
    '2026-10-25T00:29:59Z',
    '2026-10-24T20:00:00Z/2026-10-25T00:30:00Z',
  ],
  [
    'F13 02:30 comes twice: a Freeze begins at the first',
    nights('Freeze', { Time: '02:30:00', Until: '06:00:00' }),
    '2026-10-25T00:30:00Z',
    '2026-10-25T00:30:00Z/2026-10-25T05:00:00Z',
  ],
  [
    'F13 02:30 comes twice: a Freeze ends at the second',
    nights('Freeze', { Until: '02:30:00' }),
    '2026-10-25T01:29:59Z',
    '2026-10-24T20:00:00Z/2026-10-25T01:30:00Z',
  ],
  [
    'F13 02:30 never comes: an Allow opens at 03:30',
    nights('Allow', { Time: '02:30:00' }),
    '2026-03-29T01:00:00Z',
    'none',
    '2026-03-29T01:30:00Z/2026-03-29T04:00:00Z',
  ],
  [
    'F13 02:30 never comes: an Allow closes at 01:30',
    nights('Allow', { Until: '02:30:00' }),
    '2026-03-29T00:29:59Z',
    '2026-03-28T21:00:00Z/2026-03-29T00:30:00Z',
  ],
  [
    'F13 02:30 never comes: a Freeze begins at 01:30',
    nights('Freeze', { Time: '02:30:00' }),
    '2026-03-29T00:30:00Z',
    '2026-03-29T00:30:00Z/2026-03-29T04:00:00Z',
  ],
  [
    'F13 02:30 never comes: a Freeze ends at 03:30',
    nights('Freeze', { Until: '02:30:00' }),
    '2026-03-29T01:29:59Z',
    '2026-03-28T21:00:00Z/2026-03-29T01:30:00Z',
  ],
  [
    'F13 an Allow of which a clock change leaves nothing is not there that day',
    nights('Allow', { Time: '02:10:00', Until: '02:20:00', Period: { StartDay: '2026-03-29' } }),
    '2026-03-29T00:15:00Z',
    'none',
    '2026-03-30T00:10:00Z/2026-03-30T00:20:00Z',
  ],
  [
    'R11 one stretch, in the zone of its summer and winter',
    one('Freeze', '2026-12-18T18:00:00', '2027-06-04T06:00:00'),
    '2026-12-24T00:00:00Z',
    '2026-12-18T17:00:00Z/2027-06-04T04:00:00Z',
    'none',
  ],
  [
    'R11 one stretch, before',
    one('Freeze', '2026-12-18T18:00:00', '2027-01-04T06:00:00'),
    '2026-12-01T00:00:00Z',
    'none',
    '2026-12-18T17:00:00Z/2027-01-04T05:00:00Z',
  ],
  ['R53 without To it lasts', one('Freeze', '2026-12-18T18:00:00'), '2030-01-01T00:00:00Z', '2026-12-18T17:00:00Z/-'],
  [
    'R53 without From it has begun',
    one('Freeze', undefined, '2026-12-18T18:00:00'),
    '2020-01-01T00:00:00Z',
    '-/2026-12-18T17:00:00Z',
  ],
  [
    'R53 suspended it is never active',
    { ...one('Freeze', '2026-12-18T18:00:00'), Suspend: true },
    '2030-01-01T00:00:00Z',
    'none',
    'none',
  ],
  [
    "R11 in the service's zone where it names none",
    { ...BASE, Kind: 'Allow', Time: '22:00:00', Until: '06:00:00' },
    '2026-03-13T13:00:00Z',
    '2026-03-13T13:00:00Z/2026-03-13T21:00:00Z',
  ],
];

for (const [title, window, now, at, after] of ROWS) {
  test(`#16.2 ${title}, at ${now}: ${at}, then ${after ?? 'whatever'}`, () => {
    assert.is(text(stretchAt(window, 'Asia/Tokyo', new Date(now))), at);
    if (after !== undefined) assert.is(text(stretchAfter(window, 'Asia/Tokyo', new Date(now))), after);
  });
}

test('#16.2 R53 Samoa left 2011-12-30 out: no night begins on it, and none is lost', () => {
  const window = nights('Freeze', { TimeZone: 'Pacific/Apia' });
  const ends = stretchAt(window, 'UTC', new Date('2011-12-30T09:00:00Z')); // Thursday 29th, 23:00
  assert.ok(ends && new Date(ends.to) >= new Date('2011-12-30T16:00:00Z'), 'until 06:00 of the 31st at least');
});

test.run();
