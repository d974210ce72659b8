// What a conversation costs: connections, TLS settings, timers; and that a kept connection loses no request.
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import type { RedfishEvent } from '../../controller/events/redfish-event.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { type ConversationOptions, withBmc } from '../../controller/redfish/conversation.ts';
import { createConnectionPool } from '../../controller/redfish/http/pool.ts';
import type { Session } from '../../controller/redfish/session.ts';
import type { Machine, MachineTLS } from '../../definitions/machine.ts';
import { asked, entry, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';
import { until } from '../support/git-folder.ts';
import { temporary } from '../support/temporary-folder.ts';

const never = new AbortController().signal;
const ROOT = '/redfish/v1/';
const MANAGER = '/redfish/v1/Managers/bmc';

/** A BMC behind a relay that counts the connections, each with a handshake of its own, and can end them. */
async function startRelayed() {
  const bmc = await startBmc({ password: PASSWORD });
  const lines = new Set<Socket>();
  const seen = { opened: 0 };
  let onBytes: (client: Socket) => boolean = () => true;
  const relay = createServer((client) => {
    const server = connect(Number(new URL(bmc.endpoint).port), '127.0.0.1');
    seen.opened += 1;
    lines.add(client);
    client.on('data', (bytes) => onBytes(client) && server.write(bytes));
    server.pipe(client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
    client.on('close', () => lines.delete(client));
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const endpoint = `https://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  return {
    bmc,
    seen,
    machine: machineOf({ endpoint, fingerprint: bmc.fingerprint }),
    get open() {
      return lines.size;
    },
    /** Ends all connections, as a BMC does that has waited long enough. */
    hangUp() {
      for (const line of lines) line.end();
    },
    /** Resets the connection on which the next bytes come, before the BMC sees them. */
    resetAtNext() {
      onBytes = (client) => {
        onBytes = () => true;
        client.resetAndDestroy();
        return false;
      };
    },
    async close() {
      relay.close();
      for (const line of lines) line.destroy();
      await bmc.close();
    },
  };
}

function conversation(more: Partial<ConversationOptions> = {}): ConversationOptions {
  const credentials = createCredentials({ env: loopbackSecret() });
  return { credentials, clock: systemClock, signal: never, random: () => 0.5, ...more };
}

/** Talks to a machine, and fails where that could not be done. */
function talk<T>(machine: Machine, options: ConversationOptions, work: (session: Session) => Promise<T>): Promise<T> {
  return withBmc<T | Error>(machine, options, work, ({ failure }) => failure).then((result) => {
    if (result instanceof Error) throw result;
    return result;
  });
}

function partOf(machine: Machine, profile: string) {
  return {
    run: 'job@now',
    job: 'job',
    action: 'PatchProfile',
    machine,
    payload: [entry('bmc', { Profile: profile })],
  };
}

test('#15.2 one handshake a part, with the second look 1.5 s after the change', async () => {
  const { machine, bmc, seen, close } = await startRelayed();
  const executor = createLocalExecutor(conversation());
  const result = await executor.execute(partOf(machine, 'Balanced'), never);
  assert.is(result.outcome, 'Applied', result.error ?? '');
  assert.is(asked(bmc, 'GET').filter((each) => each.endsWith(MANAGER)).length, 3, 'before, after, and settled');
  assert.is(seen.opened, 1);
  await close();
});

test('#15.2 so many connections idle at most; one that is closed for it costs no request', async () => {
  const racks = await Promise.all(Array.from({ length: 6 }, startRelayed));
  const pool = createConnectionPool(2);
  let waiting = 0;
  let go = () => {};
  const all = new Promise<void>((resolve) => {
    go = resolve;
  });
  const visits = racks.map(({ machine }) =>
    talk(machine, conversation({ pool }), async (session) => {
      waiting += 1;
      await all;
      return (await session.send('GET', MANAGER)).status;
    }),
  );
  await until(() => waiting === racks.length);
  await until(() => racks.reduce((sum, { open }) => sum + open, 0) === 2);
  go();
  assert.equal(await Promise.all(visits), Array(6).fill(200));
  for (const { bmc } of racks) {
    assert.equal(asked(bmc, 'GET'), [`GET ${ROOT}`, `GET ${MANAGER}`], 'no request was asked twice');
    assert.is(bmc.sessions, 0);
  }
  for (const { close } of racks) await close();
});

for (const [what, lose] of [
  [
    'while it idles',
    async (relayed) => {
      relayed.hangUp();
      await until(() => relayed.open === 0);
    },
  ],
  ['just as it is used again', async (relayed) => relayed.resetAtNext()],
] as readonly [string, (relayed: Awaited<ReturnType<typeof startRelayed>>) => Promise<void>][]) {
  test(`#15.2 the BMC closes a kept connection ${what}: no request is lost, none counts as tried`, async () => {
    const relayed = await startRelayed();
    const events: RedfishEvent[] = [];
    const observe = (event: RedfishEvent) => void events.push(event);
    const status = await talk(relayed.machine, conversation({ observe }), async (session) => {
      await lose(relayed);
      return (await session.send('GET', MANAGER)).status;
    });
    assert.is(status, 200);
    assert.is(relayed.seen.opened, 2);
    assert.equal(asked(relayed.bmc, 'GET'), [`GET ${ROOT}`, `GET ${MANAGER}`]);
    assert.equal(
      events.flatMap((event) => (event.kind === 'request' && event.method === 'GET' ? [event.status] : [])),
      [200, 200],
    );
    assert.equal(
      events.filter(({ kind }) => kind === 'retry'),
      [],
    );
    assert.is(relayed.bmc.sessions, 0);
    await relayed.close();
  });
}

test('#15.2 a crowd begins no faster than it is served: the first is logged in before the last connects', async () => {
  const { machine, close } = await startRelayed();
  const pool = createConnectionPool();
  const state = { begun: 0, served: [] as number[] };
  const counting = {
    ...pool,
    contextOf(ca: string | undefined) {
      state.begun += 1; // asked for by each connection
      return pool.contextOf(ca);
    },
  };
  const look = async () => void state.served.push(state.begun);
  await Promise.all(Array.from({ length: 100 }, () => talk(machine, conversation({ pool: counting }), look)));
  assert.is(state.begun, 100);
  assert.ok((state.served[0] ?? 100) < 100, `${state.served[0]} connections when the first one is served`);
  await close();
});

test('#15.2 a change that is lost with its connection is not sent again unasked', async () => {
  const relayed = await startRelayed();
  const sent = await talk(relayed.machine, conversation(), async (session) => {
    relayed.resetAtNext();
    return session.send('PATCH', MANAGER, { body: {} }).then(String, (error: Error) => error.message);
  });
  assert.match(sent, /: connection lost$/);
  assert.equal(asked(relayed.bmc, 'PATCH'), []);
  await relayed.close();
});

test('#15.2 a change goes over no connection that has idled for long', async () => {
  const relayed = await startRelayed();
  let laterMs = 0;
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + laterMs) };
  for (const [idleMs, opened] of [
    [100, 1],
    [5_000, 3],
  ] as const) {
    await talk(relayed.machine, conversation({ clock }), async (session) => {
      laterMs += idleMs;
      await session.send('PATCH', MANAGER, { body: {} });
    });
    assert.is(relayed.seen.opened, opened, `after ${idleMs} ms`);
  }
  await relayed.close();
});

