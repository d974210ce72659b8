// G10: the breaker opens by failures of all jobs, and closes by a commit alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Breaker, BUILT_IN_BREAKER } from '../../definitions/guard.ts';
import { GUARD_CLASSES, type GuardClass } from '../../definitions/guard-class.ts';
import {
  afterCommit,
  type BreakerState,
  breakerStops,
  CLOSED,
  judged,
  withFailure,
} from '../../definitions/safety/breaker.ts';

const START = Date.parse('2026-03-10T22:00:00Z');
const BREAKER: Breaker = { ...BUILT_IN_BREAKER, Failures: 3, Within: '10m' };
const failing = (minutes: readonly number[], from: BreakerState = CLOSED) =>
  minutes.reduce((state, minute) => judged(withFailure(state, START + minute * 60_000), BREAKER), from);

for (const [name, minutes, opened] of [
  ['as many as it takes, close together', [0, 5, 10], '2026-03-10T22:10:00Z'],
  ['one fewer', [0, 5], null],
  ['as many, too far apart', [0, 5, 11], null],
  ['the last three of five are close together', [0, 20, 30, 31, 32], '2026-03-10T22:32:00Z'],
  ['more failures do not open it anew', [0, 1, 2, 60], '2026-03-10T22:02:00Z'],
] as const) {
  test(`G10 ${name}: ${opened === null ? 'closed' : `open since ${opened}`}`, () => {
    assert.is(failing(minutes).opened, opened);
  });
}

const open = failing([0, 1, 2]);

for (const guard of Object.keys(GUARD_CLASSES) as GuardClass[]) {
  const isStopped = BREAKER.Classes.includes(guard);
  test(`G10 while it is open ${guard} ${isStopped ? 'begins nothing' : 'goes on'}`, () => {
    assert.is(breakerStops(open, BREAKER, guard) !== null, isStopped);
    assert.is(breakerStops(CLOSED, BREAKER, guard), null);
  });
}

test('G10 the sentence says since when, why, and what to do', () => {
  assert.match(
    breakerStops(open, BREAKER, 'Host') ?? '',
    /^the breaker is open since 2026-03-10T22:02:00Z, 3 parts had failed within 10m: .*Breaker\.Resume in bmcron\.yaml/,
  );
});

test('G10 R52 a commit with a new token closes it, and what failed before is forgotten', () => {
  const closed = afterCommit(open, { ...BREAKER, Resume: 'fixed-1' });
  assert.equal(closed, { opened: null, resumed: 'fixed-1', failures: [] });
  assert.is(failing([3, 4], closed).opened, null);
  assert.is(failing([3, 4, 5], closed).opened, '2026-03-10T22:05:00Z');
});

test('G10 a commit without a token, or with the one that it has seen, closes nothing', () => {
  assert.is(afterCommit(open, BREAKER), open);
  const again = failing([10, 11, 12], afterCommit(open, { ...BREAKER, Resume: 'fixed-1' }));
  assert.is(afterCommit(again, { ...BREAKER, Resume: 'fixed-1' }), again);
  assert.is(again.opened, '2026-03-10T22:12:00Z');
});

test.run();
