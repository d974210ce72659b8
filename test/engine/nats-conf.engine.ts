// deploy/nats/nats.conf as it is handed out: the server takes it, and a site can do what it must, and nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newCertificate } from '../../controller/demo/bmc/certificate.ts';
import type { Engine } from '../../controller/engine/engine.ts';
import { connectEngine } from '../../controller/engine/nats.ts';
import { declareSite, declareStreams } from '../../controller/engine/streams.ts';
import { partSubject, resultSubject, STREAMS, startSubject } from '../../definitions/engine/names.ts';
import { natsServer } from '../support/nats/binary.ts';
import { startNats } from '../support/nats/server.ts';
import { temporary } from '../support/temporary-folder.ts';

const CONF = readFileSync(join(import.meta.dirname, '../../deploy/nats/nats.conf'), 'utf8');

/** A log-in: the seed for its file, and the key that stands in the configuration. */
function newLogin() {
  const pair = nkeys.createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), key: pair.getPublicKey() };
}

const [controller, fra1] = [newLogin(), newLogin()];
const conf = CONF.replace('UCONTROLLER', controller.key).replace('UFRA1', fra1.key);

test('#21 the server takes the configuration', async () => {
  const { certificate, key } = await newCertificate();
  const folder = temporary({ 'server.crt': certificate, 'server.key': key, 'ca.crt': certificate });
  try {
    folder.write('nats.conf', conf.replaceAll('/etc/nats/', `${folder.path}/`).replace('/var/lib/nats', folder.path));
    const args = ['-t', '-c', join(folder.path, 'nats.conf')];
    assert.not.throws(() => execFileSync(natsServer(), args, { stdio: 'pipe' }));
  } finally {
    folder.remove();
  }
});

test('#21 a site takes its parts and gives their results; of another site it can neither read nor forge', async () => {
  const config = conf.slice(conf.indexOf('# Controllers declare'));
  const nats = await startNats({ config });
  const files = temporary({ controller: controller.seed, fra1: fra1.seed });
  const login = (name: string, inbox?: string) =>
    connectEngine({ url: nats.url, name, credentials: join(files.path, name), ...(inbox && { inbox }) });
  const [hub, site] = [await login('controller'), await login('fra1', '_INBOX_fra1')];
  try {
    await declareStreams(hub);
    for (const each of ['fra1', 'ber1']) await declareSite(hub, each, 10);
    const [own, other] = [name('fra1'), name('ber1')];
    for (const each of [own, other]) assert.is(await hub.put(partSubject(each), 'part'), each.site === 'fra1' ? 1 : 2);

    const taken: string[] = [];
    await site.take({ stream: STREAMS.parts, consumer: 'fra1' }, { most: 1, expiresMs: 1000 }, ({ subject, done }) => {
      taken.push(subject);
      void done();
    });
    assert.equal(taken, [partSubject(own)]);
    assert.is(await site.put(startSubject(own), 'start'), 1);
    assert.is((await site.lastNearby(STREAMS.starts, startSubject(own)))?.text, 'start');
    assert.is(await site.put(resultSubject(own), 'result'), 1);

    await refused('another site’s result', site.put(resultSubject(other), 'forged'));
    await refused('another site’s start', site.put(startSubject(other), 'forged'));
    await refused('a part', site.put(partSubject(own), 'forged'));
    await refused('a claim', site.put('bmcron.claim.x', 'forged'));
    await refused('the lease', site.put('bmcron.leader', 'forged'));
    await refused('another site’s start, to be read', site.lastNearby(STREAMS.starts, startSubject(other)));
    const others = site.take(
      { stream: STREAMS.parts, consumer: 'ber1' },
      { most: 1, expiresMs: 1000 },
      () => undefined,
    );
    await refused('another site’s parts', others);
    await nothingForged(hub, other);
  } finally {
    await Promise.all([hub.close(), site.close()]);
    await nats.close();
    files.remove();
  }
});

const name = (site: string) => ({ site, run: 'job@t1', machine: 'm1' });

async function refused(what: string, asked: Promise<unknown>): Promise<void> {
  const answer = await asked.then(
    () => 'done',
    (error: Error) => error.name,
  );
  assert.is(answer, 'EngineError', what);
}

async function nothingForged(hub: Engine, other: ReturnType<typeof name>): Promise<void> {
  assert.is(await hub.last(STREAMS.results, resultSubject(other)), null);
  assert.is(await hub.last(STREAMS.starts, startSubject(other)), null);
  assert.is(await hub.last(STREAMS.claims, 'bmcron.claim.x'), null);
  assert.is((await hub.last(STREAMS.parts, partSubject(other)))?.text, 'part', 'it waits for its own workers');
}

test.run();
