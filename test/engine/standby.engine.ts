// Two controllers as people start them, a worker, a server: the leader ends in every way that it can.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/command.ts';
import {
  type ControllerProcess,
  createEngineFleet,
  type EngineFleet,
  type EngineFleetOptions,
  tokenJob,
} from '../support/nats/fleet.ts';

async function withFleet(options: EngineFleetOptions, play: (fleet: EngineFleet) => Promise<void>): Promise<void> {
  const fleet = await createEngineFleet(options);
  try {
    await play(fleet);
  } finally {
    await fleet.close();
  }
}

const FAR = ['far-1', 'far-2', 'far-3'];
const times = (count: number) => FAR.map((each) => `${each} ${count}`);
const successes = FAR.map((each) => `${each} success`);

/** A leader and one that stands by. */
async function startBoth(fleet: EngineFleet): Promise<readonly [ControllerProcess, ControllerProcess]> {
  const first = fleet.controller('first');
  await first.leading();
  const second = fleet.controller('second');
  await second.standingBy();
  return [first, second];
}

/** A run of the job on all machines of the site, that changes all of them now. */
async function beginRun(fleet: EngineFleet, token = 't1'): Promise<void> {
  await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, token) });
  const isAt = (each: string) => !each.endsWith(' 0');
  await until(() => fleet.changes().every(isAt), 'the run has begun', 60_000);
}

test('R68 the leader is killed between parts and results: one result each; within six seconds another leads', () =>
  withFleet({ remote: 3, slowMs: 4_000 }, async (fleet) => {
    await fleet.worker('worker');
    const [first, second] = await startBoth(fleet);
    await beginRun(fleet);
    const killedAt = performance.now();
    await first.kill();
    await second.says('this controller leads');
    const tookMs = performance.now() - killedAt;
    assert.ok(tookMs < 6_000, `took over after ${Math.round(tookMs)} ms`);
    const status = await fleet.ended('job', 't1');
    assert.equal([status['Status'], status['ExecutionCount']], ['Completed', 1]);
    assert.equal(fleet.logs('job'), successes);
    assert.equal(fleet.changes(), times(1));
    // Who was killed is started again: what it has open was seen to its end elsewhere.
    const again = fleet.controller('first');
    await again.standingBy();
    await second.kill();
    await again.leading();
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't2') });
    await fleet.ended('job', 't2');
    assert.equal(fleet.logs('job'), [...successes, ...successes].sort(), 'nothing is told twice');
    assert.equal(fleet.changes(), times(2));
  }));

test('R30 SIGTERM hands over at once: parts at a site go on, and are not interrupted', () =>
  withFleet({ remote: 3, slowMs: 6_000 }, async (fleet) => {
    await fleet.worker('worker');
    const [first, second] = await startBoth(fleet);
    await beginRun(fleet);
    first.signal('SIGTERM');
    assert.is(await first.exit, 0, first.printed());
    const endedAt = performance.now();
    await second.says('this controller leads');
    assert.ok(performance.now() - endedAt < 2_500, 'no lease is waited for');
    assert.match(first.printed(), /has given the lease up/);
    const status = await fleet.ended('job', 't1');
    assert.is(status['Status'], 'Completed', second.printed());
    assert.equal(fleet.logs('job'), successes);
    assert.equal(fleet.changes(), times(1));
  }));

test('R68 the leader is paused; when it goes on another one leads: it ends with a word, and claims nothing', () =>
  withFleet({ remote: 3, slowMs: 2_000 }, async (fleet) => {
    await fleet.worker('worker');
    const [first, second] = await startBoth(fleet);
    await beginRun(fleet);
    first.signal('SIGSTOP');
    await second.leading();
    await fleet.ended('job', 't1');
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't2') });
    first.signal('SIGCONT');
    assert.is(await first.exit, 3, first.printed());
    assert.match(first.printed(), /does not lead any more, and ends/);
    await fleet.ended('job', 't2');
    assert.equal(fleet.logs('job'), [...successes, ...successes].sort());
    assert.equal(fleet.changes(), times(2));
  }));

test('R68 a machine that the leader talks to itself is interrupted when it is killed, once, and not repeated', () =>
  withFleet({ remote: 1, local: 1, slowMs: 4_000 }, async (fleet) => {
    await fleet.worker('worker');
    const [first, second] = await startBoth(fleet);
    await fleet.push({ 'jobs/job.yaml': tokenJob(['far-1', 'near-1'], 't1') });
    await until(() => fleet.changes().every((each) => each.endsWith(' 1')), 'both have begun', 60_000);
    await first.kill();
    await second.leading();
    const status = await fleet.ended('job', 't1');
    assert.is(status['Status'], 'Failed');
    assert.equal(fleet.logs('job'), ['far-1 success', 'near-1 interrupted']);
    assert.equal(fleet.changes(), ['far-1 1', 'near-1 1']);
  }));

