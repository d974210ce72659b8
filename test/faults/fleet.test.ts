import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { staged } from '../scenarios/scenario.ts';
import type { Stage } from '../support/controller.ts';
import { daily } from '../support/manifests.ts';

const SPOILT = 'jobs/spoilt.yaml';
const GOOD = daily({ Name: 'Spoilt', Time: '11:00:00' });

/** Ways in which one manifest cannot be read. */
const SPOILS: Readonly<Record<string, (stage: Stage) => void>> = {
  'invalid YAML': (stage) => void stage.commit({ [SPOILT]: 'Name: [\n', 'jobs/other.yaml': OTHER }),
  'a file of 5 MB': (stage) =>
    void stage.commit({ [SPOILT]: `${GOOD}# ${'x'.repeat(5 << 20)}\n`, 'jobs/other.yaml': OTHER }),
  'a submodule in its place': (stage) => {
    stage.commit({ [SPOILT]: null, 'jobs/other.yaml': OTHER });
    stage.git('update-index', '--add', '--cacheinfo', `160000,${stage.git('rev-parse', 'HEAD')},${SPOILT}`);
    stage.git('commit', '--quiet', '--amend', '--no-edit');
    stage.git('push', '--quiet', '--force', 'origin', 'main');
  },
};
const OTHER = daily({ Name: 'Other', Time: '12:00:00', Machines: ['machine-2'] });

for (const [what, spoil] of Object.entries(SPOILS)) {
  staged(`F22: ${what}: that job alone is degraded, runs as it did, and recovers when it is put right`, async (set) => {
    const files = { [SPOILT]: GOOD, 'jobs/other.yaml': daily({ Name: 'Other', Machines: ['machine-2'] }) };
    const stage = await set({ files });
    const valid = (job: string) => stage.status(job).Conditions.find(({ Type }) => Type === 'Valid')?.Status;
    const before = stage.status('spoilt');
    assert.is(valid('spoilt'), 'True');
    spoil(stage);
    await stage.pass();
    assert.is(valid('spoilt'), 'False');
    assert.is(valid('other'), 'True');
    assert.is(stage.status('other').NextRunTime, '2026-03-10T12:00:00Z', 'the others are reconciled');
    assert.is(stage.status('spoilt').NextRunTime, before.NextRunTime);
    await stage.turn('2026-03-10T12:30:00Z');
    assert.equal(
      stage.bmcs.carried.map(({ part }) => part.job),
      ['spoilt', 'other'],
      'the last good version runs',
    );
    assert.match(JSON.stringify(stage.published('jobs/spoilt.status.yaml')), '"Status":"False"');
    stage.git('rm', '--quiet', '--cached', SPOILT);
    rmSync(join(stage.human, SPOILT), { recursive: true, force: true });
    stage.git('commit', '--quiet', '-m', 'away with it');
    await stage.push({ [SPOILT]: daily({ Name: 'Spoilt', Time: '13:00:00' }) });
    assert.is(valid('spoilt'), 'True');
    await stage.turn('2026-03-10T13:30:00Z');
    assert.equal(stage.runs('spoilt').length, 2);
  });
}

test.run();
