import { rm } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { facts, type TestSystem } from '../support/controller.ts';
import { handOver } from '../support/hosts.ts';
import { daily, once } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

for (const remote of [true, false]) {
  const where = remote ? 'a remote' : 'a local repository';
  systemTest(
    `R23: two hosts in turn on ${where}: what the other one has run does not run again, and counts`,
    async (create) => {
      const system = await create({ remote, files: { 'jobs/nightly.yaml': daily(), 'jobs/once.yaml': once() } });
      await handOver(system, 'a', '2026-03-10T10:10:00Z');
      await system.advance('2026-03-10T10:30:00Z');
      await handOver(system, 'b', '2026-03-10T11:00:00Z');
      await system.push({ 'jobs/nightly.yaml': daily({ more: { Trigger: 'now' } }) });
      await system.advance('2026-03-10T22:00:30Z');
      assert.is(system.runs().length, 3, 'the trigger, the Once job and the night, all on b');
      const [nightly, only] = [system.status('nightly'), system.status('once')];
      await handOver(system, 'a', '2026-03-10T22:10:00Z');
      await system.advance('2026-03-11T21:00:00Z');
      assert.is(system.runs().length, 3, `nothing runs again on a: ${system.runs()}`);
      assert.equal(system.status('nightly'), nightly);
      assert.equal(system.status('once'), only);
      assert.is(facts(system, 'nightly')?.['ExecutionCount'], 2);
      assert.is(facts(system, 'nightly')?.['NextRunTime'], '2026-03-11T22:00:00Z');
      assert.is(system.of('joined').at(-1)?.files, 2);
      await system.advance('2026-03-11T22:01:00Z');
      assert.is(system.runs('nightly').length, 3);
      assert.is(system.status('nightly').ExecutionCount, 3);
      assert.is(system.logs().length, 4);
      assert.equal(rivals(system), [], 'they took turns: nobody is in the way');
      await handOver(system, 'b', '2026-03-11T22:10:00Z');
      assert.is(system.status('nightly').ExecutionCount, 3, 'and back again');
      assert.is(system.runs('nightly').length, 3);
    },
  );
}

systemTest(
  'R39: results that only the first host has are published when it comes back, and counted with the others',
  async (create) => {
    const system = await create({
      remote: true,
      // on another machine: on the same one the nightly run would have the last word (R22)
      files: {
        'jobs/nightly.yaml': daily(),
        'jobs/early.yaml': daily({ Time: '06:00:00', Machines: ['machine-2'] }),
      },
    });
    await system.advance('2026-03-10T10:30:00Z');
    await system.advance('2026-03-10T22:00:01Z');
    assert.equal(system.logs(), [], 'not public yet');
    await system.crash();
    const old = system.stateDir;
    system.move('b');
    system.clock.advance(new Date('2026-03-11T22:00:00Z'));
    await system.start();
    await system.advance('2026-03-12T10:00:00Z');
    assert.is(system.status('nightly').ExecutionCount, 1);
    assert.is(system.status('early').ExecutionCount, 2);
    await system.stop();
    system.move(old);
    await system.start();
    await system.advance(60_000);
    const { ExecutionCount, LastRunTime, NextRunTime } = system.status('nightly');
    assert.equal([ExecutionCount, LastRunTime, NextRunTime], [2, '2026-03-11T22:00:00Z', '2026-03-12T22:00:00Z']);
    assert.is(facts(system, 'nightly')?.['ExecutionCount'], 2);
    assert.is(system.status('early').ExecutionCount, 2, 'what it did not run is as the other one left it');
    assert.is(system.logs().length, 4);
    assert.equal(rivals(system), [], 'they took turns: nobody is in the way');
    await system.crash(); // a second start finds all of it counted
    await system.start();
    assert.is(system.status('nightly').ExecutionCount, 2);
  },
);

systemTest("R37: a human's edit after the other host published last is put right, and not believed", async (create) => {
  const system = await create({ remote: true, files: { 'jobs/nightly.yaml': daily() } });
  await system.advance('2026-03-10T10:30:00Z');
  const old = system.stateDir;
  await handOver(system, 'b', '2026-03-10T11:00:00Z');
  await system.advance('2026-03-10T22:30:00Z');
  const left = facts(system, 'nightly');
  await system.stop();
  system.git('pull', '--quiet');
  const path = 'jobs/nightly.status.yaml';
  const text = system.git('show', `HEAD:${path}`).replace('ExecutionCount: 1', 'ExecutionCount: 99');
  system.commit({ [path]: text.replace('2026-03-11T22:00:00Z', '2027-03-11T22:00:00Z') });
  assert.is(facts(system, 'nightly')?.['ExecutionCount'], 99);
  system.move(old);
  await system.start();
  await system.advance(60_000);
  assert.equal(facts(system, 'nightly'), left);
  assert.is(system.runs().length, 1);
});

for (const clone of ['as it was', 'made anew']) {
  systemTest(
    `R20, R23: jobs that came, went and changed on the other host; the first one's clone ${clone}`,
    async (create) => {
      const files = {
        'jobs/gone.yaml': daily(),
        'jobs/again.yaml': daily(),
        'jobs/edited.yaml': once(),
        'jobs/stays.yaml': daily(),
      };
      const system = await create({ remote: true, files });
      await system.advance('2026-03-10T10:30:00Z');
      const old = system.stateDir;
      await handOver(system, 'b', '2026-03-10T11:00:00Z');
      await system.push({ 'jobs/gone.yaml': null, 'jobs/again.yaml': null, 'jobs/new.yaml': once() });
      await system.push({ 'jobs/again.yaml': daily(), 'jobs/edited.yaml': once({ Time: '15:00:00' }) });
      await system.advance('2026-03-10T22:30:00Z');
      const jobs = ['again', 'edited', 'new', 'stays'];
      const left = jobs.map((job) => system.status(job));
      await system.stop();
      if (clone === 'made anew') await rm(`${old}/repo.git`, { recursive: true });
      system.move(old);
      await system.start();
      await system.advance('2026-03-11T21:00:00Z');
      assert.equal(
        jobs.map((job) => system.status(job)),
        left,
      );
      assert.equal([...system.service.agenda.jobs.keys()].sort(), jobs);
      assert.is(facts(system, 'gone'), null);
      assert.is(system.runs().length, 4);
      const subjects = system.subjects().length;
      await system.crash();
      await system.start();
      await system.advance(60_000);
      assert.is(system.of('joined').length, 1, 'once: what it published since is its own');
      assert.is(system.subjects().length, subjects);
    },
  );
}

function rivals(system: TestSystem): readonly unknown[] {
  return system.of('git').filter(({ detail }) => detail.kind === 'RivalController');
}

test.run();