test('R68 both controllers lose the engine: neither begins anything, and one leads when it is back', () =>
  withFleet({ remote: 1, local: 2 }, async (fleet) => {
    const [first, second] = await startBoth(fleet);
    await fleet.nats.node(0).kill();
    assert.is(await first.exit, 3);
    await fleet.push({ 'jobs/job.yaml': tokenJob(['near-1', 'near-2'], 't1') });
    await second.says('the engine does not answer');
    assert.equal(fleet.changes(), ['far-1 0', 'near-1 0', 'near-2 0'], 'machines of its own need the lease, too');
    await fleet.nats.node(0).start();
    await second.leading();
    await fleet.ended('job', 't1');
    assert.equal(fleet.logs('job'), ['near-1 success', 'near-2 success']);
  }));

test('R28 one token on two controllers that both lead: the job runs once', () =>
  withFleet({ remote: 3, slowMs: 500 }, async (fleet) => {
    await fleet.worker('worker');
    const both = [fleet.controller('first', { alone: true }), fleet.controller('second', { alone: true })];
    await Promise.all(both.map((each) => each.leading()));
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't1') });
    await Promise.all(both.map((each) => each.says('job completed')));
    await fleet.ended('job', 't1');
    assert.equal(fleet.changes(), times(1));
    assert.equal(fleet.logs('job'), successes);
  }));

test('R26 two runs on one machine, across a take-over: one after the other', () =>
  withFleet({ remote: 1, slowMs: 5_000 }, async (fleet) => {
    await fleet.worker('worker');
    const [first, second] = await startBoth(fleet);
    await fleet.push({ 'jobs/job.yaml': tokenJob(['far-1'], 't1') });
    await until(() => fleet.changes()[0] === 'far-1 1', 'the first has begun', 60_000);
    await first.kill();
    await fleet.push({ 'jobs/other.yaml': tokenJob(['far-1'], 't2').replace('Name: Job', 'Name: Other') });
    await second.leading();
    assert.is(fleet.changes()[0], 'far-1 1', 'the other waits');
    await fleet.ended('job', 't1');
    await fleet.ended('other', 't2');
    assert.equal([fleet.logs('job'), fleet.logs('other')], [['far-1 success'], ['far-1 success']]);
    assert.equal(fleet.changes(), ['far-1 2']);
  }));

test('R68 the engine is wiped: EngineLostMemory, what was open has one end each, and nothing runs twice', () =>
  withFleet({ remote: 3, slowMs: 8_000 }, async (fleet) => {
    await fleet.worker('worker');
    const first = fleet.controller('first');
    await first.leading();
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't0') });
    await fleet.ended('job', 't0');
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't1') });
    await until(() => fleet.changes().every((each) => each.endsWith(' 2')), 'the second run has begun', 60_000);
    const node = fleet.nats.node(0);
    await node.kill();
    node.wipe();
    await node.start();
    assert.is(await first.exit, 3, 'its lease is gone with the rest');
    const again = fleet.controller('first');
    await again.says('EngineLostMemory');
    await fleet.ended('job', 't1');
    const ends = fleet.logs('job').map((each) => each.replace(/ (success|interrupted)$/, ''));
    assert.equal(ends, [...FAR, ...FAR].sort(), fleet.logs('job').join());
    assert.equal(fleet.changes(), times(2));
  }));

test('R68 three nodes, and the one that the leader is at is killed: no name is done twice, and it goes on', () =>
  withFleet({ remote: 3, slowMs: 1_000, nats: { nodes: 3 } }, async (fleet) => {
    await fleet.worker('worker');
    const [first] = await startBoth(fleet);
    await beginRun(fleet);
    await fleet.nats.node(0).kill();
    await fleet.ended('job', 't1');
    await fleet.nats.node(0).start();
    // Either it kept the lease or the other one has it: one of them goes on.
    await fleet.push({ 'jobs/job.yaml': tokenJob(FAR, 't2') });
    await fleet.ended('job', 't2');
    assert.equal(fleet.changes(), times(2), first.printed());
    assert.equal(fleet.logs('job'), [...successes, ...successes].sort());
  }));

test.run();
