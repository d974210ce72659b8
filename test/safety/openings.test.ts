import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextOpening } from '../../definitions/safety/openings.ts';
import type { Window } from '../../definitions/window.ts';

const NOW = new Date('2026-12-20T12:00:00Z');
const window = (Name: string, Kind: Window['Kind'], From: string, To?: string) =>
  [
    Name,
    {
      window: { Name, Kind, Manual: 'Deny', Overrun: 'Finish', From, ...(To && { To }) } as Window,
      file: `windows/${Name}.yaml`,
      since: null,
    },
  ] as const;
const ENDING = window('f', 'Freeze', '2026-12-18T00:00:00', '2026-12-21T00:00:00');
const OPENING = window('a', 'Allow', '2026-12-20T20:00:00', '2026-12-21T00:00:00');

for (const [title, windows, expected] of [
  ['no window', [], null],
  ['an active freeze ends', [ENDING], '2026-12-21T00:00:00.000Z'],
  ['an Allow opens before that', [ENDING, OPENING], '2026-12-20T20:00:00.000Z'],
  ['a freeze that is to come', [window('f', 'Freeze', '2026-12-21T00:00:00')], null],
  ['a freeze without an end', [window('f', 'Freeze', '2026-12-18T00:00:00')], null],
  ['an Allow that is open', [window('a', 'Allow', '2026-12-18T00:00:00', '2026-12-21T00:00:00')], null],
] as const) {
  test(`#16.2 the next opening, ${title}: ${expected}`, () => {
    assert.is(nextOpening(new Map(windows), 'UTC', NOW)?.toISOString() ?? null, expected);
  });
}

test.run();
