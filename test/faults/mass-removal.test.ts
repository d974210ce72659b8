import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openGit } from '../../controller/git/command.ts';
import { isConfirmed } from '../../controller/snapshot/confirmation.ts';
import type { FleetLocation } from '../../controller/snapshot/source.ts';
import { systemTest } from '../scenarios/scenario.ts';
import type { CreateSystem, TestSystem } from '../support/controller.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, git, workTree } from '../support/git-folder.ts';
import { daily, machines } from '../support/manifests.ts';

const JOBS = ['a', 'b', 'c', 'd', 'e'];
const fileOf = (job: string) => `jobs/${job}.yaml`;
const FLEET = {
  ...machines(2),
  'bmcron.yaml': '{ "WorkerPoolSize": 7 }',
  ...Object.fromEntries(JOBS.map((job, index) => [fileOf(job), daily({ Name: job, Time: `22:00:0${index}` })])),
};
const without = (...jobs: string[]) => Object.fromEntries(jobs.map((job) => [fileOf(job), null]));

/** A fleet of five jobs; what `more` gets is the location of the next start. */
async function open(create: CreateSystem, more: Partial<FleetLocation> = {}): Promise<TestSystem> {
  return create({
    files: FLEET,
    gitOptions: (bare) => ({ location: { fleet: `file://${bare}`, branch: 'main', ...more } }),
  });
}

function inForce(system: TestSystem): string {
  return [...system.service.agenda.jobs.keys()].sort().join('');
}

function told(system: TestSystem): string {
  return String(system.service.inForce.problems.find(({ rule }) => rule === 'R47')?.message ?? '');
}

systemTest(
  'R47 #22.1 three of five jobs vanish: they stay in force and run, the rest of the commit counts',
  async (create) => {
    const system = await open(create);
    const commit = await system.push({
      ...without('a', 'b', 'c'),
      'jobs/new.yaml': daily({ Name: 'new', Time: '23:00:00' }),
    });
    assert.is(inForce(system), 'abcdenew');
    assert.match(told(system), new RegExp(`3 jobs of 6 are gone as of commit ${commit.slice(0, 12)}`));
    const valid = system.status('a').Conditions.find(({ Type }) => Type === 'Valid');
    assert.equal([valid?.Status, valid?.Reason], ['False', 'RemovalUnconfirmed']);
    await system.advance('2026-03-10T22:30:00Z');
    assert.is(system.runs('a').length, 1);
    assert.is(system.subjects().length < 8, true, 'what is held makes no commit after the other');
    const settled = git(system.bare, 'rev-parse', 'main');
    await system.reconcile();
    await system.advance('2026-03-10T22:55:00Z');
    assert.is(git(system.bare, 'rev-parse', 'main'), settled);

    await system.push({
      'jobs/x.yaml': daily({ Name: 'x' }),
      'jobs/y.yaml': daily({ Name: 'y' }),
      'jobs/z.yaml': daily({ Name: 'z' }),
    });
    assert.is(inForce(system), 'abcdenewxyz', 'more jobs make them no smaller share');
    await system.stop();
    await system.start();
    assert.is(inForce(system), 'abcdenewxyz', 'nor does a restart');
    assert.is(system.status('a').ExecutionCount, 1);
    assert.match(told(system), commit.slice(0, 12));

    await system.push(
      Object.fromEntries(['a', 'b', 'c'].map((job) => [fileOf(job), FLEET[fileOf(job) as keyof typeof FLEET]])),
    );
    assert.is(told(system), '');
    assert.is(inForce(system), 'abcdenewxyz');
    assert.is(system.status('a').ExecutionCount, 1, 'the same jobs');
    assert.is(system.status('a').Conditions.find(({ Type }) => Type === 'Valid')?.Status, 'True');
  },
);

systemTest('R47 #22.1 a commit without any manifest: jobs, machines and settings stay in force', async (create) => {
  const system = await open(create);
  await system.push({ ...without('a', 'b', 'c', 'd'), 'jobs/keep.txt': 'x' });
  await system.push({ ...without('e'), 'bmcron.yaml': null, 'machines/all.yaml': null });
  assert.is(inForce(system), 'abcde');
  assert.is(system.service.inForce.settings.WorkerPoolSize, 7);
  assert.is(system.service.inForce.machines.size, 2);
  assert.match(told(system), /5 jobs of 5 are gone/);
  await system.advance('2026-03-10T22:30:00Z');
  assert.is(system.logs().length, 5, 'all have run, on machines that are known');
});

