// What the other tests of this suite stand on: the servers, their faults, and that nothing of them is left.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/command.ts';
import { natsServer } from '../support/nats/binary.ts';
import { startProxy } from '../support/nats/proxy.ts';
import { startNats } from '../support/nats/server.ts';

/** Asks a server one thing in NATS' own words, without a client; the JSON of the answer. */
function ask(url: string, subject: string, request: object = {}): Promise<Readonly<Record<string, unknown>>> {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(request);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.setTimeout(3000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('data', (chunk) => {
      heard += chunk;
      const answer = /^MSG \S+ 1 \d+\r\n(.*)\r\n/m.exec(heard)?.[1];
      if (answer === undefined) return;
      socket.removeAllListeners('close').destroy();
      resolve(JSON.parse(answer));
    });
    const connected = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
    socket.write(`${connected}SUB answer 1\r\nPUB ${subject} answer ${text.length}\r\n${text}\r\n`);
  });
}

const create = (url: string, replicas: number) =>
  ask(url, '$JS.API.STREAM.CREATE.ONE', { name: 'ONE', subjects: ['one.>'], num_replicas: replicas });

async function messages(url: string): Promise<unknown> {
  const { state } = (await ask(url, '$JS.API.STREAM.INFO.ONE')) as { state?: { messages: number } };
  return state?.messages;
}

test('one node: what was acknowledged outlives a SIGKILL; its store is set back and wiped', async () => {
  const nats = await startNats();
  try {
    const node = nats.node(0);
    assert.is((await create(nats.url, 1))['error'], undefined);
    assert.is((await ask(nats.url, 'one.a'))['seq'], 1);
    await node.kill();
    assert.is(await ask(nats.url, 'one.b').catch(() => 'gone'), 'gone');
    node.keep();
    await node.start();
    assert.is((await ask(nats.url, 'one.b'))['seq'], 2);
    await node.kill();
    node.setBack();
    await node.start();
    assert.is(await messages(nats.url), 1, 'it has forgotten the second');
    await node.kill();
    node.wipe();
    await node.start();
    assert.is(await messages(nats.url), undefined, 'it has forgotten the stream');
  } finally {
    await nats.close();
  }
});

test('three nodes: one is killed, one is paused and proceeds; what was acknowledged is there', async () => {
  const nats = await startNats({ nodes: 3 });
  try {
    assert.is((await create(nats.node(0).url, 3))['error'], undefined);
    assert.is((await ask(nats.node(0).url, 'one.a'))['seq'], 1);
    await nats.node(2).kill();
    const second = () => ask(nats.node(0).url, 'one.b').then(({ seq }) => seq);
    await until(async () => (await second().catch(() => 0)) !== 0, 'two of three store');
    await nats.node(2).start();
    nats.node(1).pause();
    const third = () => ask(nats.node(2).url, 'one.c').then(({ seq }) => Number(seq) > 2);
    await until(() => third().catch(() => false), 'the one that came back stores');
    nats.node(1).proceed();
    await until(
      () =>
        messages(nats.node(1).url).then(
          (count) => Number(count) >= 3,
          () => false,
        ),
      'all of it',
    );
  } finally {
    await nats.close();
  }
});

test('the proxy cuts, swallows and heals', async () => {
  const nats = await startNats();
  const proxy = await startProxy(nats.url);
  try {
    assert.is((await create(proxy.url, 1))['error'], undefined);
    proxy.cut();
    assert.is(await ask(proxy.url, 'one.a').catch(() => 'cut'), 'cut');
    proxy.heal();
    assert.is((await ask(proxy.url, 'one.a'))['seq'], 1);
    proxy.swallow();
    const silent = ask(proxy.url, 'one.b').catch(({ message }) => message);
    assert.is(await silent, 'no answer', 'it stays open, and nobody answers');
    proxy.heal();
    assert.is((await ask(proxy.url, 'one.b'))['seq'], 2, 'what was swallowed has not come');
  } finally {
    await proxy.close();
    await nats.close();
  }
});

test('a test that is killed leaves no server and no folder', async () => {
  const script = `import { startNats } from ${JSON.stringify(join(import.meta.dirname, '../support/nats/server.ts'))};
    const nats = await startNats();
    console.log('UP', nats.url);
    setInterval(() => {}, 1000);`;
  const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith('bmcron-nats-')));
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  await until(() => printed.includes('UP '), 'its server runs');
  const url = /UP (\S+)/.exec(printed)?.[1] ?? '';
  const [folder = ''] = readdirSync(tmpdir()).filter((name) => name.startsWith('bmcron-nats-') && !before.has(name));
  child.kill('SIGKILL');
  await until(
    () =>
      ask(url, 'one.a').then(
        () => false,
        () => true,
      ),
    'the server has gone',
  );
  await until(() => !existsSync(join(tmpdir(), folder)), 'the folder has gone');
});

test('without the program, a word says how to get it', () => {
  assert.throws(() => natsServer({ PATH: '/nowhere' }), /no nats-server on the PATH: go install .*@v2\.15\.3/);
  assert.throws(
    () => natsServer({ NATS_SERVER: '/no/such', PATH: process.env['PATH'] }),
    /\/no\/such, which is no prog/,
  );
  const run = join(import.meta.dirname, '../tools/run.ts');
  const env = { PATH: '/usr/bin:/bin', HOME: process.env['HOME'] };
  const command = () =>
    execFileSync(process.execPath, ['--import', 'tsx', run, '--engine', 'nothing'], { env, stdio: 'pipe' });
  assert.throws(command, /go install github\.com\/nats-io\/nats-server\/v2@v2\.15\.3/);
});

test.run();
