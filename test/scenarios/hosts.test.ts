import { rm } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type Stage } from '../support/controller.ts';
import { handOver } from '../support/hosts.ts';
import { daily, once } from '../support/manifests.ts';
import { staged } from './scenario.ts';

for (const remote of [true, false]) {
  const where = remote ? 'a remote' : 'a local repository';
  staged(
    `R23: two hosts in turn on ${where}: what the other one has run does not run again, and counts`,
    async (set) => {
      const stage = await set({ remote, files: { 'jobs/nightly.yaml': daily(), 'jobs/once.yaml': once() } });
      await handOver(stage, 'a', '2026-03-10T10:10:00Z');
      await stage.turn('2026-03-10T10:30:00Z');
      await handOver(stage, 'b', '2026-03-10T11:00:00Z');
      await stage.push({ 'jobs/nightly.yaml': daily({ more: { Trigger: 'now' } }) });
      await stage.turn('2026-03-10T22:00:30Z');
      assert.is(stage.runs().length, 3, 'the trigger, the Once job and the night, all on b');
      const [nightly, only] = [stage.status('nightly'), stage.status('once')];
      await handOver(stage, 'a', '2026-03-10T22:10:00Z');
      await stage.turn('2026-03-11T21:00:00Z');
      assert.is(stage.runs().length, 3, `nothing runs again on a: ${stage.runs()}`);
      assert.equal(stage.status('nightly'), nightly);
      assert.equal(stage.status('once'), only);
      assert.is(facts(stage, 'nightly')?.['ExecutionCount'], 2);
      assert.is(facts(stage, 'nightly')?.['NextRunTime'], '2026-03-11T22:00:00Z');
      assert.is(stage.of('joined').at(-1)?.files, 2);
      await stage.turn('2026-03-11T22:01:00Z');
      assert.is(stage.runs('nightly').length, 3);
      assert.is(stage.status('nightly').ExecutionCount, 3);
      assert.is(stage.logs().length, 4);
      assert.equal(rivals(stage), [], 'they took turns: nobody is in the way');
      await handOver(stage, 'b', '2026-03-11T22:10:00Z');
      assert.is(stage.status('nightly').ExecutionCount, 3, 'and back again');
      assert.is(stage.runs('nightly').length, 3);
    },
  );
}

staged(
  'R39: results that only the first host has are published when it comes back, and counted with the others',
  async (set) => {
    const stage = await set({
      remote: true,
      files: { 'jobs/nightly.yaml': daily(), 'jobs/early.yaml': daily({ Time: '06:00:00' }) },
    });
    await stage.turn('2026-03-10T10:30:00Z');
    await stage.turn('2026-03-10T22:00:01Z');
    assert.equal(stage.logs(), [], 'not public yet');
    await stage.crash();
    const old = stage.stateDir;
    stage.move('b');
    stage.clock.pass(new Date('2026-03-11T22:00:00Z'));
    await stage.start();
    await stage.turn('2026-03-12T10:00:00Z');
    assert.is(stage.status('nightly').ExecutionCount, 1);
    assert.is(stage.status('early').ExecutionCount, 2);
    await stage.stop();
    stage.move(old);
    await stage.start();
    await stage.turn(60_000);
    const { ExecutionCount, LastRunTime, NextRunTime } = stage.status('nightly');
    assert.equal([ExecutionCount, LastRunTime, NextRunTime], [2, '2026-03-11T22:00:00Z', '2026-03-12T22:00:00Z']);
    assert.is(facts(stage, 'nightly')?.['ExecutionCount'], 2);
    assert.is(stage.status('early').ExecutionCount, 2, 'what it did not run is as the other one left it');
    assert.is(stage.logs().length, 4);
    assert.equal(rivals(stage), [], 'they took turns: nobody is in the way');
    await stage.crash(); // a second start finds all of it counted
    await stage.start();
    assert.is(stage.status('nightly').ExecutionCount, 2);
  },
);

staged("R37: a human's edit after the other host published last is put right, and not believed", async (set) => {
  const stage = await set({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
  await stage.turn('2026-03-10T10:30:00Z');
  const old = stage.stateDir;
  await handOver(stage, 'b', '2026-03-10T11:00:00Z');
  await stage.turn('2026-03-10T22:30:00Z');
  const left = facts(stage, 'nightly');
  await stage.stop();
  stage.git('pull', '--quiet');
  const path = 'jobs/nightly.status.yaml';
  const text = stage.git('show', `HEAD:${path}`).replace('ExecutionCount: 1', 'ExecutionCount: 99');
  stage.commit({ [path]: text.replace('2026-03-11T22:00:00Z', '2027-03-11T22:00:00Z') });
  assert.is(facts(stage, 'nightly')?.['ExecutionCount'], 99);
  stage.move(old);
  await stage.start();
  await stage.turn(60_000);
  assert.equal(facts(stage, 'nightly'), left);
  assert.is(stage.runs().length, 1);
});

for (const clone of ['as it was', 'made anew']) {
  staged(
    `R20, R23: jobs that came, went and changed on the other host; the first one's clone ${clone}`,
    async (set) => {
      const files = {
        'jobs/gone.yaml': daily(),
        'jobs/again.yaml': daily(),
        'jobs/edited.yaml': once(),
        'jobs/stays.yaml': daily(),
      };
      const stage = await set({ remote: true, files });
      await stage.turn('2026-03-10T10:30:00Z');
      const old = stage.stateDir;
      await handOver(stage, 'b', '2026-03-10T11:00:00Z');
      await stage.push({ 'jobs/gone.yaml': null, 'jobs/again.yaml': null, 'jobs/new.yaml': once() });
      await stage.push({ 'jobs/again.yaml': daily(), 'jobs/edited.yaml': once({ Time: '15:00:00' }) });
      await stage.turn('2026-03-10T22:30:00Z');
      const jobs = ['again', 'edited', 'new', 'stays'];
      const left = jobs.map((job) => stage.status(job));
      await stage.stop();
      if (clone === 'made anew') await rm(`${old}/repo.git`, { recursive: true });
      stage.move(old);
      await stage.start();
      await stage.turn('2026-03-11T21:00:00Z');
      assert.equal(
        jobs.map((job) => stage.status(job)),
        left,
      );
      assert.equal([...stage.service.agenda.jobs.keys()].sort(), jobs);
      assert.is(facts(stage, 'gone'), null);
      assert.is(stage.runs().length, 4);
      const subjects = stage.subjects().length;
      await stage.crash();
      await stage.start();
      await stage.turn(60_000);
      assert.is(stage.of('joined').length, 1, 'once: what it published since is its own');
      assert.is(stage.subjects().length, subjects);
    },
  );
}

function rivals(stage: Stage): readonly unknown[] {
  return stage.of('git').filter(({ detail }) => detail.kind === 'RivalController');
}

test.run();
