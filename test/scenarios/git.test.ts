import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type TestSystem } from '../support/controller.ts';
import { daily, once, text } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

/** Lets a Once job of 14:00 run and get public. */
async function completed(system: TestSystem): Promise<void> {
  await system.advance('2026-03-10T14:01:00Z');
}

scenario('G01', async (create, { manifest = {} }) => {
  const system = await create();
  await system.push({ 'jobs/nightly.yaml': text(manifest) });
  await system.advance(60_000);
  const status = facts(system, 'nightly');
  assert.is(status?.['Status'], 'Pending');
  assert.is(status?.['CreatedTime'], '2026-03-10T10:00:00Z');
  assert.is(status?.['NextRunTime'], '2026-03-10T22:00:00Z');
  assert.is(status?.['LastRunTime'], null);
  assert.is(status?.['ExecutionCount'], 0);
  assert.equal(system.bmcs.carried, []);
});

scenario('G02', async (create) => {
  const files = { 'jobs/a.yaml': daily({ Time: '01:00:00' }), 'jobs/b.yaml': daily({ Time: '02:00:00' }) };
  const system = await create({ files });
  const edited = { 'jobs/a.yaml': daily({ Time: '03:00:00' }), 'jobs/b.yaml': null, 'jobs/c.yaml': daily() };
  await system.push(edited);
  assert.is(system.status('c').Status, 'Pending');
  assert.is(system.status('a').NextRunTime, '2026-03-11T03:00:00Z');
  assert.throws(() => system.status('b'), 'no job b');
  const passes = system.of('reconciled').map((each) => each.changes);
  assert.equal(passes.at(-1), { change: 1, add: 1, remove: 1 }, 'one pass, so no tick sees a mix');
});

