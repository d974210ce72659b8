import { cp, rename, rm } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { handOver } from '../support/hosts.ts';
import { daily, once } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

systemTest(
  'R28, R39: a start while the remote is away; what the other host ran is known before it takes effect',
  async (create) => {
    const system = await create({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
    await system.advance('2026-03-10T10:30:00Z');
    const old = system.stateDir;
    await handOver(system, 'b', '2026-03-10T11:00:00Z');
    await system.push({
      'jobs/nightly.yaml': daily({ more: { Trigger: 'x' } }),
      'jobs/new.yaml': once({ more: { Trigger: 'y' } }),
    });
    await system.advance('2026-03-10T11:10:00Z');
    const left = ['nightly', 'new'].map((job) => system.status(job));
    assert.is(system.runs().length, 2);
    await system.stop();
    await rename(system.bare, `${system.bare}.away`);
    system.move(old);
    await system.start();
    await system.advance('2026-03-10T11:20:00Z');
    assert.is(system.status('nightly').ExecutionCount, 0, 'it cannot know yet');
    await rename(`${system.bare}.away`, system.bare);
    await system.reconcile();
    await system.advance('2026-03-10T11:40:00Z');
    assert.is(system.runs().length, 2, 'the tokens are used');
    assert.equal(
      ['nightly', 'new'].map((job) => system.status(job)),
      left,
    );
    assert.is(facts(system, 'nightly')?.['ExecutionCount'], 1);
    await system.advance('2026-03-10T22:01:00Z');
    assert.equal([system.status('nightly').ExecutionCount, system.status('new').ExecutionCount], [2, 2]);
  },
);

systemTest(
  'R23: a disk that was set back: an edit that was taken back meanwhile runs nothing again',
  async (create) => {
    const system = await create({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
    await system.advance('2026-03-10T10:30:00Z');
    const backup = `${system.stateDir}.backup`;
    await cp(system.stateDir, backup, { recursive: true });
    await rm(`${backup}/lock`);
    await system.advance('2026-03-10T22:10:00Z');
    await system.push({ 'jobs/nightly.yaml': daily({ Time: '23:00:00' }) });
    await system.advance(60_000);
    await system.stop();
    system.commit({ 'jobs/nightly.yaml': daily() });
    system.move(backup);
    await system.start();
    await system.advance('2026-03-11T21:00:00Z');
    assert.is(system.runs().length, 1);
    assert.is(system.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
  },
);

systemTest('R23: a disk that was set back: what its own later life published does not run again', async (create) => {
  const system = await create({ remote: true, files: { 'jobs/nightly.yaml': daily(), 'jobs/once.yaml': once() } });
  await system.advance('2026-03-10T10:30:00Z');
  const backup = `${system.stateDir}.backup`;
  await cp(system.stateDir, backup, { recursive: true });
  await rm(`${backup}/lock`);
  await system.advance('2026-03-10T22:30:00Z');
  const left = ['nightly', 'once'].map((job) => system.status(job));
  await system.stop();
  system.move(backup);
  await system.start();
  await system.advance('2026-03-11T21:00:00Z');
  assert.is(system.runs().length, 2);
  assert.equal(
    ['nightly', 'once'].map((job) => system.status(job)),
    left,
  );
  assert.is(system.logs().length, 2);
});

test.run();
