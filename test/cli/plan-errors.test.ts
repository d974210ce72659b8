import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PlanOptions, plan } from '../../controller/cli/plan.ts';
import type { Preview } from '../../definitions/preview/preview.ts';
import { commit, createGitFolder, GIT_ENVIRONMENT, workTree } from '../support/git-folder.ts';
import { job, machines, sink } from '../support/pull-request.ts';

const at = createGitFolder();
test.after(() => at.remove());

/** What `plan` says of a folder against a commit before, as data. */
async function planned(folder: string, base: string): Promise<{ code: number; told: Preview }> {
  const { code, text } = await printed(folder, base, 'json');
  return { code, told: JSON.parse(text) as Preview };
}

async function printed(folder: string, base: string, format: PlanOptions['format']) {
  const [out, err] = [sink(), sink()];
  const now = new Date('2026-03-10T12:00:00Z');
  const code = await plan({ folder, base, format, count: 1, environment: GIT_ENVIRONMENT, signal: new AbortController().signal, now, out, err });
  return { code, text: out.text };
}

test('#22.8 plan: new errors, those of the base and those that are fixed, apart; the new ones decide', async () => {
  const bad = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`jobs/bad-${index}.yaml`, job({ profile: `Nope${index}` })]),
    );
  const folder = workTree(at.path('errors'), {
    'machines/all.yaml': machines(3, 'Managers: { bmc: { Profiles: [A] } }\n'),
    ...bad(10),
  });
  commit(folder, { 'jobs/bad-3.yaml': job({ profile: 'A' }) });
  const fixing = await planned(folder, 'HEAD~1');
  assert.is(fixing.code, 0, 'nothing is worse than before');
  assert.is(fixing.told.fixed.length, 1);
  assert.is(fixing.told.fixed[0]?.file, 'jobs/bad-3.yaml');
  assert.is(fixing.told.problems.filter((each) => each.new).length, 0);
  const text = (await printed(folder, 'HEAD~1', 'text')).text;
  assert.match(text, /1 error fixed/);
  assert.match(text, /errors that were there before/);
  commit(folder, { 'jobs/bad-4.yaml': `# moved down a line\n${job({ profile: 'Nope4' })}` });
  assert.is((await planned(folder, 'HEAD~1')).code, 0, 'an error that moves is no new one');
  commit(folder, { 'jobs/worse.yaml': job({ profile: 'Worse' }) });
  const worse = await planned(folder, 'HEAD~1');
  assert.is(worse.code, 1);
  assert.equal(
    worse.told.problems.filter((each) => each.new).map(({ file }) => file),
    ['jobs/worse.yaml'],
  );
});

test('R47 plan: too many jobs that vanish at once are told to stay, and how that is confirmed', async () => {
  const jobs = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`jobs/${name}.yaml`, job({ name })]));
  const folder = workTree(at.path('removals'), { 'machines/all.yaml': machines(3), ...jobs });
  commit(folder, { 'jobs/a.yaml': null, 'jobs/b.yaml': null });
  assert.is((await planned(folder, 'HEAD~1')).told.unconfirmed, 0);
  commit(folder, { 'jobs/c.yaml': null });
  const { told } = await planned(folder, 'HEAD~2');
  assert.equal(
    told.changes.map(({ op, job: id }) => `${op} ${id}`),
    ['remove a', 'remove b', 'remove c'],
  );
  assert.is(told.unconfirmed, 3);
  const { text } = await printed(folder, 'HEAD~2', 'text');
  assert.match(text, /3 jobs stay in force until somebody confirms it/);
  assert.match(text, /Bmcron-Accept-Removals: 3/);
});

test.run();
