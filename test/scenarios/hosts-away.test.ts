import { cp, rename, rm } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts } from '../support/controller.ts';
import { handOver } from '../support/hosts.ts';
import { daily, once } from '../support/manifests.ts';
import { staged } from './scenario.ts';

staged(
  'R28, R39: a start while the remote is away; what the other host ran is known before it takes effect',
  async (set) => {
    const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
    await stage.turn('2026-03-10T10:30:00Z');
    const old = stage.stateDir;
    await handOver(stage, 'b', '2026-03-10T11:00:00Z');
    await stage.push({
      'jobs/nightly.yaml': daily({ more: { Trigger: 'x' } }),
      'jobs/new.yaml': once({ more: { Trigger: 'y' } }),
    });
    await stage.turn('2026-03-10T11:10:00Z');
    const left = ['nightly', 'new'].map((job) => stage.status(job));
    assert.is(stage.runs().length, 2);
    await stage.stop();
    await rename(stage.bare, `${stage.bare}.away`);
    stage.move(old);
    await stage.start();
    await stage.turn('2026-03-10T11:20:00Z');
    assert.is(stage.status('nightly').ExecutionCount, 0, 'it cannot know yet');
    await rename(`${stage.bare}.away`, stage.bare);
    await stage.pass();
    await stage.turn('2026-03-10T11:40:00Z');
    assert.is(stage.runs().length, 2, 'the tokens are used');
    assert.equal(
      ['nightly', 'new'].map((job) => stage.status(job)),
      left,
    );
    assert.is(facts(stage, 'nightly')?.['ExecutionCount'], 1);
    await stage.turn('2026-03-10T22:01:00Z');
    assert.equal([stage.status('nightly').ExecutionCount, stage.status('new').ExecutionCount], [2, 2]);
  },
);

staged('R23: a disk that was set back: an edit that was taken back meanwhile runs nothing again', async (set) => {
  const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:30:00Z');
  const backup = `${stage.stateDir}.backup`;
  await cp(stage.stateDir, backup, { recursive: true });
  await rm(`${backup}/lock`);
  await stage.turn('2026-03-10T22:10:00Z');
  await stage.push({ 'jobs/nightly.yaml': daily({ Time: '23:00:00' }) });
  await stage.turn(60_000);
  await stage.stop();
  stage.commit({ 'jobs/nightly.yaml': daily() });
  stage.move(backup);
  await stage.start();
  await stage.turn('2026-03-11T21:00:00Z');
  assert.is(stage.runs().length, 1);
  assert.is(stage.status('nightly').NextRunTime, '2026-03-11T22:00:00Z');
});

staged('R23: a disk that was set back: what its own later life published does not run again', async (set) => {
  const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily(), 'jobs/once.yaml': once() } });
  await stage.turn('2026-03-10T10:30:00Z');
  const backup = `${stage.stateDir}.backup`;
  await cp(stage.stateDir, backup, { recursive: true });
  await rm(`${backup}/lock`);
  await stage.turn('2026-03-10T22:30:00Z');
  const left = ['nightly', 'once'].map((job) => stage.status(job));
  await stage.stop();
  stage.move(backup);
  await stage.start();
  await stage.turn('2026-03-11T21:00:00Z');
  assert.is(stage.runs().length, 2);
  assert.equal(
    ['nightly', 'once'].map((job) => stage.status(job)),
    left,
  );
  assert.is(stage.logs().length, 2);
});

test.run();
