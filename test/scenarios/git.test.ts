import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type Stage } from '../support/controller.ts';
import { daily, once, text } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

/** Lets a Once job of 14:00 run and get public. */
async function completed(stage: Stage): Promise<void> {
  await stage.turn('2026-03-10T14:01:00Z');
}

scenario('G01', async (set, { manifest = {} }) => {
  const stage = await set();
  await stage.push({ 'jobs/nightly.yaml': text(manifest) });
  await stage.turn(60_000);
  const status = facts(stage, 'nightly');
  assert.is(status?.['Status'], 'Pending');
  assert.is(status?.['CreatedTime'], '2026-03-10T10:00:00Z');
  assert.is(status?.['NextRunTime'], '2026-03-10T22:00:00Z');
  assert.is(status?.['LastRunTime'], null);
  assert.is(status?.['ExecutionCount'], 0);
  assert.equal(stage.bmcs.carried, []);
});

scenario('G02', async (set) => {
  const files = { 'jobs/a.yaml': daily({ Time: '01:00:00' }), 'jobs/b.yaml': daily({ Time: '02:00:00' }) };
  const stage = await set({ files });
  const edited = { 'jobs/a.yaml': daily({ Time: '03:00:00' }), 'jobs/b.yaml': null, 'jobs/c.yaml': daily() };
  await stage.push(edited);
  assert.is(stage.status('c').Status, 'Pending');
  assert.is(stage.status('a').NextRunTime, '2026-03-11T03:00:00Z');
  assert.throws(() => stage.status('b'), 'no job b');
  const passes = stage.of('reconciled').map((each) => each.changes);
  assert.equal(passes.at(-1), { change: 1, add: 1, remove: 1 }, 'one pass, so no tick sees a mix');
});

