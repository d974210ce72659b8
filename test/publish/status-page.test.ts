import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTest } from '../scenarios/scenario.ts';
import type { TestSystem } from '../support/controller.ts';
import { git } from '../support/git-folder.ts';
import { daily, machine } from '../support/manifests.ts';

const page = (system: TestSystem) => git(system.bare, 'show', 'main:STATUS.md');
const commits = (system: TestSystem) => Number(git(system.bare, 'rev-list', '--count', 'main'));
const pageCommits = (system: TestSystem) => Number(git(system.bare, 'rev-list', '--count', 'main', '--', 'STATUS.md'));

systemTest('STATUS.md is published with the first statuses, and follows runs', async (set) => {
  const system = await set({ files: { 'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }) } });
  await system.advance(60_000);
  assert.match(
    page(system),
    '| [`nightly`](jobs/nightly.status.yaml) | PatchProfile | Pending | never | 2026-03-10T22:00:00Z | 2 |',
  );
  system.bmcs.behave('machine-2', { error: 'permanent: manager bmc: no such manager' });
  await system.advance('2026-03-10T22:01:00Z');
  const text = page(system);
  assert.match(text, '- `machine-2`: `nightly` at 2026-03-10T22:00:00Z: `permanent: manager bmc: no such manager`');
  assert.match(text, '| **Failed** on 1 of 2 | 2026-03-10T22:00:00Z | 2026-03-11T22:00:00Z | 2 |');
  for (const path of system.logs()) assert.match(text, `](${path})`);
});

systemTest('the passing of time changes nothing, nor does a restart', async (set) => {
  const system = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T22:01:00Z');
  const [text, count] = [page(system), commits(system)];
  await system.advance('2026-03-11T21:59:00Z');
  assert.equal([page(system), commits(system)], [text, count], 'nearly a day later');
  await system.stop();
  await system.start();
  await system.advance(60_000);
  assert.equal([page(system), commits(system)], [text, count], 'after a restart');
});

systemTest('a problem that makes no job is published all the same, and goes when it is mended', async (set) => {
  const system = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance(60_000);
  const before = page(system);
  await system.push({ 'jobs/new.yaml': daily({ Profile: 'Turbo' }) });
  await system.advance(60_000);
  assert.match(page(system), /## Problems\n\n- error: `jobs\/new\.yaml:\d+:\d+` `Payload\[0\]\.Payload\.Profile`/);
  assert.is(system.subjects()[0], 'bmcron: the fleet at a glance');
  await system.push({ 'jobs/new.yaml': null });
  await system.advance(60_000);
  assert.is(page(system), before);
});

systemTest('an edit that is no fact of this page leaves it as it is', async (set) => {
  const system = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance(60_000);
  const count = pageCommits(system);
  await system.push({
    'README.md': 'hello',
    'jobs/nightly.yaml': `# a comment\n${daily()}`,
    'machines/more.yaml': machine('machine-9'),
  });
  await system.advance(60_000);
  assert.is(pageCommits(system), count);
});

systemTest('what somebody wrote into it is put right, once', async (set) => {
  const system = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await system.advance(60_000);
  const before = page(system);
  await system.push({ 'STATUS.md': 'all is well\n' });
  await system.advance(60_000);
  assert.is(page(system), before);
  const count = commits(system);
  await system.advance(600_000);
  assert.is(commits(system), count);
});

for (const layout of ['files', 'segments'] as const) {
  systemTest(`#22.4 a start from Git alone writes the same page, logs linked: ${layout}`, async (set) => {
    const system = await set({
      files: {
        'bmcron.yaml': `Logs: { Layout: ${layout} }\n`,
        'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }),
        'jobs/nightly-two.yaml': daily({ Time: '22:00:00', Machines: ['machine-3'] }),
      },
    });
    system.bmcs.behave('machine-2', { error: 'permanent: manager bmc: no such manager' });
    await system.advance('2026-03-11T22:01:00Z');
    const before = page(system);
    const linked = system.logs().filter((path) => before.includes(`](${path})`));
    assert.is(linked.length, layout === 'files' ? 3 : 0);
    const count = pageCommits(system);
    await system.stop();
    await system.removeState();
    await system.start();
    await system.advance(60_000);
    assert.is(page(system), before, 'without a state folder');
    await system.stop();
    await system.start();
    await system.advance(60_000);
    assert.is(page(system), before, 'with a journal that does not know these runs');
    assert.is(pageCommits(system), count);
  });
}

test.run();
