// What is told of rollouts: that one has halted, that it goes on, and each wave that has passed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { webhookBody } from '../../definitions/notices/formats/webhook.ts';
import type { RolloutFacts } from '../../definitions/status.ts';
import { createTellingTest, receiver, statusRecord } from '../support/notices.ts';

const SINCE = '2026-03-10T10:00:00Z';
const FIRST: RolloutFacts = {
  Effect: 'e1',
  Waves: 'w1',
  Promoted: null,
  Wave: 0,
  Soak: null,
  Halted: null,
  Resumed: null,
  Spent: { Failed: 0, Unreachable: 0 },
  FlatOverBudget: 0,
  Known: [],
};
const HALTED = { ...FIRST, Wave: 1, Halted: { Since: SINCE, Reason: 'WaveFailed', Machines: ['m2'] } } as const;

function telling(...jobs: readonly string[]) {
  const On = ['RolloutHalted', 'WavePassed', 'Missed'] as const;
  const at = createTellingTest(receiver({ GroupWait: '0s', On, JobSelector: jobs.length > 0 ? jobs : null }));
  return { ...at, rollout: (Rollout: RolloutFacts) => at.append(statusRecord('a', { Rollout })) };
}

test('N01 N04 N05 a rollout that halts is told once, again after Repeat, and when it goes on', () => {
  const { rollout, pass, sent, append, notices } = telling();
  rollout(FIRST);
  rollout({ ...HALTED, Wave: 0 });
  pass('1m');
  const Reason = `RolloutHalted at canary since ${SINCE}: more have failed than its MaxFailures allows: m2`;
  append(statusRecord('a', { Rollout: { ...HALTED, Wave: 0 }, Missed: [{ Time: '2026-03-10T22:00:00Z', Reason }] }));
  pass('13h');
  rollout({ ...FIRST, Resumed: 'fixed' });
  pass('1m');
  const why = 'a: its rollout is halted: more have failed than its MaxFailures allows: m2';
  assert.equal(sent, [`oncall: ${why}`, `oncall: still: ${why}`, `oncall: over: ${why}`]);
  assert.is(notices[0]?.facts[0]?.key, `RolloutHalted/rollout a halted@${SINCE}`);
  const [first] = notices;
  assert.ok(first);
  assert.match(JSON.stringify(webhookBody(first, '')), '"Job":"a"');
});

test('N04 N05 of a job that is removed the halt is over, told once, and never again', () => {
  const { rollout, pass, sent, jobs } = telling();
  rollout(FIRST);
  rollout({ ...HALTED, Wave: 0 });
  pass('1m');
  jobs('a', 'b');
  pass('1m');
  jobs('b');
  pass('2d');
  const why = 'a: its rollout is halted: more have failed than its MaxFailures allows: m2';
  assert.equal(sent, [`oncall: ${why}`, `oncall: over: ${why}`]);
});

test('N07 a rollout that was halted before anybody was to be told is not; another job is not for this receiver', () => {
  const { rollout, pass, sent } = telling();
  rollout({ ...HALTED, Halted: { ...HALTED.Halted, Since: '2026-03-10T09:59:59Z' } });
  pass('1d');
  assert.equal(sent, []);
  const other = telling('b', 'c*');
  other.rollout(HALTED);
  other.pass('1m');
  assert.equal(other.sent, []);
});

test('each wave that has passed is told once, also the last one; a new effect begins in silence', () => {
  const { rollout, pass, sent, restart, readAgain } = telling();
  rollout(FIRST);
  rollout({ ...FIRST, Wave: 1 });
  pass('1m');
  rollout({ ...FIRST, Wave: 1, Spent: { Failed: 1, Unreachable: 0 } });
  pass('1m');
  restart();
  readAgain();
  rollout({ ...FIRST, Wave: 2, Promoted: { Effect: 'e1', Commit: 'c1', File: 'jobs/a.yaml' } });
  pass('1m');
  rollout({ ...FIRST, Effect: 'e2', Promoted: { Effect: 'e1', Commit: 'c1', File: 'jobs/a.yaml' } });
  pass('1m');
  assert.equal(sent, [
    'oncall: a: its rollout goes on: 1 wave passed',
    'oncall: a: its rollout is done: all waves have passed',
  ]);
});

test.run();