systemTest(
  'R47 #22.1 a trailer that says how many confirms it: in the commit itself or a later one',
  async (create) => {
    const system = await open(create);
    system.commit(without('a', 'b', 'c'), 'Clear out\n\nBmcron-Accept-Removals: 3');
    await system.reconcile();
    assert.is(inForce(system), 'de');
    system.commit({ [fileOf('f')]: daily({ Name: 'f' }) });
    await system.reconcile();
    system.commit(without('d', 'e', 'f'), 'Clear out\n\nBmcron-Accept-Removals: 2');
    await system.reconcile();
    assert.is(inForce(system), 'def', 'too few');
    system.commit({}, 'Yes, all of them\n\nBmcron-Accept-Removals: 3');
    await system.reconcile();
    assert.is(inForce(system), '');
    assert.is(told(system), '');
  },
);

systemTest('R47 #22.1 an old confirmation does not count for jobs that have come back since', async (create) => {
  const system = await open(create);
  system.commit(without('a', 'b', 'c'), 'Clear out\n\nBmcron-Accept-Removals: 3');
  await system.reconcile();
  await system.push(
    Object.fromEntries(['a', 'b', 'c'].map((job) => [fileOf(job), FLEET[fileOf(job) as keyof typeof FLEET]])),
  );
  assert.is(inForce(system), 'abcde');
  await system.push(without('a', 'b', 'c'));
  assert.is(inForce(system), 'abcde');
});

systemTest(
  'R47 #22.1 --accept-removals confirms the commit that it names, whatever came on top, and no other',
  async (create) => {
    let more: Partial<FleetLocation> = {};
    const system = await create({
      files: FLEET,
      gitOptions: (bare) => ({ location: { fleet: `file://${bare}`, branch: 'main', ...more } }),
    });
    const before = git(system.bare, 'rev-parse', 'main');
    const commit = await system.push(without('a', 'b', 'c'));
    await system.advance(120_000);
    for (const acceptRemovals of [before, 'nonsense', 'f'.repeat(40)]) {
      await system.stop();
      more = { acceptRemovals };
      await system.start();
      assert.is(inForce(system), 'abcde', acceptRemovals);
    }
    await system.stop();
    more = { acceptRemovals: commit.slice(0, 12) };
    await system.start();
    assert.is(inForce(system), 'de');
    await system.advance(120_000);
    assert.is(system.published('jobs/a.status.yaml'), null);
  },
);

systemTest('R47 #22.1 what vanishes while the service is down is held as well', async (create) => {
  const system = await open(create);
  await system.advance(120_000);
  await system.stop();
  system.commit(without('a', 'b', 'c', 'd', 'e'));
  await system.start();
  assert.is(inForce(system), 'abcde');
  assert.match(told(system), /5 jobs of 5/);
});

test('R45 R47 where commits are verified, a commit that touches no manifest confirms nothing', async () => {
  const at = createGitFolder();
  const folder = workTree(at.path('fleet'), { 'jobs/a.yaml': 'a', 'jobs/b.yaml': 'b' });
  const since = git(folder, 'rev-parse', 'HEAD');
  const options = (verifyCommits?: string) => {
    return { git: openGit(`${folder}/.git`, GIT_ENVIRONMENT, folder), prefix: '', location: { verifyCommits } };
  };
  const vanished = ['jobs/a.yaml', 'jobs/b.yaml'].map((file) => ({ file, since }));
  commit(folder, { 'jobs/a.yaml': null, 'jobs/b.yaml': null });
  for (const files of [{}, { 'jobs/a.status.yaml': 'mine' }]) {
    const tip = commit(folder, files, 'Yes\n\nBmcron-Accept-Removals: 2');
    assert.is(await isConfirmed(options(), tip, vanished), true);
    assert.is(await isConfirmed(options('signers'), tip, vanished), false, 'nobody has to sign such a commit');
  }
  const signed = commit(folder, { 'jobs/c.yaml': 'c' }, 'Yes\n\nBmcron-Accept-Removals: 2');
  assert.is(await isConfirmed(options('signers'), signed, vanished), true);
  at.remove();
});

test.run();
