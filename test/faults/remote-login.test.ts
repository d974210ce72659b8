// A login for the remote: it reaches the forge, and nobody else (#20.C12).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createGitFolder, GIT_ENVIRONMENT, result, until } from '../support/git-folder.ts';
import { createInstantClock } from '../support/publisher.ts';
import { faultTest } from './fault.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

function loginFile(path: string, password: string, username = 'robot'): string {
  writeFileSync(path, `username=${username}\npassword=${password}\n`);
  chmodSync(path, 0o600);
  return path;
}

faultTest(
  '#20.C12 --remote-credentials: a changed token counts at once; neither ps nor disk nor words have it',
  async (at) => {
    at.forge.behaviour.login = 'robot:s3cret/word';
    const stateDir = at.folder.path('state');
    const remoteCredentials = loginFile(at.folder.path('login'), 's3cret/word');
    const home = at.folder.path('home');
    writeFileSync(home, `[credential]\n\thelper = store --file=${at.folder.path('state', 'stored')}\n`);
    const environment = { ...GIT_ENVIRONMENT, GIT_CONFIG_GLOBAL: home };
    const clock = { ...createInstantClock(), now: systemClock.now };
    const service = await at.open({ fleet: at.url, stateDir, remoteCredentials, environment }, { clock });
    at.forge.behaviour.delayMs = 150;
    const seen: string[] = [];
    const watching = setInterval(() => seen.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })), 40);
    await service.repository.snapshot(() => false);
    await service.journal.append([result(1)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed');
    clearInterval(watching);
    assert.ok(seen.some((text) => text.includes('remote-http')));
    assert.not.ok(seen.some((text) => text.includes('s3cret')));
    assert.not.ok(existsSync(at.folder.path('state', 'stored')), "nobody's helper has written it down");
    at.forge.behaviour.delayMs = 0;
    at.forge.behaviour.login = 'robot:s3cret/two';
    loginFile(remoteCredentials, 's3cret/two');
    await service.journal.append([result(2)]);
    assert.is((await service.publisher.publish()).outcome, 'Pushed', 'the file is read when it is used');
    at.forge.behaviour.login = 'robot:changed';
    await service.journal.append([result(3)]);
    assert.not.match(JSON.stringify([await service.publisher.publish(), service.events]), 's3cret');
    assert.throws(() => execFileSync('grep', ['-rl', 's3cret', stateDir]), 'grep finds nothing, and fails');
  },
);

test('#20.C12 a remote that says the password again, in whatever form, is not quoted with it', async () => {
  const at = createGitFolder();
  const password = 's3cret w/rd&';
  const forms = [password, encodeURIComponent(password), Buffer.from(`robot:${password}`).toString('base64')];
  const forge = createHttpServer((request, response) => {
    if (!request.headers.authorization) response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    else response.writeHead(403, { 'Content-Type': 'text/plain' }).end(`you said ${forms.join(' and ')}, forbidden\n`);
  });
  forge.listen(0, '127.0.0.1');
  await once(forge, 'listening');
  const url = `http://127.0.0.1:${(forge.address() as AddressInfo).port}/fleet.git`;
  const args = [
    'run',
    url,
    '--state-dir',
    at.path('state'),
    '--remote-credentials',
    loginFile(at.path('login'), password),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env: GIT_ENVIRONMENT });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  assert.equal(await once(child, 'exit'), [3, null], said);
  assert.match(said, 'forbidden');
  for (const form of forms) assert.not.ok(said.includes(form), said);
  forge.close();
  at.remove();
});

test('#20.C12 SIGTERM in the first fetch: no process stays whose environment holds the password', async () => {
  const at = createGitFolder();
  const sockets: Socket[] = [];
  const remote = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined)); // takes connections, asks for a login, and then never answers
    let asked = 0;
    socket.on('data', () => {
      asked += 1;
      if (asked === 1)
        socket.write('HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n');
    });
  });
  remote.listen(0, '127.0.0.1');
  await once(remote, 'listening');
  const { port } = remote.address() as AddressInfo;
  const login = loginFile(at.path('login'), 'n0body-elses/word');
  const args = [
    'run',
    `http://127.0.0.1:${port}/fleet.git`,
    '--state-dir',
    at.path('state'),
    '--remote-credentials',
    login,
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env: GIT_ENVIRONMENT, stdio: 'ignore' });
  await until(() => holders('n0body-elses/word').length > 0);
  child.kill('SIGTERM');
  assert.equal(await once(child, 'exit'), [0, null]);
  await until(() => holders('n0body-elses/word').length === 0, 3_000);
  for (const socket of sockets) socket.destroy();
  remote.close();
  at.remove();
});

/** Processes in whose environment a text stands. */
function holders(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

for (const [what, more, mode, code, told] of [
  ['a file that all may read', [], 0o644, 2, 'chmod 0600'],
  ['a file that is not there', ['--remote-credentials', '/nonexistent'], 0o600, 2, '/nonexistent is not there'],
  ['no remote', null, 0o600, 2, 'name one by --remote'],
] as const) {
  test(`#20.C12 --remote-credentials with ${what} is refused at the start`, async () => {
    const at = createGitFolder();
    const file = loginFile(at.path('login'), 's3cret');
    chmodSync(file, mode);
    const fleet = more === null ? at.root : 'https://127.0.0.1:9/fleet.git';
    const args = ['run', fleet, '--state-dir', at.path('state'), '--remote-credentials', file, ...(more ?? [])];
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env: GIT_ENVIRONMENT });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    assert.equal(await once(child, 'exit'), [code, null], said);
    assert.match(said, told);
    at.remove();
  });
}

test.run();
