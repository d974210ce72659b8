import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { staged } from '../scenarios/scenario.ts';
import type { Stage } from '../support/controller.ts';
import { git } from '../support/git-folder.ts';
import { daily, machine } from '../support/manifests.ts';

const page = (stage: Stage) => git(stage.bare, 'show', 'main:STATUS.md');
const commits = (stage: Stage) => Number(git(stage.bare, 'rev-list', '--count', 'main'));
const pageCommits = (stage: Stage) => Number(git(stage.bare, 'rev-list', '--count', 'main', '--', 'STATUS.md'));

staged('STATUS.md is published with the first statuses, and follows runs', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }) } });
  await stage.turn(60_000);
  assert.match(
    page(stage),
    '| [`nightly`](jobs/nightly.status.yaml) | PatchProfile | Pending | never | 2026-03-10T22:00:00Z | 2 |',
  );
  stage.bmcs.behave('machine-2', { error: 'permanent: manager bmc: no such manager' });
  await stage.turn('2026-03-10T22:01:00Z');
  const text = page(stage);
  assert.match(text, '- `machine-2`: `nightly` at 2026-03-10T22:00:00Z: `permanent: manager bmc: no such manager`');
  assert.match(text, '| **Failed** on 1 of 2 | 2026-03-10T22:00:00Z | 2026-03-11T22:00:00Z | 2 |');
  for (const path of stage.logs()) assert.match(text, `](${path})`);
});

staged('the passing of time changes nothing, nor does a restart', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T22:01:00Z');
  const [text, count] = [page(stage), commits(stage)];
  await stage.turn('2026-03-11T21:59:00Z');
  assert.equal([page(stage), commits(stage)], [text, count], 'nearly a day later');
  await stage.stop();
  await stage.start();
  await stage.turn(60_000);
  assert.equal([page(stage), commits(stage)], [text, count], 'after a restart');
});

staged('a problem that makes no job is published all the same, and goes when it is mended', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn(60_000);
  const before = page(stage);
  await stage.push({ 'jobs/new.yaml': daily({ Profile: 'Turbo' }) });
  await stage.turn(60_000);
  assert.match(page(stage), /## Problems\n\n- error: `jobs\/new\.yaml:\d+:\d+` `Payload\[0\]\.Payload\.Profile`/);
  assert.is(stage.subjects()[0], 'bmcron: the fleet at a glance');
  await stage.push({ 'jobs/new.yaml': null });
  await stage.turn(60_000);
  assert.is(page(stage), before);
});

staged('an edit that is no fact of this page leaves it as it is', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn(60_000);
  const count = pageCommits(stage);
  await stage.push({
    'README.md': 'hello',
    'jobs/nightly.yaml': `# a comment\n${daily()}`,
    'machines/more.yaml': machine('machine-9'),
  });
  await stage.turn(60_000);
  assert.is(pageCommits(stage), count);
});

staged('what somebody wrote into it is put right, once', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn(60_000);
  const before = page(stage);
  await stage.push({ 'STATUS.md': 'all is well\n' });
  await stage.turn(60_000);
  assert.is(page(stage), before);
  const count = commits(stage);
  await stage.turn(600_000);
  assert.is(commits(stage), count);
});

test.run();
