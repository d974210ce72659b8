// What becomes of a part when its worker fails: one result, at most one change, and none after the verdict.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partSubject, STREAMS } from '../../definitions/engine/names.ts';
import { until } from '../support/command.ts';
import { type FaultSite, withSite } from '../support/nats/fault-site.ts';
import { SITE } from '../support/nats/line.ts';

/** The machine is free, and another worker does what comes next. */
async function isFree({ worker, execute, part, bmc }: FaultSite): Promise<void> {
  bmc.faults.clear();
  await worker({ state: 'another' });
  const { outcome, error } = await execute(part('job@later', 'Performance'));
  assert.equal([outcome, error], ['Applied', null]);
}

test('R62 a worker SIGKILLed before its start claim: Unreachable, nothing changed, the machine is free', () =>
  withSite(async (site) => {
    const { worker, execute, part, line, changes } = site;
    const victim = await worker();
    victim.signal('SIGSTOP'); // its pull is open: the part is delivered to it, and to nobody else
    const result = execute(part('job@1'));
    const engine = await line.engine();
    await until(
      async () => (await engine.last(STREAMS.parts, partSubject({ site: SITE, machine: 'node-1' }))) !== null,
      'it is published',
    );
    await victim.kill();
    const { outcome, error } = await result;
    assert.is(outcome, 'Unreachable');
    assert.match(error ?? '', /no worker of site fra1 took it \(transient\)/);
    assert.is(changes(), 0);
    await isFree(site);
  }, '2s'));

test('R62 a worker SIGKILLed after its start claim: Interrupted, at most one change, the machine is free', () =>
  withSite(async (site) => {
    const { worker, execute, part, bmc, changes, isRead } = site;
    bmc.faults.set({ kind: 'hang', method: 'GET', path: 'Managers/bmc' });
    const victim = await worker();
    const result = execute(part('job@1'));
    await isRead();
    await victim.kill();
    const { outcome, error } = await result;
    assert.is(outcome, 'Interrupted');
    assert.match(error ?? '', /the worker of site fra1 fell silent/);
    assert.is(changes(), 0);
    const again = await execute(part('job@1'));
    assert.equal([again.machine, again.outcome, again.entries, again.error], ['node-1', outcome, [], error]);
    await isFree(site);
  }));

test('R62 a worker SIGSTOPped between two requests changes nothing after SIGCONT, and its result is late', () =>
  withSite(async (site) => {
    const { worker, execute, part, bmc, changes, isRead } = site;
    bmc.faults.set({ kind: 'slow', ms: 1_500, method: 'GET', path: 'Managers/bmc', times: 1 });
    const victim = await worker();
    const result = execute(part('job@1'));
    await isRead();
    victim.signal('SIGSTOP');
    assert.is((await result).outcome, 'Interrupted');
    victim.signal('SIGCONT');
    await until(() => victim.printed().includes('came late'), 'what it makes of it is late');
    assert.is(changes(), 0, victim.printed());
    assert.is((await execute(part('job@1'))).outcome, 'Interrupted', 'the verdict stands');
    assert.is((await execute(part('job@2'))).outcome, 'Applied', 'it goes on with what comes next');
  }));

/** SIGUSR2 makes its event loop stand still for 20 s. */
const BLOCKS = [
  '--import',
  `data:text/javascript,process.on("SIGUSR2",()=>{const end=Date.now()+20000;while(Date.now()<end);})`,
];

test('R62 a worker whose event loop is blocked for longer than its lease changes nothing afterwards', () =>
  withSite(async (site) => {
    const { worker, execute, part, bmc, changes, isRead } = site;
    bmc.faults.set({ kind: 'slow', ms: 1_500, method: 'GET', path: 'Managers/bmc', times: 1 });
    const victim = await worker({ node: BLOCKS });
    const result = execute(part('job@1'));
    await isRead();
    victim.signal('SIGUSR2');
    assert.is((await result).outcome, 'Interrupted');
    assert.is(changes(), 0, victim.printed());
    assert.is((await execute(part('job@2'))).outcome, 'Applied');
  }));

test('R62 a worker SIGKILLed between the end of its work and the engine: one result, no second run', () =>
  withSite(async (site) => {
    const { worker, execute, part, bmc, changes, proxy } = site;
    const victim = await worker({ state: 'kept' });
    const result = execute(part('job@1'));
    await until(() => changes() === 1, 'it is changed');
    proxy.swallow(); // the result does not get through
    await until(() => victim.printed().includes('on node-1: Applied'), 'it is done');
    await victim.kill();
    proxy.heal();
    const next = await worker({ state: 'kept' });
    await until(() => next.printed().includes('1 result of an earlier process to pass on'), 'it is found');
    assert.is((await result).outcome, 'Applied');
    assert.is(changes(), 1);
    assert.is(bmc.get('Oem/OpenBmc/Fan/Profile'), 'PowerSaver');
    assert.is((await execute(part('job@2', 'Performance'))).outcome, 'Applied', 'the machine is free');
  }));

test('R62 R30 SIGTERM: a worker finishes what it has, and takes no more', () =>
  withSite(async ({ worker, execute, part, bmc, isRead }) => {
    bmc.faults.set({ kind: 'slow', ms: 1_000, method: 'GET', path: 'Managers/bmc', times: 1 });
    const leaving = await worker();
    const result = execute(part('job@1'));
    await isRead();
    leaving.signal('SIGTERM');
    assert.is((await result).outcome, 'Applied');
    assert.is(await leaving.exit, 0);
    const other = await worker();
    assert.is((await execute(part('job@2', 'Performance'))).outcome, 'Applied');
    assert.ok(other.isRunning());
  }));

test('R62 R30 a run that is told to stop ends its part at the worker', () =>
  withSite(async ({ worker, execute, part, bmc, isRead, changes }) => {
    bmc.faults.set({ kind: 'hang', method: 'GET', path: 'Managers/bmc' });
    const asked = await worker();
    const stop = new AbortController();
    const result = execute(part('job@1'), stop.signal);
    await isRead();
    stop.abort(new Error('stopped'));
    assert.is((await result).outcome, 'Interrupted');
    assert.is(changes(), 0);
    assert.match(asked.printed(), /job@1 on node-1: Interrupted/);
  }));

test('R62 R30 a run that is told to stop before a worker has its part: none begins it any more', () =>
  withSite(async ({ worker, execute, part, line, changes, bmc }) => {
    const stop = new AbortController();
    const result = execute(part('job@1'), stop.signal);
    const engine = await line.engine();
    await until(
      async () => (await engine.last(STREAMS.parts, partSubject({ site: SITE, machine: 'node-1' }))) !== null,
      'it is published',
    );
    stop.abort(new Error('stopped'));
    const { outcome, error } = await result;
    assert.equal([outcome, error], ['Interrupted', 'interrupted: its run was stopped before it began']);
    await worker();
    assert.is((await execute(part('job@2'))).outcome, 'Applied');
    assert.is(changes(), 1);
    assert.is(bmc.sessions, 0);
  }));

test.run();
