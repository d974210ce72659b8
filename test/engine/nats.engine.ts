// The door to NATS against a real server: what is stored once stays so, and what fails says whether it was sent.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Engine, EngineError } from '../../controller/engine/engine.ts';
import { connectEngine } from '../../controller/engine/nats.ts';
import { declareSite, declareStreams, isNewEnough } from '../../controller/engine/streams.ts';
import { leaseSubject, partSubject, resultSubject, STREAMS } from '../../definitions/engine/names.ts';
import { until } from '../support/command.ts';
import { startProxy } from '../support/nats/proxy.ts';
import { type Nats, startNats } from '../support/nats/server.ts';

const NAME = { site: 'fra1', run: 'job@2026-02-10T22:00:00Z', machine: 'node.1' };

/** A server, and a connection to it on which everything is declared. */
async function withEngine(play: (engine: Engine, nats: Nats) => Promise<void>): Promise<void> {
  const nats = await startNats();
  const engine = await connectEngine({ url: nats.url, name: 'test' });
  try {
    await declareStreams(engine);
    await play(engine, nats);
  } finally {
    await engine.close();
    await nats.close();
  }
}

test('the first of a name is stored, and every other refused', () =>
  withEngine(async (engine) => {
    const subject = resultSubject(NAME);
    const first = await engine.put(subject, 'one');
    assert.type(first, 'number');
    assert.is(await engine.put(subject, 'two'), null);
    const { text, seq } = (await engine.last(STREAMS.results, subject)) ?? {};
    assert.equal([text, seq], ['one', first]);
    assert.is((await engine.lastNearby(STREAMS.results, subject))?.text, 'one');
    assert.is(await engine.last(STREAMS.results, resultSubject({ ...NAME, machine: 'node-2' })), null);
    assert.is(await engine.lastNearby(STREAMS.results, resultSubject({ ...NAME, machine: 'node-2' })), null);
    await declareStreams(engine); // again: nothing changes
    assert.is(await engine.put(subject, 'three'), null);
  }));

test('what follows another message is refused where one has come between', () =>
  withEngine(async (engine) => {
    const subject = leaseSubject(NAME);
    const first = await engine.putAfter(subject, 'one', 0);
    assert.is(await engine.putAfter(subject, 'other', 0), null);
    const second = await engine.putAfter(subject, 'two', first ?? -1);
    assert.type(second, 'number');
    assert.is(await engine.putAfter(subject, 'three', first ?? -1), null);
    assert.is((await engine.last(STREAMS.leases, subject))?.text, 'two');
  }));

test('parts are taken by the worker of their site, and gone when they are done with', () =>
  withEngine(async (engine) => {
    await declareSite(engine, 'fra1', 2);
    await declareSite(engine, 'fra1', 3);
    const subjects = ['a', 'b'].map((machine) => partSubject({ site: 'fra1', machine }));
    for (const each of [...subjects, partSubject({ site: 'ber1', machine: 'c' })]) await engine.put(each, 'part');
    const taken: string[] = [];
    const done: Promise<boolean>[] = [];
    await engine.take({ stream: STREAMS.parts, consumer: 'fra1' }, { most: 5, expiresMs: 1000 }, (delivery) => {
      taken.push(delivery.subject);
      done.push(delivery.done());
    });
    assert.equal(taken, subjects);
    assert.equal(await Promise.all(done), [true, true]);
    assert.is(await engine.last(STREAMS.parts, subjects[0] ?? ''), null);
    const left = await engine.last(STREAMS.parts, partSubject({ site: 'ber1', machine: 'c' }));
    assert.is(await engine.remove(STREAMS.parts, left?.seq ?? 0), true);
    assert.is(await engine.remove(STREAMS.parts, left?.seq ?? 0), false);
  }));

test('who asks gets an answer', () =>
  withEngine(async (engine) => {
    const end = engine.hear('bmcron.rest.*', ({ text, answer }) => answer(`${text}!`));
    assert.is(await engine.ask('bmcron.rest.fra1', 'well', 1000), 'well!');
    end();
    await engine.flush();
    const failure = await engine.ask('bmcron.rest.fra1', 'well', 200).catch((error) => error);
    assert.instance(failure, EngineError);
  }));

test('while the line is down nothing is sent that could be stored later', async () => {
  const nats = await startNats();
  const proxy = await startProxy(nats.url);
  const engine = await connectEngine({ url: proxy.url, name: 'test' });
  try {
    await declareStreams(engine);
    assert.ok(isNewEnough(engine.version), engine.version);
    proxy.cut();
    await until(() => !engine.isConnected, 'it is noticed');
    const failure = await engine.put(resultSubject(NAME), 'one').catch((error) => error);
    assert.instance(failure, EngineError);
    assert.is(failure.isSent, false);
    proxy.heal();
    await until(() => engine.isConnected, 'it comes back by itself');
    assert.is(await engine.last(STREAMS.results, resultSubject(NAME)), null);
    assert.type(await engine.put(resultSubject(NAME), 'two'), 'number');
  } finally {
    await engine.close();
    await proxy.close();
    await nats.close();
  }
});

test('no server: an EngineError within seconds', async () => {
  const failure = await connectEngine({ url: 'nats://127.0.0.1:9', name: 'test' }).catch((error) => error);
  assert.instance(failure, EngineError);
});

test.run();
