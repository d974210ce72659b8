import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTest } from '../scenarios/scenario.ts';
import type { TestSystem } from '../support/controller.ts';
import { daily } from '../support/manifests.ts';

const SPOILT = 'jobs/spoilt.yaml';
const GOOD = daily({ Name: 'Spoilt', Time: '11:00:00' });

/** Ways in which one manifest cannot be read. */
const SPOILS: Readonly<Record<string, (system: TestSystem) => void>> = {
  'invalid YAML': (system) => void system.commit({ [SPOILT]: 'Name: [\n', 'jobs/other.yaml': OTHER }),
  'a file of 5 MB': (system) =>
    void system.commit({ [SPOILT]: `${GOOD}# ${'x'.repeat(5 << 20)}\n`, 'jobs/other.yaml': OTHER }),
  'a submodule in its place': (system) => {
    system.commit({ [SPOILT]: null, 'jobs/other.yaml': OTHER });
    system.git('update-index', '--add', '--cacheinfo', `160000,${system.git('rev-parse', 'HEAD')},${SPOILT}`);
    system.git('commit', '--quiet', '--amend', '--no-edit');
    system.git('push', '--quiet', '--force', 'origin', 'main');
  },
};
const OTHER = daily({ Name: 'Other', Time: '12:00:00', Machines: ['machine-2'] });

systemTest('R04: a link where a folder of manifests should be is told by its name', async (create) => {
  const system = await create({ files: { 'jobs/a.yaml': GOOD } });
  symlinkSync('../elsewhere', join(system.human, 'jobs/night'));
  system.git('add', '--all');
  system.git('commit', '--quiet', '--message', 'a link');
  system.git('push', '--quiet');
  await system.reconcile();
  const told = system.of('problem').map(({ problem: { file, message } }) => [file, message]);
  assert.equal(told, [['jobs/night', 'a symbolic link: its target is never read, put what it names here']]);
});

for (const [what, spoil] of Object.entries(SPOILS)) {
  systemTest(
    `F22: ${what}: that job alone is degraded, runs as it did, and recovers when it is put right`,
    async (create) => {
      const files = { [SPOILT]: GOOD, 'jobs/other.yaml': daily({ Name: 'Other', Machines: ['machine-2'] }) };
      const system = await create({ files });
      const valid = (job: string) => system.status(job).Conditions.find(({ Type }) => Type === 'Valid')?.Status;
      const before = system.status('spoilt');
      assert.is(valid('spoilt'), 'True');
      spoil(system);
      await system.reconcile();
      assert.is(valid('spoilt'), 'False');
      assert.is(valid('other'), 'True');
      assert.is(system.status('other').NextRunTime, '2026-03-10T12:00:00Z', 'the others are reconciled');
      assert.is(system.status('spoilt').NextRunTime, before.NextRunTime);
      await system.advance('2026-03-10T12:30:00Z');
      assert.equal(
        system.bmcs.carried.map(({ part }) => part.job),
        ['spoilt', 'other'],
        'the last good version runs',
      );
      assert.match(JSON.stringify(system.published('jobs/spoilt.status.yaml')), '"Status":"False"');
      system.git('rm', '--quiet', '--cached', SPOILT);
      rmSync(join(system.human, SPOILT), { recursive: true, force: true });
      system.git('commit', '--quiet', '-m', 'away with it');
      await system.push({ [SPOILT]: daily({ Name: 'Spoilt', Time: '13:00:00' }) });
      assert.is(valid('spoilt'), 'True');
      await system.advance('2026-03-10T13:30:00Z');
      assert.equal(system.runs('spoilt').length, 2);
    },
  );
}

test.run();
