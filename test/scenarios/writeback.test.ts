import { readFileSync, renameSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../../definitions/values/json.ts';
import { facts } from '../support/controller.ts';
import { daily, machine, machines, text } from '../support/manifests.ts';
import { scenario, systemTest } from './scenario.ts';

scenario('B02', async (create) => {
  const jobs = Array.from({ length: 10 }, (_, index) => [`jobs/j${index}.yaml`, daily()] as const);
  const system = await create({ files: Object.fromEntries(jobs), pullIntervalMs: 60_000 });
  await system.advance(60_000);
  const before = system.subjects();
  await system.advance(60 * 60_000);
  assert.equal(system.subjects(), before);
});

scenario('B03', async (create) => {
  const system = await create({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T22:00:01Z');
  system.commit({ 'jobs/other.yaml': daily({ Time: '23:00:00' }) }, 'a new job');
  await system.advance('2026-03-10T22:01:00Z');
  assert.ok(system.subjects().includes('a new job'));
  assert.is(facts(system, 'nightly')?.['Status'], 'Completed');
  await system.reconcile();
  assert.is(system.status('other').NextRunTime, '2026-03-10T23:00:00Z');
  await system.advance('2026-03-10T23:00:00Z');
  assert.is(system.runs('other').length, 1);
});

for (const when of ['while it runs', 'while it is down'] as const) {
  scenario('B04', async (create) => {
    const system = await create({ now: '2026-03-05T10:00:00Z', files: { 'jobs/nightly.yaml': daily() } });
    await system.advance('2026-03-10T10:00:00Z');
    const good = facts(system, 'nightly');
    assert.is(good?.['ExecutionCount'], 5, when);
    const edit = { ...good, ExecutionCount: 99, NextRunTime: '2026-03-09T22:00:00Z' };
    if (when === 'while it runs') await system.push({ 'jobs/nightly.status.yaml': text(edit) });
    else {
      await system.stop();
      system.commit({ 'jobs/nightly.status.yaml': text(edit) });
      await system.start();
    }
    await system.advance(3_600_000);
    assert.is(system.runs().length, 5, 'nothing runs because of it');
    assert.equal(facts(system, 'nightly'), good, 'put right');
  });
}

scenario('B06', async (create) => {
  const jobs = Array.from({ length: 50 }, (_, index) => {
    return [`jobs/j${index}.yaml`, daily({ Machines: [`machine-${index + 1}`], Time: '11:00:00' })] as const;
  });
  const settings = { 'bmcron.yaml': 'WorkerPoolSize: 50\n' };
  const system = await create({ files: { ...machines(50), ...settings, ...Object.fromEntries(jobs) } });
  await system.advance(60_000);
  const before = system.subjects().length;
  await system.advance('2026-03-10T11:01:00Z');
  assert.is(system.logs().length, 50);
  for (let index = 0; index < 50; index += 1) assert.is(facts(system, `j${index}`)?.['Status'], 'Completed');
  assert.ok(system.subjects().length - before <= 2, `${system.subjects().length - before} commits`);
});

systemTest(
  'R39 a remote that is down stops no run: results are pushed when it comes back, none twice',
  async (create) => {
    const system = await create({
      remote: true,
      files: { 'jobs/nightly.yaml': daily() },
      pullIntervalMs: 6 * 3_600_000,
    });
    await system.advance(60_000);
    renameSync(system.bare, `${system.bare}.gone`);
    await system.advance('2026-03-12T10:00:00Z');
    assert.is(system.runs().length, 2);
    renameSync(`${system.bare}.gone`, system.bare);
    await system.advance('2026-03-12T12:00:00Z');
    assert.is(system.logs().length, 2);
    assert.is(facts(system, 'nightly')?.['ExecutionCount'], 2);
  },
);

scenario('Z03', async (create) => {
  const job = daily({ Machines: ['../../x'] });
  const system = await create({ files: { 'machines/bad.yaml': machine('../../x'), 'jobs/a.yaml': job } });
  const refused = system.of('problem').filter(({ problem }) => problem.file === 'machines/bad.yaml');
  assert.is(refused.length, 1);
  assert.is(system.service.inForce.machines.has('../../x'), false);
  await system.advance('2026-03-10T22:01:00Z');
  assert.equal(system.logs(), []);
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

scenario('Z04', async (create) => {
  const file = new URL('../fixtures/conformance/validation.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Hostile[] };
  const hostile = cases.filter((each) => !each.valid && each.rules?.some((rule) => rule === 'R03' || rule === 'R04'));
  assert.ok(hostile.length > 15, `${hostile.length} cases`);
  const system = await create({ files: { 'jobs/nightly.yaml': daily() } });
  const files = Object.fromEntries(hostile.map((each, index) => [`jobs/h${index}.yaml`, bytesOf(each)]));
  system.commit(files);
  const before = performance.now();
  await system.reconcile();
  assert.ok(performance.now() - before < 1000 * hostile.length, 'each within a second');
  assert.equal([...system.service.agenda.jobs.keys()], ['nightly']);
  const refused = new Set(system.of('problem').map(({ problem }) => problem.file));
  assert.equal([...refused].sort(), Object.keys(files).sort());
  await system.advance('2026-03-10T22:00:00Z');
  assert.equal(system.runs(), ['nightly Schedule 2026-03-10T22:00:00Z@2026-03-10T22:00:00Z']);
});

scenario('Z05', async (create) => {
  const names = ['clear \u001b[2J screen', 'two\nlines'];
  const system = await create({
    files: Object.fromEntries(names.map((Name, i) => [`jobs/n${i}.yaml`, daily({ Name })])),
  });
  const found = system.of('problem').map(({ problem }) => `${problem.file} ${problem.stage} ${problem.path}`);
  assert.equal(found, ['jobs/n0.yaml structure Name', 'jobs/n1.yaml structure Name']);
  assert.is(system.service.agenda.jobs.size, 0);
});

test.run();
