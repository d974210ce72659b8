import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onward } from '../../definitions/lifecycle/missed.ts';
import { daily, factsOf, jobOf, once } from '../support/jobs.ts';

const RAN = '2026-03-10T22:00:00Z';

/** Schedule, the last run, the NextRunTime that stands in Git → the one that holds. */
for (const [title, schedule, ran, Trigger, next, expected] of [
  ['as the service left it', daily(), RAN, 'Schedule', '2026-03-12T22:00:00Z', '2026-03-12T22:00:00Z'],
  ['set back to the last run', daily(), RAN, 'Schedule', RAN, '2026-03-11T22:00:00Z'],
  ['set back to a run before', daily(), RAN, 'CatchUp', '2026-03-02T22:00:00Z', '2026-03-11T22:00:00Z'],
  ['a Once job made to run again', once(), '2026-03-10T14:00:00Z', 'Schedule', '2026-03-10T14:00:00Z', null],
  ['a trigger is no run of the schedule', daily(), '2026-03-10T22:05:00Z', 'Manual', RAN, RAN],
  ['no further run', daily(), RAN, 'Schedule', null, null],
] as const) {
  test(`R37 NextRunTime in Git, ${title}: ${expected}`, () => {
    const ended = { EndTime: ran, Succeeded: 1, Failed: 0, FailedMachines: [] };
    const LastRun = { RunID: 'a@x', Trigger, NominalTime: ran, StartTime: ran, ...ended };
    const facts = factsOf(jobOf('a', { Schedule: schedule }), { NextRunTime: next, LastRun });
    assert.equal(onward(facts, schedule, 'UTC'), { ...facts, NextRunTime: expected });
  });
}

test('R37 of a job that never ran Git is believed', () => {
  const facts = factsOf(jobOf('a'), { NextRunTime: RAN });
  assert.is(onward(facts, daily(), 'UTC'), facts);
});

test.run();