/** How often something is called while `work` goes on. */
async function callsOf(
  owner: object,
  name: string,
  work: () => Promise<unknown>,
  counts: (args: readonly unknown[]) => boolean = () => true,
): Promise<number> {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name];
  let calls = 0;
  methods[name] = function counted(this: unknown, ...args: unknown[]) {
    if (counts(args)) calls += 1;
    return original?.apply(this, args);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    if (original) methods[name] = original;
    syncBuiltinESMExports();
  }
  return calls;
}

test('#15.2 one SecureContext for each trust setting, however many machines and runs', async () => {
  const racks = await Promise.all(Array.from({ length: 3 }, startRelayed));
  const folder = temporary({ 'rack-ca': racks[0]?.bmc.certificate ?? '' });
  const credentials = createCredentials({ dir: folder.path, env: loopbackSecret() });
  const executor = createLocalExecutor({ ...conversation(), credentials, settleMs: 0 });
  const run = async (profile: string, trust: (fingerprint: string) => MachineTLS) => {
    const results = racks.map(({ machine, bmc }) =>
      executor.execute(partOf({ ...machine, TLS: trust(bmc.fingerprint) }, profile), never),
    );
    for (const { outcome, error } of await Promise.all(results)) assert.is(outcome, 'Applied', error ?? '');
  };
  const made = await callsOf(
    tls,
    'createSecureContext',
    async () => {
      await run('Balanced', (Fingerprint) => ({ Fingerprint }));
      await run('Performance', (Fingerprint) => ({ Fingerprint }));
      await run('Balanced', () => ({ CA: 'rack-ca' }));
      await run('Performance', () => ({ CA: 'rack-ca' }));
    },
    ([options]) => !(options as { key?: unknown } | undefined)?.key, // the relayed BMCs' own
  );
  assert.is(made, 2);
  for (const { close } of racks) await close();
  folder.remove();
});

test('#15.2 requests that are answered start no timer of their own, and abort nothing', async () => {
  const relayed = await startRelayed();
  let sleeps = 0;
  const clock: Clock = {
    now: systemClock.now,
    sleep(until, signal) {
      sleeps += 1;
      return systemClock.sleep(until, signal);
    },
  };
  const more = await talk(relayed.machine, conversation({ clock }), async (session) => {
    const before = sleeps;
    const aborts = await callsOf(
      AbortController.prototype,
      'abort',
      async () => {
        for (let times = 0; times < 10; times += 1) await session.send('GET', MANAGER);
      },
      (args) => args.length > 0,
    ); // without a reason: those of Node's own streams, on the BMC's side too
    return { sleeps: sleeps - before, aborts };
  });
  assert.equal(more, { sleeps: 0, aborts: 0 });
  await relayed.close();
});

test.run();
