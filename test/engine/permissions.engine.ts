// What docs/scale-out.md says of a site's permissions: a worker works with them, and can do nothing for another site.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { type Engine, EngineError } from '../../controller/engine/engine.ts';
import { connectEngine } from '../../controller/engine/nats.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { leaseSubject, partSubject, resultSubject, STREAMS, startSubject } from '../../definitions/engine/names.ts';
import { loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';
import { until } from '../support/command.ts';
import { openLine, SITE, startWorker } from '../support/nats/line.ts';
import { startNats } from '../support/nats/server.ts';

/** A list of subjects as the document has it. */
function documented(kind: 'publish' | 'subscribe'): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs/scale-out.md'), 'utf8');
  const list = new RegExp(`^${kind}:((?:.*\\n)(?: +.*\\n)*)`, 'm').exec(text)?.[1] ?? '';
  return list
    .split(',')
    .map((subject) => JSON.stringify(subject.trim()))
    .join(', ');
}

/** The seed of a login, in a file, and its public half. */
function login(folder: string, name: string): { readonly file: string; readonly key: string } {
  const pair = nkeys.createUser();
  const file = join(folder, name);
  writeFileSync(file, new TextDecoder().decode(pair.getSeed()));
  return { file, key: pair.getPublicKey() };
}

test('R62 a worker has what it needs by the permissions of its site, and nothing of another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bmcron-logins-'));
  const [controller, worker] = [login(folder, 'controller'), login(folder, 'fra1')];
  const allowed = `publish: [${documented('publish')}], subscribe: [${documented('subscribe')}]`;
  const users = [`{ nkey: ${controller.key} }`, `{ nkey: ${worker.key}, permissions: { ${allowed} } }`];
  const nats = await startNats({
    config: `authorization { users: [${users.join(', ')}] }`,
  });
  const bmc = await startBmc({ password: PASSWORD });
  const credentials = createCredentials({ env: loopbackSecret() });
  const local = createLocalExecutor({ credentials, clock: systemClock, settleMs: 10, random: () => 0 });
  const line = openLine(nats.url, local, '60s', controller.file);
  const engine = await line.engine();
  const working = await startWorker(nats.url, local, 'worker-1', worker.file);
  const forger = await connectEngine({ url: nats.url, name: 'forger', credentials: worker.file, inbox: '_INBOX_fra1' });
  try {
    const steps: string[] = [];
    const result = await line.executor.execute(
      {
        run: 'job@1',
        job: 'job',
        action: 'PatchProfile',
        machine: machineOf(bmc, { Labels: { site: SITE } }),
        payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
      },
      new AbortController().signal,
      async () => void steps.push('waits'),
      async () => void steps.push('is on record'),
    );
    assert.equal([result.outcome, steps], ['Applied', ['is on record', 'waits']]);
    const subject = partSubject({ site: SITE, machine: 'node-1' });
    await until(async () => (await engine.last(STREAMS.parts, subject)) === null, 'it is done with');
    await refused(forger);
    assert.is(
      (await connectEngine({ url: nats.url, name: 'nobody' }).catch((error) => error)) instanceof EngineError,
      true,
    );
  } finally {
    await forger.close();
    await working.close();
    await line.close();
    await bmc.close();
    await nats.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Everything that a worker of fra1 must not do. */
async function refused(forger: Engine): Promise<void> {
  const other = { site: 'ber1', run: 'job@1', machine: 'node-1' };
  const attempts: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a result of another site', () => forger.put(resultSubject(other), 'forged')],
    ['a start of another site', () => forger.put(startSubject(other), 'forged')],
    ['a lease of another site', () => forger.putAfter(leaseSubject(other), 'forged', 0)],
    ['a part of its own site', () => forger.put(partSubject({ ...other, site: SITE }), 'forged')],
    ['reading a start of another site', () => forger.lastNearby(STREAMS.starts, startSubject(other))],
    ['reading whatever it likes', () => forger.last(STREAMS.parts, partSubject({ ...other, site: SITE }))],
    ['removing a message', () => forger.remove(STREAMS.results, 1)],
    [
      'parts of another site',
      () => forger.take({ stream: STREAMS.parts, consumer: 'ber1' }, { most: 1, expiresMs: 500 }, () => undefined),
    ],
  ];
  const outcomes = await Promise.all(
    attempts.map(async ([what, attempt]) =>
      (await attempt().catch((error) => error)) instanceof EngineError ? null : what,
    ),
  );
  assert.equal(
    outcomes.filter((what) => what !== null),
    [],
  );
}

test.run();
