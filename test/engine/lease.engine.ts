// Who leads: real servers, and each controller's own connection to them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { type EngineLink, openLink } from '../../controller/engine/link.ts';
import { connectEngine } from '../../controller/engine/nats.ts';
import { createLease, type Lease } from '../../controller/engine/shared/lease.ts';
import { createStopwatch } from '../../controller/engine/stopwatch.ts';
import { declareStreams } from '../../controller/engine/streams.ts';
import type { EngineEvent } from '../../controller/events/engine-event.ts';
import { LEADS_MS, LEASE_MS } from '../../definitions/engine/lease.ts';
import { until } from '../support/command.ts';
import { startProxy } from '../support/nats/proxy.ts';
import { startNats } from '../support/nats/server.ts';

interface Candidate {
  readonly lease: Lease;
  readonly link: EngineLink;
  readonly events: readonly EngineEvent[];
  /** When it took the lease, and lost it, by the monotonic clock. */
  readonly times: { took?: number; lost?: number };
  /** Ends it as SIGKILL does: nothing is given up. */
  end(): Promise<void>;
}

function candidate(url: string, id: string): Candidate {
  const events: EngineEvent[] = [];
  const times: { took?: number; lost?: number } = {};
  const link = openLink({
    connect: () => connectEngine({ url, name: id }),
    prepare: async (engine) => void (await declareStreams(engine)),
    clock: systemClock,
    observe: () => undefined,
  });
  const lease = createLease({
    link,
    clock: systemClock,
    monotonicMs: () => performance.now(),
    stopwatch: createStopwatch(systemClock),
    id,
    holder: id,
    observe: (event) => void events.push(event),
    lost: () => (times.lost = performance.now()),
  });
  const stopping = new AbortController();
  void lease.take(stopping.signal).then((isHeld) => {
    if (isHeld) times.took = performance.now();
  });
  return {
    lease,
    link,
    events,
    times,
    async end() {
      stopping.abort();
      await link.close();
    },
  };
}

const leads = (each: Candidate) => until(() => each.lease.isHeld, 'it leads');

for (const nodes of [1, 3] as const) {
  test(`R68 ${nodes} nodes: one leads; when it is silent another does, after the lease and not before`, async () => {
    const nats = await startNats({ nodes });
    const proxy = await startProxy(nats.node(0).url);
    const all: Candidate[] = [];
    try {
      const first = candidate(proxy.url, 'first');
      all.push(first);
      await leads(first);
      const second = candidate(nats.url, 'second');
      all.push(second);
      await until(() => second.events.some(({ kind }) => kind === 'StandingBy'), 'it stands by');
      assert.equal(second.events, [{ kind: 'StandingBy', holder: 'first' }]);
      const silentAt = performance.now();
      proxy.swallow();
      await leads(second);
      const { lost = Number.NaN } = first.times;
      const { took = Number.NaN } = second.times;
      assert.ok(lost < took, 'the first has stopped before the second began');
      assert.ok(took - silentAt < 6_000, `took over after ${took - silentAt} ms`);
      assert.ok(lost - silentAt < LEADS_MS + 500, `stopped after ${lost - silentAt} ms`);
      assert.ok(took - silentAt > LEASE_MS - 1_000);
      assert.equal(first.events.map(({ kind }) => kind).slice(-2), ['Leads', 'Deposed']);
    } finally {
      await Promise.all(all.map((each) => each.end()));
      await proxy.close();
      await nats.close();
    }
  });
}

test('R68 a lease that is given up is taken at once', async () => {
  const nats = await startNats();
  const first = candidate(nats.url, 'first');
  await leads(first);
  const second = candidate(nats.url, 'second');
  try {
    await until(() => second.events.length > 0, 'it stands by');
    const at = performance.now();
    await first.lease.giveUp();
    assert.is(first.lease.isHeld, false);
    await leads(second);
    assert.ok(performance.now() - at < 1_500, `${performance.now() - at} ms`);
    assert.is(first.times.lost, undefined, 'it was not deposed');
  } finally {
    await Promise.all([first.end(), second.end()]);
    await nats.close();
  }
});

test('R68 both lose the engine: nobody leads; when it is back one of them does', async () => {
  const nats = await startNats();
  const [a, b] = [candidate(nats.url, 'a'), candidate(nats.url, 'b')];
  try {
    await until(() => a.lease.isHeld || b.lease.isHeld, 'one leads');
    const [first, second] = a.lease.isHeld ? [a, b] : [b, a];
    await nats.node(0).kill();
    await until(() => first.times.lost !== undefined, 'it stops');
    assert.is(second.lease.isHeld, false);
    await nats.node(0).start();
    await leads(second);
    assert.is(first.lease.isHeld, false, 'who was deposed does not lead again: its process ends');
  } finally {
    await Promise.all([a.end(), b.end()]);
    await nats.close();
  }
});

test('R68 the store is wiped under a leader: it stops before anybody else leads', async () => {
  const nats = await startNats();
  const [first, second] = [candidate(nats.url, 'first'), candidate(nats.url, 'second')];
  try {
    await until(() => first.lease.isHeld || second.lease.isHeld, 'one leads');
    const [leader, standby] = first.lease.isHeld ? [first, second] : [second, first];
    await nats.node(0).kill();
    nats.node(0).wipe();
    await nats.node(0).start();
    await leads(standby);
    assert.ok((leader.times.lost ?? Number.NaN) < (standby.times.took ?? Number.NaN));
  } finally {
    await Promise.all([first.end(), second.end()]);
    await nats.close();
  }
});

test.run();
