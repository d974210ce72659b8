// What Prometheus sees of rollouts: the wave that comes, and what stands still (W05).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createInstruments } from '../../controller/server/metrics/instruments.ts';
import { installPerJob } from '../../controller/server/metrics/per-job.ts';
import { createRecentRuns } from '../../controller/server/recent-runs.ts';
import { createAgenda } from '../../definitions/lifecycle/agenda.ts';
import { beginEffect, halt, promote } from '../../definitions/rollout/facts.ts';
import { factsOf, jobOf } from '../support/jobs.ts';

const BEGUN = beginEffect(null, { effect: 'e', waves: 'w' });
const HALTED = halt({ ...BEGUN, Wave: 2 }, 'WaveFailed', ['machine-1'], new Date('2026-03-10T22:00:00Z'));
const PROMOTED = promote(BEGUN, { Commit: 'c', File: 'jobs/c.yaml' }, ['machine-1']);

test('W05 bmcron_rollout_wave and bmcron_rollout_halted, for the jobs that have a rollout alone', async () => {
  const agenda = createAgenda();
  for (const [id, Rollout] of Object.entries({ begun: BEGUN, halted: HALTED, promoted: PROMOTED }))
    agenda.put(jobOf(id), factsOf(jobOf(id), { Rollout }));
  agenda.put(jobOf('plain'), factsOf(jobOf('plain')));
  const instruments = createInstruments();
  installPerJob(instruments, { agenda, recentRuns: createRecentRuns(), most: () => 10 });
  const { body } = await instruments.print();
  instruments.close();
  assert.equal(
    body.split('\n').filter((line) => line.startsWith('bmcron_rollout_')),
    [
      'bmcron_rollout_wave{job="begun"} 1',
      'bmcron_rollout_wave{job="halted"} 3',
      'bmcron_rollout_wave{job="promoted"} 0',
      'bmcron_rollout_halted{job="begun"} 0',
      'bmcron_rollout_halted{job="halted"} 1',
      'bmcron_rollout_halted{job="promoted"} 0',
    ],
  );
});

test.run();
