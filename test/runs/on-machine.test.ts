import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createFairLimit, createKeyedMutex } from '../../controller/runs/concurrency.ts';
import { giveWay, onMachine } from '../../controller/runs/on-machine.ts';
import { createWorker, NO_WORKER } from '../../controller/runs/worker.ts';

const turn = () => new Promise(setImmediate);

for (const [parts, away, active] of [
  [999, 999, 0],
  [1_000, 1_000, 0],
  [1_001, 1_000, 1],
] as const) {
  test(`#15.1 of ${parts} parts that wait ${away} give way, ${active} keep their places`, async () => {
    const limits = { connections: createFairLimit(2_000), machines: createKeyedMutex() };
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const all = Array.from({ length: parts }, (_, index) =>
      onMachine(limits, { run: 'r', machine: `m${index}`, worker: NO_WORKER }, (places) =>
        giveWay(limits, places, new Date(0), () => over),
      ),
    );
    await turn();
    assert.equal([limits.connections.away, limits.connections.active], [away, active]);
    isOver();
    await Promise.all(all);
    assert.equal([limits.connections.away, limits.connections.active], [0, 0]);
  });
}

test('#15.1 R25 R26 one of each: who waits for a turn keeps nobody from coming back', async () => {
  const limits = { connections: createFairLimit(1), machines: createKeyedMutex() };
  const workers = createFairLimit(1);
  const did: string[] = [];
  let isOver = () => {};
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const run = (name: string, wait: Promise<void>) =>
    workers.run(name, (place) => {
      const worker = createWorker({ place, parts: 1, now: () => new Date(1), waits: () => undefined });
      return onMachine(limits, { run: name, machine: 'm', worker }, async (places) => {
        did.push(`${name} begins`);
        await giveWay(limits, places, new Date(0), () => wait);
        did.push(`${name} looks once more`);
      });
    });
  const all = [run('a', over), run('b', Promise.resolve())];
  await turn();
  assert.equal(did, ['a begins']);
  assert.equal([workers.active, workers.away], [0, 2], 'b waits for the machine, and has lent its worker');
  isOver();
  await Promise.all(all);
  assert.equal(did, ['a begins', 'a looks once more', 'b begins', 'b looks once more']);
  assert.equal([workers.active, workers.away, limits.connections.away], [0, 0, 0]);
});

test('#15.1 R26 a wait that fails has its places again, and its asker hears of it', async () => {
  const limits = { connections: createFairLimit(1), machines: createKeyedMutex() };
  const error = await onMachine(limits, { run: 'r', machine: 'm', worker: NO_WORKER }, async (places) => {
    const failing = giveWay(limits, places, new Date(0), async () => Promise.reject(new Error('stopped')));
    const heard = await failing.catch(({ message }: Error) => message);
    assert.is(limits.connections.active, 1, 'it logs out, in its turn');
    return heard;
  });
  assert.is(error, 'stopped');
  assert.equal([limits.connections.active, limits.connections.away], [0, 0]);
});

test('B37 300 machines wait for power with 50 connections: work on a 301st begins at once', async () => {
  const limits = { connections: createFairLimit(50), machines: createKeyedMutex() };
  const workers = createFairLimit(5);
  let isOver = () => {};
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const begin = (name: string, machines: readonly string[], wait: (() => Promise<void>) | null) =>
    workers.run(name, (place) => {
      const worker = createWorker({ place, parts: machines.length, now: () => new Date(1), waits: () => undefined });
      const onOne = (machine: string) =>
        onMachine(limits, { run: name, machine, worker }, async (places) => {
          if (wait) await giveWay(limits, places, new Date(0), wait);
          return machine;
        });
      return Promise.all(machines.map(onOne));
    });
  const machines = Array.from({ length: 300 }, (_, index) => `m${index}`);
  const power = begin('power', machines, () => over);
  while (limits.connections.away < machines.length) await turn();
  assert.equal([workers.active, limits.connections.active], [0, 0]);
  assert.equal(await begin('profile', ['m300'], null), ['m300'], 'while all others wait');
  isOver();
  assert.is((await power).length, 300);
});

test('#16.2 a part that may not begin gives its machine, connection and worker back, and is asked again', async () => {
  const limits = { connections: createFairLimit(1), machines: createKeyedMutex() };
  const workers = createFairLimit(1);
  const did: string[] = [];
  let opens = () => {};
  const opening = new Promise<void>((resolve) => {
    opens = resolve;
  });
  const run = (name: string, isClosed: boolean) =>
    workers.run(name, (place) => {
      const worker = createWorker({ place, parts: 1, now: () => new Date(1), waits: () => undefined });
      let asked = 0;
      return onMachine(limits, { run: name, machine: 'm', worker }, async () => {
        asked += 1;
        did.push(`${name} asks`);
        return isClosed && asked === 1 ? { notYet: () => opening } : { done: name };
      });
    });
  const all = [run('a', true), run('b', false)];
  await turn();
  assert.equal(did, ['a asks', 'b asks'], 'b has the machine, the connection and the worker meanwhile');
  assert.equal([workers.active, workers.away, limits.connections.active], [0, 1, 0]);
  opens();
  assert.equal(await Promise.all(all), [{ done: 'a' }, { done: 'b' }]);
  assert.equal(did, ['a asks', 'b asks', 'a asks']);
  assert.equal([workers.active, workers.away, limits.connections.active], [0, 0, 0]);
});

test.run();
