// What controllers that share an engine decide, row by row; nothing of it needs one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lostMemory } from '../../definitions/engine/amnesia.ts';
import {
  LEADS_MS,
  LEASE_MS,
  type LeaseReading,
  mayLead,
  mayTake,
  nextSight,
  RENEW_MS,
} from '../../definitions/engine/lease.ts';
import { type PartTraces, takeOver } from '../../definitions/engine/take-over.ts';
import { claimTruth, resultTruth } from '../../definitions/engine/truth.ts';

const held = (revision: number | null): LeaseReading => ({ revision, isGivenUp: false });
const GIVEN_UP: LeaseReading = { revision: 9, isGivenUp: true };

type Sights = readonly (readonly [number, LeaseReading])[];

/** What a standby saw and when, in ms, and whether it may take the lease after the last of them. */
const SIGHTS: Readonly<Record<string, readonly [Sights, boolean]>> = {
  'a first sight': [[[0, held(1)]], false],
  'the same for less than the lease': [
    [
      [0, held(1)],
      [LEASE_MS - 1, held(1)],
    ],
    false,
  ],
  'the same for the lease': [
    [
      [0, held(1)],
      [LEASE_MS, held(1)],
    ],
    true,
  ],
  'it moved in between': [
    [
      [0, held(1)],
      [2900, held(2)],
      [LEASE_MS, held(2)],
    ],
    false,
  ],
  'it moved back: a store was set back': [
    [
      [0, held(7)],
      [2900, held(3)],
      [3100, held(3)],
    ],
    false,
  ],
  'there is none: a store may have been wiped': [[[0, held(null)]], false],
  'there was none for the lease': [
    [
      [0, held(null)],
      [LEASE_MS, held(null)],
    ],
    true,
  ],
  'it went away': [
    [
      [0, held(1)],
      [2900, held(null)],
      [LEASE_MS, held(null)],
    ],
    false,
  ],
  'it is given up': [
    [
      [0, held(8)],
      [10, GIVEN_UP],
    ],
    true,
  ],
  'given up, and taken by another': [
    [
      [0, GIVEN_UP],
      [10, held(10)],
    ],
    false,
  ],
  'nothing was read for an hour, and it moved': [
    [
      [0, held(1)],
      [3_600_000, held(2)],
    ],
    false,
  ],
};

for (const [name, [readings, expected]] of Object.entries(SIGHTS)) {
  test(`R68 standby: ${name}: it ${expected ? 'takes over' : 'waits'}`, () => {
    let sight = null;
    for (const [atMs, reading] of readings) sight = nextSight(sight, reading, atMs);
    assert.is(sight !== null && mayTake(sight, readings.at(-1)?.[0] ?? 0), expected);
  });
}

test('R68 a leader stops before anybody can take over, and renews several times before that', () => {
  assert.is(mayLead(1000, 1000 + LEADS_MS - 1), true);
  assert.is(mayLead(1000, 1000 + LEADS_MS), false);
  assert.ok(LEADS_MS < LEASE_MS);
  assert.ok(3 * RENEW_MS < LEADS_MS, 'one lost answer deposes nobody');
});

const TRACES: PartTraces = { site: 'fra1', hasResult: false, hasStart: false, isPublished: false, mayBegin: true };

const TAKE_OVERS: readonly (readonly [string, Partial<PartTraces>, string])[] = [
  ['a result', { hasResult: true }, 'import'],
  ['a result, and still published', { hasResult: true, isPublished: true, hasStart: true }, 'import'],
  ['a result of the controller itself', { hasResult: true, site: null }, 'import'],
  ['a start', { hasStart: true }, 'wait'],
  ['a start, published', { hasStart: true, isPublished: true }, 'wait'],
  ['published, not begun', { isPublished: true }, 'wait'],
  ['published, past its deadline: its leader would wait, too', { isPublished: true, mayBegin: false }, 'wait'],
  ['neither, in time', {}, 'publish'],
  ['neither, too late', { mayBegin: false }, 'interrupt'],
  ['neither, of the controller that is gone', { site: null }, 'interrupt'],
];

for (const [name, traces, expected] of TAKE_OVERS) {
  test(`R68 take-over: ${name}: ${expected}`, () => assert.is(takeOver({ ...TRACES, ...traces }), expected));
}

const both = (journal: boolean, engine: boolean) => ({ journal, engine });

for (const [journal, engine, claim, result] of [
  [true, true, 'resume', 'journal'],
  [false, true, 'resume', 'import'],
  [true, false, 'interrupted', 'journal'],
  [false, false, 'free', 'open'],
] as const) {
  const where = [journal && 'the journal', engine && 'the engine'].filter(Boolean).join(' and ') || 'nobody';
  test(`R24 a claim that ${where} knows: ${claim}`, () => assert.is(claimTruth(both(journal, engine)), claim));
  test(`a result that ${where} knows: ${result}`, () => assert.is(resultTruth(both(journal, engine)), result));
}

const MARK = { created: '2026-02-10T22:00:00Z', last: 7 };

for (const [name, remembered, found, expected] of [
  ['nothing is remembered', {}, { ONE: MARK }, null],
  ['the same', { ONE: MARK }, { ONE: MARK }, null],
  ['it went on', { ONE: MARK }, { ONE: { ...MARK, last: 8 } }, null],
  ['a new stream besides', { ONE: MARK }, { ONE: MARK, TWO: MARK }, null],
  ['wiped', { ONE: MARK }, {}, 'ONE is gone'],
  ['wiped and declared again', { ONE: MARK }, { ONE: { created: 'later', last: 9 } }, 'ONE was made anew at later'],
  ['set back', { ONE: MARK }, { ONE: { ...MARK, last: 6 } }, 'ONE ends at 6, and had come to 7'],
  [
    'one of two',
    { ONE: MARK, TWO: MARK },
    { ONE: MARK, TWO: { ...MARK, last: 1 } },
    'TWO ends at 1, and had come to 7',
  ],
] as const) {
  test(`R68 memory: ${name}: ${expected ?? 'nothing is lost'}`, () =>
    assert.is(lostMemory(remembered, found), expected));
}

test.run();