scenario('G03', async (set) => {
  const stage = await set({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:00:00Z');
  const before = stage.status('nightly');
  assert.is(before.ExecutionCount, 5);
  await stage.push({ 'jobs/nightly.yaml': daily({ Time: '09:00:00' }) });
  const { NextRunTime, ExecutionCount, LastRunTime, CreatedTime } = stage.status('nightly');
  assert.is(NextRunTime, '2026-03-11T09:00:00Z');
  assert.is(ExecutionCount, 5);
  assert.equal([LastRunTime, CreatedTime], [before.LastRunTime, before.CreatedTime]);
});

scenario('G04', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await completed(stage);
  await stage.push({ 'jobs/update.yaml': once({ Name: 'A better name' }) });
  await stage.turn('2026-03-12T00:00:00Z');
  const status = facts(stage, 'update');
  assert.equal([status?.['Name'], status?.['NextRunTime'], status?.['Status']], ['A better name', null, 'Completed']);
  assert.is(stage.runs().length, 1);
});

scenario('G05', async (set) => {
  const spec = { Name: 'Once', Machines: ['machine-1'], Action: 'PatchProfile' };
  const entry = { ManagerID: 'bmc', Payload: { Profile: 'Performance' } };
  const Schedule = { Type: 'Once', Time: '14:00:00' };
  const stage = await set({ files: { 'jobs/update.yaml': text({ ...spec, Payload: entry, Schedule }) } });
  await completed(stage);
  const before = stage.status('update');
  const published = facts(stage, 'update');
  const reports = stage.of('problem').length;
  const yaml = `# a comment
Schedule: { Time: 14:00:00, Type: Once, Period: null }
Payload:
    - Payload: { Profile: Performance }
      ManagerID: bmc
Action: PatchProfile
Machines: [ machine-1 ]
Name: Once
`;
  await stage.push({ 'jobs/update.yaml': yaml });
  await stage.turn('2026-03-12T00:00:00Z');
  const kept = ['Status', 'NextRunTime', 'LastRunTime', 'CreatedTime', 'ExecutionCount', 'LastRun'] as const;
  for (const key of kept) assert.equal(stage.status('update')[key], before[key], key);
  for (const key of kept) assert.equal(facts(stage, 'update')?.[key], published?.[key], key);
  assert.is(stage.runs().length, 1);
  assert.is(stage.of('problem').length, reports);
});

scenario('G08', async (set) => {
  const stage = await set({ now: '2026-03-09T21:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:00:00Z');
  const logs = stage.logs();
  assert.is(logs.length, 1);
  await stage.push({ 'jobs/nightly.yaml': null });
  await stage.turn('2026-03-11T10:00:00Z');
  assert.is(stage.runs().length, 1, 'no run at 22:00');
  assert.is(facts(stage, 'nightly'), null);
  assert.equal(stage.logs(), logs);
});

scenario('G11', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await completed(stage);
  await stage.push({ 'jobs/update.yaml': null, 'jobs/archive/update-2026.yaml': once() });
  await stage.turn('2026-03-12T00:00:00Z');
  const status = facts(stage, 'archive.update-2026') ?? stage.published('jobs/archive/update-2026.status.yaml');
  const { Id, Status, ExecutionCount, NextRunTime } = status as Record<string, unknown>;
  assert.equal([Id, Status, ExecutionCount, NextRunTime], ['archive.update-2026', 'Completed', 1, null]);
  assert.is(facts(stage, 'update'), null);
  assert.is(stage.runs().length, 1);
});

scenario('G12', async (set) => {
  const stage = await set({ files: { 'jobs/update.yaml': once() } });
  await completed(stage);
  await stage.push({ 'jobs/update.yaml': null, 'jobs/again.yaml': once({ Profile: 'Balanced' }) });
  const { Status, ExecutionCount } = stage.status('again');
  assert.equal([Status, ExecutionCount], ['Pending', 0]);
  assert.throws(() => stage.status('update'), 'no job');
});

scenario('G14', async (set) => {
  const stage = await set({ files: { 'jobs/a.yaml': daily({ Name: 'Test' }) } });
  await stage.push({ 'jobs/b.yaml': daily({ Name: 'Test' }) });
  assert.equal([stage.status('a').Name, stage.status('b').Name], ['Test', 'Test']);
  assert.equal([...stage.service.agenda.jobs.keys()].sort(), ['a', 'b']);
});

scenario('G15', async (set) => {
  const names = ['README.md', '.gitkeep', 'x.yaml.bak', 'x.yaml~', '.hidden.yaml'];
  const stage = await set({ files: Object.fromEntries(names.map((name) => [`jobs/${name}`, 'no: [manifest'])) });
  assert.equal(stage.of('problem'), []);
  assert.is(stage.service.agenda.jobs.size, 0);
});

for (const remote of [false, true]) {
  scenario('G17', async (set) => {
    const a = daily({ Time: '11:00:00' });
    const stage = await set({ remote, files: { 'jobs/a.yaml': a } });
    await stage.push({ 'jobs/b.yaml': daily() });
    await stage.turn('2026-03-10T12:00:00Z');
    const before = stage.status('a');
    assert.is(before.ExecutionCount, 1);
    stage.git('fetch', '--quiet');
    const first = stage.git('rev-list', '--max-parents=0', 'HEAD');
    stage.git('reset', '--quiet', '--hard', first);
    stage.git('rm', '--quiet', '-r', '--ignore-unmatch', 'logs', '.bmcron');
    stage.git('commit', '--quiet', '--allow-empty', '-m', 'rewritten');
    stage.git('push', '--quiet', '--force', 'origin', 'main');
    await stage.push({ 'jobs/c.yaml': daily() });
    assert.equal(stage.status('a').ExecutionCount, before.ExecutionCount);
    assert.equal(stage.status('a').NextRunTime, before.NextRunTime);
    assert.throws(() => stage.status('b'), 'no job');
    assert.is(stage.status('c').Status, 'Pending');
    await stage.turn(60_000);
    assert.is(facts(stage, 'a')?.['ExecutionCount'], 1);
    assert.is(stage.logs().length, 1, 'the log is written again');
    assert.is(facts(stage, 'b'), null);
  });
}

test.run();
