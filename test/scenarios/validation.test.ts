import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type Stage } from '../support/controller.ts';
import { git } from '../support/git-folder.ts';
import { daily, machine } from '../support/manifests.ts';
import { scenario } from './scenario.ts';

/** A condition in a job's facts. */
function condition(stage: Stage, job: string, type: 'Valid' | 'Ready') {
  return stage.status(job).Conditions.find((each) => each.Type === type);
}

const BAD = daily({ Time: '25:00:00' });

scenario('V01', async (set) => {
  const stage = await set();
  const commit = await stage.push({ 'jobs/x.yaml': daily({ Profile: 'Turbo' }) });
  await stage.turn('2026-03-11T00:00:00Z');
  assert.is(stage.service.agenda.jobs.size, 0);
  assert.equal(stage.bmcs.carried, []);
  const [report] = stage.of('problem');
  assert.ok(report);
  assert.is(report.commit, commit);
  const { file, stage: at, path, message } = report.problem;
  assert.equal([file, at, path], ['jobs/x.yaml', 'payload', 'Payload[0].Payload.Profile']);
  for (const profile of ['Performance', 'Balanced', 'PowerSaver', 'Custom']) assert.match(message, profile);
});

scenario('V02', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  const good = stage.status('nightly').AppliedCommit;
  const bad = await stage.push({ 'jobs/nightly.yaml': BAD });
  await stage.turn('2026-03-10T22:01:00Z');
  assert.equal(stage.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
  const status = facts(stage, 'nightly') ?? {};
  const [valid] = status['Conditions'] as { Status: string; Message: string }[];
  assert.ok(valid);
  assert.is(valid.Status, 'False');
  assert.match(valid.Message, 'Schedule.Time');
  assert.match(valid.Message, '(schedule)');
  assert.is(status['ObservedCommit'], bad);
  assert.is(status['AppliedCommit'], good);
});

scenario('V04', async (set) => {
  const stage = await set({ now: '2026-03-03T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:00:00Z');
  await stage.push({ 'jobs/nightly.yaml': BAD });
  const before = stage.status('nightly');
  assert.is(condition(stage, 'nightly', 'Valid')?.Status, 'False');
  await stage.push({ 'jobs/nightly.yaml': daily() });
  assert.is(condition(stage, 'nightly', 'Valid')?.Status, 'True');
  const { NextRunTime, ExecutionCount } = stage.status('nightly');
  assert.equal([NextRunTime, ExecutionCount], [before.NextRunTime, 7]);
});

scenario('V05', async (set) => {
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  await stage.push({ 'jobs/nightly.yaml': BAD });
  await stage.turn(60_000);
  const before = stage.status('nightly');
  await stage.stop();
  await stage.forget();
  await stage.start();
  const after = stage.status('nightly');
  assert.equal(after, before);
  await stage.turn('2026-03-10T22:01:00Z');
  assert.is(stage.runs().length, 1);
  assert.is(condition(stage, 'nightly', 'Valid')?.Status, 'False');
});

scenario('V06', async (set) => {
  const stage = await set();
  const bad = { Name: '', Machines: ['machine-77'], Profile: 'Turbo', Time: '25:00:00' };
  await stage.push({ 'jobs/x.yaml': daily(bad) });
  const found = stage.of('problem').map(({ problem }) => `${problem.stage} ${problem.path}`);
  const expected = ['payload Payload[0].Payload.Profile', 'platform Machines[0]', 'schedule Schedule.Time'];
  assert.equal(found.sort(), [...expected, 'structure Name']);
});

scenario('V08', async (set) => {
  const files = { 'jobs/nightly.yaml': daily({ Machines: ['machine-1', 'machine-2'] }) };
  const stage = await set({ files });
  await stage.push({ 'machines/all.yaml': machine('machine-1') });
  const valid = condition(stage, 'nightly', 'Valid');
  assert.ok(valid);
  assert.is(valid.Status, 'False');
  assert.match(valid.Message, 'Machines[1] (platform)');
  await stage.turn('2026-03-10T22:01:00Z');
  const logs = stage.logs().map((path) => stage.log(path));
  assert.equal(
    logs.map((log) => [log.MachineID, log.Status]),
    [
      ['machine-1', 'success'],
      ['machine-2', 'failed'],
    ],
  );
  assert.match(logs[1]?.Error ?? '', /^machine machine-2 not found/);
  assert.is(stage.status('nightly').Status, 'Failed');
});

scenario('V09', async (set) => {
  const stage = await set({ files: { 'jobs/x.yaml': daily({ Machines: ['machine-9'] }) } });
  assert.is(stage.service.agenda.jobs.size, 0);
  await stage.push({ 'machines/nine.yaml': machine('machine-9') });
  assert.is(stage.status('x').NextRunTime, '2026-03-10T22:00:00Z');
  await stage.turn('2026-03-10T22:01:00Z');
  assert.is(stage.runs('x').length, 1);
});

scenario('V10', async (set) => {
  const files = { 'jobs/bad.yaml': BAD, 'jobs/good.yaml': daily() };
  const stage = await set({ files });
  const reports = stage.of('problem').map(({ problem }) => problem);
  const main = join(import.meta.dirname, '../../controller/main.ts');
  stage.git('pull', '--quiet', 'origin', 'main');
  const before = stage.git('status', '--porcelain');
  const args = ['--import', 'tsx', main, 'validate', '--format', 'json', stage.human];
  const { code, stdout } = (await promisify(execFile)(process.execPath, args).catch((error) => error)) as {
    code: number;
    stdout: string;
  };
  assert.is(code, 1);
  const told = (JSON.parse(stdout) as { problems?: unknown[] }).problems ?? JSON.parse(stdout);
  assert.equal(told, reports);
  assert.is(stage.git('status', '--porcelain'), before);
  assert.is(git(stage.human, 'rev-list', '--count', 'HEAD', '--not', 'origin/main'), '0');
  assert.equal(stage.bmcs.carried, []);
});

test.run();
