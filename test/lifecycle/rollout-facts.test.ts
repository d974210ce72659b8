// The facts of rollouts as manifests are edited, and as two controllers leave them: W01, W12, R65.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rollout } from '../../definitions/job.ts';
import { mergeStatus } from '../../definitions/lifecycle/merge.ts';
import { takesAgain, withRollout } from '../../definitions/lifecycle/rollout-facts.ts';
import { effectOf } from '../../definitions/rollout/effect.ts';
import { halt } from '../../definitions/rollout/facts.ts';
import { type RolloutFacts, readStatus, type Status, statusDocument } from '../../definitions/status.ts';
import type { Json } from '../../definitions/values/json.ts';
import { factsOf, jobOf } from '../support/jobs.ts';

const WAVES: Rollout['Waves'] = [
  { Name: 'canary', Machines: ['machine-1'] },
  { Name: 'rest', Rest: true },
];
const PLAIN = jobOf('a');
const JOB = jobOf('a', { Rollout: { Waves: WAVES } });
const file = 'jobs/a.yaml';
const before = (status: Status) => ({ status, file });
const followed = (status: Status, job = JOB) => withRollout(status, job, before(status));
const NOW = new Date('2026-03-10T22:00:00Z');

test('a job without a Rollout has no facts of one, and loses them with it', () => {
  const status = factsOf(PLAIN);
  assert.is(followed(status, PLAIN), status);
  assert.not('Rollout' in followed(followed(status), PLAIN));
});

for (const [ran, isPromoted] of [
  ['Completed', true],
  ['Failed', false],
  ['Pending', false],
] as const) {
  test(`W01 what was ${ran} before its job had a Rollout ${isPromoted ? 'counts' : 'does not count'} as promoted`, () => {
    const { Rollout } = followed(factsOf(PLAIN, { Status: ran, AppliedCommit: 'c7' }));
    const promoted = { Effect: effectOf(PLAIN.spec), Commit: 'c7', File: file };
    assert.equal([Rollout?.Promoted, Rollout?.Known], isPromoted ? [promoted, ['machine-1']] : [null, []]);
  });
}

const UNDER_WAY = (() => {
  const status = followed(factsOf(PLAIN));
  return { ...status, Rollout: { ...(status.Rollout as RolloutFacts), Wave: 1, Spent: { Failed: 1, Unreachable: 0 } } };
})();

test('W12 edited limits leave a rollout where it is; edited waves begin again at the first, a halt stays', () => {
  const loose = jobOf('a', {
    Rollout: { Waves: [{ ...WAVES[0], Name: 'canary', MaxFailures: 1 }, ...WAVES.slice(1)] },
  });
  assert.is(followed(UNDER_WAY, loose), UNDER_WAY);
  const halted = { ...UNDER_WAY, Rollout: halt(UNDER_WAY.Rollout, 'WaveFailed', ['machine-1'], NOW) };
  const others = jobOf('a', { Rollout: { Waves: [{ Name: 'first', Machines: ['machine-1'] }, ...WAVES] } });
  const { Rollout } = followed(halted, others);
  assert.equal([Rollout?.Wave, Rollout?.Spent.Failed, Rollout?.Halted], [0, 0, halted.Rollout.Halted]);
});

test('W13 W14 a Resume runs a job again that has no next run, unless all is promoted, or it has one', () => {
  const resumed = jobOf('a', { Rollout: { Waves: WAVES, Resume: 'fixed it' } });
  const ran = { ...UNDER_WAY, NextRunTime: null, ExecutionCount: 1 };
  const again = (status: Status) => takesAgain(status, followed(status, resumed));
  assert.is(again(ran), 'fixed-it');
  assert.is(again({ ...ran, NextRunTime: '2026-03-11T22:00:00Z' }), null);
  assert.is(again({ ...ran, ExecutionCount: 0 }), null);
  const { Effect } = ran.Rollout;
  assert.is(again({ ...ran, Rollout: { ...ran.Rollout, Promoted: { Effect, Commit: 'c', File: file } } }), null);
  assert.is(takesAgain(followed(ran, resumed), followed(followed(ran, resumed), resumed)), null, 'once');
});

const HALTED = { ...UNDER_WAY, Rollout: halt(UNDER_WAY.Rollout, 'WaveFailed', ['machine-1'], NOW) };
const RESUMED = { ...UNDER_WAY, Rollout: { ...UNDER_WAY.Rollout, Resumed: 'r' } };
const PASSED = { ...UNDER_WAY, Rollout: { ...UNDER_WAY.Rollout, Wave: 2 }, LastRunTime: '2026-03-10T22:00:00Z' };

for (const [what, ours, theirs, base, expected] of [
  ['the other one halted', UNDER_WAY, HALTED, UNDER_WAY, HALTED],
  ['this one halted', HALTED, UNDER_WAY, UNDER_WAY, HALTED],
  ['one resumed what both knew as halted', RESUMED, HALTED, HALTED, RESUMED],
  [
    'one passed a wave, the other halted',
    PASSED,
    HALTED,
    UNDER_WAY,
    { ...PASSED, Rollout: { ...PASSED.Rollout, Halted: HALTED.Rollout.Halted } },
  ],
  [
    'the other way round',
    HALTED,
    PASSED,
    UNDER_WAY,
    { ...PASSED, Rollout: { ...PASSED.Rollout, Halted: HALTED.Rollout.Halted } },
  ],
  ['one does not know of the rollout', followed(UNDER_WAY, PLAIN), HALTED, undefined, HALTED],
] as const) {
  test(`R65 two controllers: ${what}`, () => {
    const known = { base, tip: new Map([['a', JOB]]), starts: new Map() };
    assert.equal(mergeStatus(ours, theirs, known).Rollout, (expected as Status).Rollout);
  });
}

test('R65 a status with the facts of a rollout is read as it was written; with broken ones it is not', () => {
  assert.equal(readStatus(statusDocument(HALTED)), HALTED);
  const broken = { ...(statusDocument(HALTED) as Record<string, Json>), Rollout: { Effect: 'e' } };
  assert.is(readStatus(broken), null);
});

test.run();
