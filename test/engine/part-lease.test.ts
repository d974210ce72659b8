import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import type { Engine } from '../../controller/engine/engine.ts';
import { holdPart, PART_LEASE_MS } from '../../controller/engine/part-lease.ts';
import { createStopwatch } from '../../controller/engine/stopwatch.ts';
import { isSilent, nextPartSight, SILENT_MS } from '../../definitions/engine/verdict.ts';

const NAME = { site: 'fra1', run: 'job@x', machine: 'node-1' };
const nothing = () => undefined;

test('R62 a worker changes nothing for a part when the engine has not heard of it for nearly its lease', () => {
  let ms = 0;
  const lost: string[] = [];
  const lease = holdPart({
    engine: {} as Engine,
    name: NAME,
    id: 'w.1',
    stopwatch: { start: () => () => ms },
    sinceClaim: () => ms,
    working: nothing,
    lost: (reason) => lost.push(reason),
  });
  try {
    lease.fence();
    ms = PART_LEASE_MS - 1_001;
    lease.fence();
    assert.equal(lost, []);
    ms = PART_LEASE_MS - 1_000;
    assert.throws(lease.fence, /nothing may be changed any more/);
    ms = 0;
    assert.throws(lease.fence, /nothing may be changed any more/, 'it does not come back');
    assert.is(lost.length, 1);
  } finally {
    lease.end();
  }
});

test('R62 a clock that was set back an hour, or ahead, makes no lease longer', () => {
  let wall = Date.parse('2026-02-10T22:00:00Z');
  const passed = createStopwatch({ ...systemClock, now: () => new Date(wall) }).start();
  assert.ok(passed() < 1_000);
  wall -= 3_600_000;
  assert.ok(passed() >= 0, 'the monotonic clock counts');
  wall += 7_200_000;
  assert.ok(passed() >= 3_600_000, 'after a suspend the wall clock counts');
});

test('a worker is given up when its lease has stood still, by the clock of who watches', () => {
  let sight = nextPartSight(null, 0, 1_000);
  sight = nextPartSight(sight, 0, 5_000);
  assert.is(isSilent(sight, 1_000 + SILENT_MS - 1), false);
  assert.is(isSilent(sight, 1_000 + SILENT_MS), true);
  sight = nextPartSight(sight, 7, 11_000);
  assert.is(isSilent(sight, 11_000 + SILENT_MS - 1), false, 'a renewal is a sign of life');
});

test.run();
