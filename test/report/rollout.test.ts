// How people read a rollout: its waves as names and numbers (W06, W09), and why it stands still (W05).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { haltText, printWaves } from '../../definitions/report/rollout.ts';
import { beginEffect, halt } from '../../definitions/rollout/facts.ts';
import { freezeWaves } from '../../definitions/rollout/waves.ts';
import { jobOf } from '../support/jobs.ts';

const MACHINES = Array.from({ length: 300 }, (_, index) => `m${index + 1}`);
const Waves = [
  { Name: 'canary', Machines: ['m1'] },
  { Name: 'gone', Machines: ['m999'] },
  { Name: 'r7', MachineSelector: { MatchLabels: { rack: 'r7' } }, MaxFailures: 2, MaxConcurrent: 50 },
  { Name: 'rest', Rest: true, MaxConcurrent: '10%', MaxFailures: 999 },
] as const;
const over = (budget: object) => freezeWaves({ Waves, ...budget }, MACHINES, () => MACHINES.slice(1, 13));
const frozen = over({ FailureBudget: { Failed: '2%', Unreachable: '10%' } });

test('W06 W09 plan prints waves as numbers, and passes over those without machines', () => {
  const waves = [
    'canary m1, halts at the 1st failure',
    'r7: 12 machines, halts above 2 failed',
    'rest: 287 machines, at most 30 at once',
  ];
  assert.is(printWaves(over({})), waves.join('; '));
  const all = [...waves, 'all waves together: halts above 6 failed or 30 unreachable'];
  assert.is(printWaves(frozen), all.join('; '));
  const failed = over({ FailureBudget: { Failed: 3 } });
  assert.is(printWaves(failed), [...waves, 'all waves together: halts above 3 failed'].join('; '));
});

const FACTS = beginEffect(null, { effect: 'new', waves: 'w' });
const NOW = new Date('2026-03-10T22:00:00Z');

const JOB = jobOf('nightly', { Rollout: { Waves } });

for (const [reason, machines, why] of [
  ['WaveFailed', ['m1'], 'more have failed than its MaxFailures allows: m1'],
  ['BudgetExceeded', ['m1', 'm2'], 'the FailureBudget is exceeded, last by m1, m2'],
  [
    'NothingProved',
    ['m1', 'm2', 'm3', 'm4'],
    'none of its machines was reached, so nothing is proved: m1, m2, m3 and 1 more',
  ],
] as const) {
  test(`W05 ${reason}: since when, why, and the one line to change`, () => {
    const found = haltText(JOB, { Rollout: halt(FACTS, reason, machines, NOW) });
    const head = 'nightly is halted at canary since 2026-03-10T22:00:00Z';
    const rest = ['meanwhile nothing of it runs', 'to go on, give jobs/nightly.yaml a new Rollout.Resume'];
    assert.equal(found, [`${head}: ${why}`, ...rest]);
  });
}

const Promoted = { Effect: 'old', Commit: 'c0ffeec0ffeec0ffee', File: 'jobs/nightly.yaml' };
const HALTED = { Rollout: { ...halt(FACTS, 'WaveFailed', ['m1'], NOW), Promoted } };

for (const [what, rollout, said] of [
  ['Promoted', {}, 'its runs set what commit c0ffeec0ffee says, not what Git says now'],
  ['Hold', { OnHalt: 'Hold' }, 'nothing of it runs'],
] as const) {
  test(`W14 while it is halted, ${what}: ${said}`, () => {
    const job = jobOf('nightly', { Rollout: { Waves, ...rollout } });
    assert.is(haltText(job, HALTED)?.[1], `meanwhile ${said}`);
  });
}

test('W05 a rollout that goes on has no such sentences', () => {
  assert.is(haltText(JOB, { Rollout: FACTS }), null);
  assert.is(haltText(jobOf('nightly'), {}), null);
});

test.run();
