// What becomes of a part when the line or the server between controller and worker fails.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Executor } from '../../controller/executors/executor.ts';
import { partSubject } from '../../definitions/engine/names.ts';
import { writePart } from '../../definitions/engine/wire.ts';
import type { Part } from '../../definitions/run.ts';
import { until } from '../support/command.ts';
import { type FaultSite, withSite } from '../support/nats/fault-site.ts';
import { openLine, SITE, startWorker } from '../support/nats/line.ts';
import { startNats } from '../support/nats/server.ts';

/** The line fails once the BMC has been read, and for so long. */
async function failFor(ms: number, { proxy, isRead }: FaultSite, how: 'cut' | 'swallow'): Promise<void> {
  await isRead();
  proxy[how]();
  await new Promise((resolve) => setTimeout(resolve, ms));
  proxy.heal();
}

for (const how of ['cut', 'swallow'] as const) {
  test(`R62 the line is ${how} for 5 s in the middle of a part: it is done, and its result comes home`, () =>
    withSite(async (site) => {
      const { worker, execute, part, bmc, changes } = site;
      bmc.faults.set({ kind: 'slow', ms: 8_000, method: 'PATCH', times: 1 });
      await worker();
      const result = execute(part('job@1'));
      await until(() => changes() === 1, 'it is being changed');
      site.proxy[how]();
      setTimeout(() => site.proxy.heal(), 5_000);
      const { outcome, error } = await result;
      assert.equal([outcome, error], ['Applied', null]);
      assert.is(changes(), 1);
      assert.is((await execute(part('job@2', 'Performance'))).outcome, 'Applied');
    }));
}

test('R62 the line swallows everything for longer than the lease before a change: nothing is changed', () =>
  withSite(async (site) => {
    const { worker, execute, part, bmc, changes } = site;
    bmc.faults.set({ kind: 'slow', ms: 16_000, method: 'GET', path: 'Managers/bmc', times: 1 });
    const cutOff = await worker();
    const result = execute({ ...part('job@1'), machine: { ...part('job@1').machine, Timeout: '60s' } });
    await failFor(40_000, site, 'swallow');
    assert.is((await result).outcome, 'Interrupted');
    assert.is(changes(), 0, cutOff.printed());
    await until(() => cutOff.printed().includes('came late'), 'the worker hears that a verdict stands');
    assert.is((await execute(part('job@2'))).outcome, 'Applied', 'it goes on with what comes next');
  }));

test('R62 nats-server SIGKILLed while a part is done: its result comes home when it is back', () =>
  withSite(async ({ worker, execute, part, bmc, changes, isRead, nats }) => {
    bmc.faults.set({ kind: 'slow', ms: 3_000, method: 'PATCH', times: 1 });
    await worker();
    const result = execute(part('job@1'));
    await isRead();
    await until(() => changes() === 1, 'it is being changed');
    await nats.node(0).kill();
    await nats.node(0).start();
    assert.is((await result).outcome, 'Applied');
    assert.is(changes(), 1);
    assert.is((await execute(part('job@2', 'Performance'))).outcome, 'Applied');
  }));

/** Notes what it was asked to do; each takes a moment. */
function counting(): { readonly executor: Executor; readonly done: Map<string, number> } {
  const done = new Map<string, number>();
  const execute = async ({ run, machine }: Part) => {
    const name = `${run} ${machine.ID}`;
    done.set(name, (done.get(name) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { machine: machine.ID, outcome: 'Applied', entries: [], error: null } as const;
  };
  return { done, executor: { execute, recover: execute } };
}

test('R62 a nats-server is SIGKILLed again and again under load: no name is done twice, each ends', async () => {
  const nats = await startNats();
  const { executor, done } = counting();
  const line = openLine(nats.url, executor);
  await line.engine();
  const workers = await Promise.all(['a', 'b'].map((id) => startWorker(nats.url, executor, id)));
  try {
    const machine = {
      Type: 'Extend',
      Endpoint: 'https://127.0.0.1:9',
      Timeout: '60s',
      Labels: { site: SITE },
    } as const;
    const parts = Array.from({ length: 300 }, (_, index): Part => {
      const ID = `m${index % 100}`;
      return { run: `job@${index}`, job: 'job', action: 'PatchProfile', machine: { ID, ...machine }, payload: [] };
    });
    const results = parts.map((part) => line.executor.execute(part, new AbortController().signal));
    for (let kills = 0; kills < 3; kills += 1) {
      const before = done.size;
      await until(() => done.size > before + 20 || done.size === parts.length, 'some more are done');
      await nats.node(0).kill();
      await nats.node(0).start();
    }
    const outcomes = (await Promise.all(results)).map(({ outcome }) => outcome);
    assert.equal(
      [...done.values()].filter((times) => times > 1),
      [],
    );
    const lost = outcomes.filter((outcome) => outcome !== 'Applied');
    assert.ok(lost.length < 30 && lost.every((outcome) => /^(Unreachable|Interrupted)$/.test(outcome)), lost.join());
  } finally {
    for (const each of workers) await each.close();
    await line.close();
    await nats.close();
  }
});

test('R62 a part of another version is refused with a word, and not half-understood', () =>
  withSite(async ({ worker, execute, part, line, changes }) => {
    const old = await worker();
    const engine = await line.engine();
    const message = writePart({ part: part('job@1'), site: SITE, startBy: new Date(Date.now() + 60_000) });
    const subject = partSubject({ site: SITE, machine: 'node-1' });
    await engine.put(subject, message.replace('"v":1', '"v":2'));
    const { outcome, error } = await execute(part('job@1'));
    assert.is(outcome, 'Refused');
    assert.match(error ?? '', /does not understand it: it is of version 2, and this program reads version 1/);
    assert.is(changes(), 0, old.printed());
    assert.is((await execute(part('job@2'))).outcome, 'Applied');
  }));

test('R62 a part that waited longer than it may is not begun by a worker that comes late', () =>
  withSite(async ({ worker, execute, part, line, changes }) => {
    const engine = await line.engine();
    const message = writePart({ part: part('job@1'), site: SITE, startBy: new Date(Date.now() - 1_000) });
    await engine.put(partSubject({ site: SITE, machine: 'node-1' }), message);
    const late = await worker();
    await until(() => late.printed().includes('it was to begin'), 'it says why it leaves it');
    assert.is(changes(), 0);
    assert.is((await execute(part('job@2'))).outcome, 'Applied', 'the machine is free');
    assert.is((await execute(part('job@1'))).outcome, 'Unreachable', 'nobody begins it any more');
  }));

test.run();
