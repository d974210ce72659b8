import { rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commit, git, result, status } from '../support/git-folder.ts';
import { assertSound, pathsIn, type TestPublisher } from '../support/publisher.ts';
import { type FaultContext, faultTest, LOGS } from './fault.ts';

const STATUS = 'jobs/a.status.yaml';

/** Publishes, has people change the files, removes the clone and starts the service again: it clones once more. */
async function cloneAgain(
  at: FaultContext,
  done: Readonly<Record<string, string | null>>,
  keepDays: number | null = null,
) {
  const stateDir = at.folder.path('state');
  const first = await at.open({ fleet: at.url, stateDir });
  for (let number = 1; number <= 3; number += 1) {
    await first.journal.append([result(number), status('a', number)]);
    await first.publisher.publish();
  }
  await first.journal.append([result(4, '2020/01/01')]);
  await first.publisher.publish();
  await first.journal.close();
  git(at.human, 'pull', '--quiet');
  commit(at.human, done);
  git(at.human, 'push', '--quiet');
  rmSync(`${stateDir}/repo.git`, { recursive: true });
  const second = await at.open({ fleet: at.url, stateDir }, { logsKeepDays: () => keepDays });
  await second.repository.snapshot(() => false);
  return second;
}

async function assertRight(at: FaultContext, service: TestPublisher, logs: number): Promise<void> {
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.match(git(at.bare, 'show', `main:${STATUS}`), '"ExecutionCount":3');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, logs);
  assert.ok(pathsIn(at.bare, 'main').includes(`.bmcron/${service.journal.id}.json`));
  assert.ok(service.kinds().includes('Overridden'));
  assert.not.ok(service.kinds().includes('JournalRenewed'));
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  assertSound(at.bare);
}

const log = (number: number, day?: string) => {
  const record = result(number, day);
  return record.kind === 'result' ? record.path : '';
};

const daysSince = (day: string) => Math.ceil((Date.now() - Date.parse(day)) / 86_400_000);

for (const [what, done] of [
  ['removed a status file', { [STATUS]: null }],
  ['edited a status file', { [STATUS]: 'ExecutionCount: 99\n' }],
  ['removed a log', { [log(2)]: null }],
  ['edited a log', { [log(1)]: '{}\n' }],
  ['removed all of it', { [STATUS]: null, [log(1)]: null, [log(2)]: null, [log(3)]: null }],
] as const) {
  faultTest(`F17, R37: the clone is made anew after a human ${what}: put right all the same`, async (at) => {
    await assertRight(at, await cloneAgain(at, done), 4);
  });
}

faultTest('F17, R37: so it is where messages were rewritten too', async (at) => {
  const stateDir = at.folder.path('state');
  const first = await at.open({ fleet: at.url, stateDir });
  await first.journal.append([result(1), result(2), status('a', 3)]);
  await first.publisher.publish();
  await first.journal.close();
  git(at.human, 'pull', '--quiet');
  git(at.human, 'rebase', '--quiet', '--root', '--force-rebase', '--exec', 'git commit --quiet --amend -m rewritten');
  commit(at.human, { [log(1)]: null });
  git(at.human, 'push', '--quiet', '--force');
  rmSync(`${stateDir}/repo.git`, { recursive: true });
  const second = await at.open({ fleet: at.url, stateDir });
  await assertRight(at, second, 2);
});

faultTest('F17, R37: what went with its manifest, or is too old to be kept, does not come back', async (at) => {
  const manifest = 'jobs/a.yaml';
  const service = await cloneAgain(
    at,
    { [manifest]: null, [STATUS]: null, [log(4, '2020/01/01')]: null },
    daysSince('2025-01-01'),
  );
  assert.equal(await service.publisher.publish(), { outcome: 'Unchanged' });
  assert.not.ok(pathsIn(at.bare, 'main').includes(STATUS));
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 3);
});

faultTest('F17: the clone is made anew while the service runs, and history was rewritten: it goes on', async (at) => {
  const service = await at.open({ fleet: at.url, stateDir: at.folder.path('state') });
  await service.journal.append([result(1), status('a', 3)]);
  await service.publisher.publish();
  git(at.human, 'commit', '--quiet', '--amend', '-m', 'begin again');
  git(at.human, 'push', '--quiet', '--force');
  rmSync(at.folder.path('state', 'repo.git', 'objects'), { recursive: true });
  await service.repository.snapshot(() => false);
  assert.is((await service.publisher.publish()).outcome, 'Pushed');
  assert.is(pathsIn(at.bare, 'main', LOGS).length, 1);
  assertSound(at.bare);
});

test.run();
