import { readFileSync, renameSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../definitions/values/json.ts';
import { facts } from '../support/controller.ts';
import { daily, machine, machines, text } from '../support/manifests.ts';
import { scenario, staged } from './scenario.ts';

scenario('B02', async (set) => {
  const jobs = Array.from({ length: 10 }, (_, index) => [`jobs/j${index}.yaml`, daily()] as const);
  const stage = await set({ files: Object.fromEntries(jobs), pullIntervalMs: 60_000 });
  await stage.turn(60_000);
  const before = stage.subjects();
  await stage.turn(60 * 60_000);
  assert.equal(stage.subjects(), before);
});

scenario('B03', async (set) => {
  const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T22:00:01Z');
  stage.commit({ 'jobs/other.yaml': daily({ Time: '23:00:00' }) }, 'a new job');
  await stage.turn('2026-03-10T22:01:00Z');
  assert.ok(stage.subjects().includes('a new job'));
  assert.is(facts(stage, 'nightly')?.['Status'], 'Completed');
  await stage.pass();
  assert.is(stage.status('other').NextRunTime, '2026-03-10T23:00:00Z');
  await stage.turn('2026-03-10T23:00:00Z');
  assert.is(stage.runs('other').length, 1);
});

for (const when of ['while it runs', 'while it is down'] as const) {
  scenario('B04', async (set) => {
    const stage = await set({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
    await stage.turn('2026-03-10T10:00:00Z');
    const good = facts(stage, 'nightly');
    assert.is(good?.['ExecutionCount'], 5, when);
    const edit = { ...good, ExecutionCount: 99, NextRunTime: '2026-03-09T22:00:00Z' };
    if (when === 'while it runs') await stage.push({ 'jobs/nightly.status.yaml': text(edit) });
    else {
      await stage.stop();
      stage.commit({ 'jobs/nightly.status.yaml': text(edit) });
      await stage.start();
    }
    await stage.turn(3_600_000);
    assert.is(stage.runs().length, 5, 'nothing runs because of it');
    assert.equal(facts(stage, 'nightly'), good, 'put right');
  });
}

scenario('B06', async (set) => {
  const jobs = Array.from({ length: 50 }, (_, index) => {
    return [`jobs/j${index}.yaml`, daily({ Machines: [`machine-${index + 1}`], Time: '11:00:00' })] as const;
  });
  const settings = { 'bmcron.yaml': 'WorkerPoolSize: 50\n' };
  const stage = await set({ files: { ...machines(50), ...settings, ...Object.fromEntries(jobs) } });
  await stage.turn(60_000);
  const before = stage.subjects().length;
  await stage.turn('2026-03-10T11:01:00Z');
  assert.is(stage.logs().length, 50);
  for (let index = 0; index < 50; index += 1) assert.is(facts(stage, `j${index}`)?.['Status'], 'Completed');
  assert.ok(stage.subjects().length - before <= 2, `${stage.subjects().length - before} commits`);
});

staged('R39 a remote that is down stops no run: results are pushed when it comes back, none twice', async (set) => {
  const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily() }, pullIntervalMs: 6 * 3_600_000 });
  await stage.turn(60_000);
  renameSync(stage.bare, `${stage.bare}.gone`);
  await stage.turn('2026-03-12T10:00:00Z');
  assert.is(stage.runs().length, 2);
  renameSync(`${stage.bare}.gone`, stage.bare);
  await stage.turn('2026-03-12T12:00:00Z');
  assert.is(stage.logs().length, 2);
  assert.is(facts(stage, 'nightly')?.['ExecutionCount'], 2);
});

scenario('Z03', async (set) => {
  const job = daily({ Machines: ['../../x'] });
  const stage = await set({ files: { 'machines/bad.yaml': machine('../../x'), 'jobs/a.yaml': job } });
  const refused = stage.of('problem').filter(({ problem }) => problem.file === 'machines/bad.yaml');
  assert.is(refused.length, 1);
  assert.is(stage.service.inForce.machines.has('../../x'), false);
  await stage.turn('2026-03-10T22:01:00Z');
  assert.equal(stage.logs(), []);
});

interface Hostile {
  readonly manifest?: unknown;
  readonly manifestParts?: readonly (string | { readonly repeat: string; readonly times: number })[];
  readonly manifestBase64?: string;
  readonly valid: boolean;
  readonly rules?: readonly string[];
}

function bytesOf({ manifest, manifestParts = [], manifestBase64 }: Hostile): string | Buffer {
  if (manifestBase64 !== undefined) return Buffer.from(manifestBase64, 'base64');
  if (manifest !== undefined) return typeof manifest === 'string' ? manifest : text(manifest as Json);
  return manifestParts.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join('');
}

scenario('Z04', async (set) => {
  const file = new URL('../fixtures/conformance/validation.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Hostile[] };
  const hostile = cases.filter((each) => !each.valid && each.rules?.some((rule) => rule === 'R03' || rule === 'R04'));
  assert.ok(hostile.length > 15, `${hostile.length} cases`);
  const stage = await set({ files: { 'jobs/nightly.yaml': daily() } });
  const files = Object.fromEntries(hostile.map((each, index) => [`jobs/h${index}.yaml`, bytesOf(each)]));
  stage.commit(files);
  const before = performance.now();
  await stage.pass();
  assert.ok(performance.now() - before < 1000 * hostile.length, 'each within a second');
  assert.equal([...stage.service.agenda.jobs.keys()], ['nightly']);
  const refused = new Set(stage.of('problem').map(({ problem }) => problem.file));
  assert.equal([...refused].sort(), Object.keys(files).sort());
  await stage.turn('2026-03-10T22:00:00Z');
  assert.equal(stage.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
});

scenario('Z05', async (set) => {
  const names = ['clear \u001b[2J screen', 'two\nlines'];
  const stage = await set({ files: Object.fromEntries(names.map((Name, i) => [`jobs/n${i}.yaml`, daily({ Name })])) });
  const found = stage.of('problem').map(({ problem }) => `${problem.file} ${problem.stage} ${problem.path}`);
  assert.equal(found, ['jobs/n0.yaml structure Name', 'jobs/n1.yaml structure Name']);
  assert.is(stage.service.agenda.jobs.size, 0);
});

test.run();