scenario('G03', async (create) => {
  const system = await create({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T10:00:00Z');
  const before = system.status('nightly');
  assert.is(before.ExecutionCount, 5);
  await system.push({ 'jobs/nightly.yaml': daily({ Time: '09:00:00' }) });
  const { NextRunTime, ExecutionCount, LastRunTime, CreatedTime } = system.status('nightly');
  assert.is(NextRunTime, '2026-03-11T09:00:00Z');
  assert.is(ExecutionCount, 5);
  assert.equal([LastRunTime, CreatedTime], [before.LastRunTime, before.CreatedTime]);
});

scenario('G04', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await completed(system);
  await system.push({ 'jobs/update.yaml': once({ Name: 'A better name' }) });
  await system.advance('2026-03-12T00:00:00Z');
  const status = facts(system, 'update');
  assert.equal([status?.['Name'], status?.['NextRunTime'], status?.['Status']], ['A better name', null, 'Completed']);
  assert.is(system.runs().length, 1);
});

scenario('G05', async (create) => {
  const spec = { Name: 'Once', Machines: ['machine-1'], Action: 'PatchProfile' };
  const entry = { ManagerID: 'bmc', Payload: { Profile: 'Performance' } };
  const Schedule = { Type: 'Once', Time: '14:00:00' };
  const system = await create({ files: { 'jobs/update.yaml': text({ ...spec, Payload: entry, Schedule }) } });
  await completed(system);
  const before = system.status('update');
  const published = facts(system, 'update');
  const reports = system.of('problem').length;
  const yaml = `# a comment
Schedule: { Time: 14:00:00, Type: Once, Period: null }
Payload:
    - Payload: { Profile: Performance }
      ManagerID: bmc
Action: PatchProfile
Machines: [ machine-1 ]
Name: Once
`;
  await system.push({ 'jobs/update.yaml': yaml });
  await system.advance('2026-03-12T00:00:00Z');
  const kept = ['Status', 'NextRunTime', 'LastRunTime', 'CreatedTime', 'ExecutionCount', 'LastRun'] as const;
  for (const key of kept) assert.equal(system.status('update')[key], before[key], key);
  for (const key of kept) assert.equal(facts(system, 'update')?.[key], published?.[key], key);
  assert.is(system.runs().length, 1);
  assert.is(system.of('problem').length, reports);
});

scenario('G08', async (create) => {
  const system = await create({ now: '2026-03-09T21:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T10:00:00Z');
  const logs = system.logs();
  assert.is(logs.length, 1);
  await system.push({ 'jobs/nightly.yaml': null });
  await system.advance('2026-03-11T10:00:00Z');
  assert.is(system.runs().length, 1, 'no run at 22:00');
  assert.is(facts(system, 'nightly'), null);
  assert.equal(system.logs(), logs);
});

scenario('G11', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await completed(system);
  await system.push({ 'jobs/update.yaml': null, 'jobs/archive/update-2026.yaml': once() });
  await system.advance('2026-03-12T00:00:00Z');
  const status = facts(system, 'archive.update-2026') ?? system.published('jobs/archive/update-2026.status.yaml');
  const { Id, Status, ExecutionCount, NextRunTime } = status as Record<string, unknown>;
  assert.equal([Id, Status, ExecutionCount, NextRunTime], ['archive.update-2026', 'Completed', 1, null]);
  assert.is(facts(system, 'update'), null);
  assert.is(system.runs().length, 1);
});

scenario('G12', async (create) => {
  const system = await create({ files: { 'jobs/update.yaml': once() } });
  await completed(system);
  await system.push({ 'jobs/update.yaml': null, 'jobs/again.yaml': once({ Profile: 'Balanced' }) });
  const { Status, ExecutionCount } = system.status('again');
  assert.equal([Status, ExecutionCount], ['Pending', 0]);
  assert.throws(() => system.status('update'), 'no job');
});

scenario('G14', async (create) => {
  const system = await create({ files: { 'jobs/a.yaml': daily({ Name: 'Test' }) } });
  await system.push({ 'jobs/b.yaml': daily({ Name: 'Test' }) });
  assert.equal([system.status('a').Name, system.status('b').Name], ['Test', 'Test']);
  assert.equal([...system.service.agenda.jobs.keys()].sort(), ['a', 'b']);
});

scenario('G15', async (create) => {
  const names = ['README.md', '.gitkeep', 'x.yaml.bak', 'x.yaml~', '.hidden.yaml'];
  const system = await create({ files: Object.fromEntries(names.map((name) => [`jobs/${name}`, 'no: [manifest'])) });
  assert.equal(system.of('problem'), []);
  assert.is(system.service.agenda.jobs.size, 0);
});

for (const remote of [false, true]) {
  scenario('G17', async (create) => {
    const a = daily({ Time: '11:00:00' });
    const system = await create({ remote, files: { 'jobs/a.yaml': a } });
    await system.push({ 'jobs/b.yaml': daily() });
    await system.advance('2026-03-10T12:00:00Z');
    const before = system.status('a');
    assert.is(before.ExecutionCount, 1);
    system.git('fetch', '--quiet');
    const first = system.git('rev-list', '--max-parents=0', 'HEAD');
    system.git('reset', '--quiet', '--hard', first);
    system.git('rm', '--quiet', '-r', '--ignore-unmatch', 'logs', '.bmcron');
    system.git('commit', '--quiet', '--allow-empty', '-m', 'rewritten');
    system.git('push', '--quiet', '--force', 'origin', 'main');
    await system.push({ 'jobs/c.yaml': daily() });
    assert.equal(system.status('a').ExecutionCount, before.ExecutionCount);
    assert.equal(system.status('a').NextRunTime, before.NextRunTime);
    assert.throws(() => system.status('b'), 'no job');
    assert.is(system.status('c').Status, 'Pending');
    await system.advance(60_000);
    assert.is(facts(system, 'a')?.['ExecutionCount'], 1);
    assert.is(system.logs().length, 1, 'the log is written again');
    assert.is(facts(system, 'b'), null);
  });
}

test.run();
