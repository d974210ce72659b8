import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type TestSystem } from '../support/controller.ts';
import { git } from '../support/git-folder.ts';
import { daily, machine } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

/** A condition in a job's facts. */
function condition(system: TestSystem, job: string, type: 'Valid' | 'Ready') {
  return system.status(job).Conditions.find((each) => each.Type === type);
}

const BAD = daily({ Time: '25:00:00' });

scenario('V01', async (create) => {
  const system = await create();
  const commit = await system.push({ 'jobs/x.yaml': daily({ Profile: 'Turbo' }) });
  await system.advance('2026-03-11T00:00:00Z');
  assert.is(system.service.agenda.jobs.size, 0);
  assert.equal(system.bmcs.carried, []);
  const [report] = system.of('problem');
  assert.ok(report);
  assert.is(report.commit, commit);
  const { file, stage: at, path, message } = report.problem;
  assert.equal([file, at, path], ['jobs/x.yaml', 'payload', 'Payload[0].Payload.Profile']);
  for (const profile of ['Performance', 'Balanced', 'PowerSaver', 'Custom']) assert.match(message, profile);
});

scenario('V02', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  const good = system.status('nightly').AppliedCommit;
  const bad = await system.push({ 'jobs/nightly.yaml': BAD });
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(system.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
  const status = facts(system, 'nightly') ?? {};
  const [valid] = status['Conditions'] as { Status: string; Message: string }[];
  assert.ok(valid);
  assert.is(valid.Status, 'False');
  assert.match(valid.Message, 'Schedule.Time');
  assert.match(valid.Message, '(schedule)');
  assert.is(status['ObservedCommit'], bad);
  assert.is(status['AppliedCommit'], good);
});

scenario('V04', async (create) => {
  const system = await create({ now: '2026-03-03T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T10:00:00Z');
  await system.push({ 'jobs/nightly.yaml': BAD });
  const before = system.status('nightly');
  assert.is(condition(system, 'nightly', 'Valid')?.Status, 'False');
  await system.push({ 'jobs/nightly.yaml': daily() });
  assert.is(condition(system, 'nightly', 'Valid')?.Status, 'True');
  const { NextRunTime, ExecutionCount } = system.status('nightly');
  assert.equal([NextRunTime, ExecutionCount], [before.NextRunTime, 7]);
});

scenario('V05', async (create) => {
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  await system.push({ 'jobs/nightly.yaml': BAD });
  await system.advance(60_000);
  const before = system.status('nightly');
  await system.stop();
  await system.removeState();
  await system.start();
  const after = system.status('nightly');
  assert.equal(after, before);
  await system.advance('2026-03-10T22:01:00Z');
  assert.is(system.runs().length, 1);
  assert.is(condition(system, 'nightly', 'Valid')?.Status, 'False');
});

scenario('V06', async (create) => {
  const system = await create();
  const bad = { Name: '', Machines: ['machine-77'], Profile: 'Turbo', Time: '25:00:00' };
  await system.push({ 'jobs/x.yaml': daily(bad) });
  const found = system.of('problem').map(({ problem }) => `${problem.stage} ${problem.path}`);
  const expected = ['payload Payload[0].Payload.Profile', 'platform Machines[0]', 'schedule Schedule.Time'];
  assert.equal(found.sort(), [...expected, 'structure Name']);
});

scenario('V08', async (create) => {
  const files = { 'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }) };
  const system = await create({ files });
  await system.push({ 'machines/all.yaml': machine('machine-1') });
  const valid = condition(system, 'nightly', 'Valid');
  assert.ok(valid);
  assert.is(valid.Status, 'False');
  assert.match(valid.Message, 'Machines[1] (platform)');
  await system.advance('2026-03-10T22:01:00Z');
  const logs = system.logs().map((path) => system.log(path));
  assert.equal(
    logs.map((log) => [log.MachineID, log.Status]),
    [
      ['machine-1', 'success'],
      ['machine-2', 'failed'],
    ],
  );
  assert.match(logs[1]?.Error ?? '', /^machine machine-2 not found/);
  assert.is(system.status('nightly').Status, 'Failed');
});

scenario('V09', async (create) => {
  const system = await create({ files: { 'jobs/x.yaml': daily({ Machines: ['machine-9'] }) } });
  assert.is(system.service.agenda.jobs.size, 0);
  await system.push({ 'machines/nine.yaml': machine('machine-9') });
  assert.is(system.status('x').NextRunTime, '2026-03-10T22:00:00Z');
  await system.advance('2026-03-10T22:01:00Z');
  assert.is(system.runs('x').length, 1);
});

scenario('V10', async (create) => {
  const files = { 'jobs/bad.yaml': BAD, 'jobs/good.yaml': daily() };
  const system = await create({ files });
  const reports = system.of('problem').map(({ problem }) => problem);
  const main = join(import.meta.dirname, '../../controller/main.ts');
  system.git('pull', '--quiet', 'origin', 'main');
  const before = system.git('status', '--porcelain');
  const args = ['--import', 'tsx', main, 'validate', '--format', 'json', system.human];
  const { code, stdout } = (await promisify(execFile)(process.execPath, args).catch((error) => error)) as {
    code: number;
    stdout: string;
  };
  assert.is(code, 1);
  const told = (JSON.parse(stdout) as { problems?: unknown[] }).problems ?? JSON.parse(stdout);
  assert.equal(told, reports);
  assert.is(system.git('status', '--porcelain'), before);
  assert.is(git(system.human, 'rev-list', '--count', 'HEAD', '--not', 'origin/main'), '0');
  assert.equal(system.bmcs.carried, []);
});

test.run();
