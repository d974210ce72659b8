import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  commit,
  createGitFolder,
  GIT_ENVIRONMENT,
  git,
  remoteAndClone,
  until,
  workTree,
} from '../support/git-folder.ts';
import { daily, machine } from '../support/manifests.ts';
import { gitProcesses } from '../support/publisher.ts';
import { FILES } from './fault.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

/** The program as a process, and what it says. */
function bmcron(...args: string[]): {
  child: ChildProcess;
  said: () => string;
  hears: (text: string) => Promise<void>;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'run', ...args], { env: GIT_ENVIRONMENT });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const hears = async (text: string) => {
    while (!said.includes(text)) await Promise.race([once(child.stdout, 'data'), failed(child, () => said)]);
  };
  return { child, said: () => said, hears };
}

async function failed(child: ChildProcess, said: () => string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`ended with ${code}: ${said()}`);
}

/** SIGTERM, once it is heard: on a busy machine a test is faster than the line after `ready`. */
async function ended(child: ChildProcess): Promise<unknown> {
  await until(() => {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & (1n << 14n)) !== 0n;
  });
  child.kill('SIGTERM');
  return once(child, 'exit');
}

test('F25: a second controller of one state folder ends with 3 and says who has it; a SIGKILL frees it', async () => {
  const at = createGitFolder();
  const fleet = workTree(at.path('fleet'), { 'machines/m.yaml': 'ID: m\nEndpoint: https://127.0.0.1:9\n' });
  const first = bmcron(fleet);
  await first.hears('ready');
  const second = bmcron(fleet);
  const [code] = await once(second.child, 'exit');
  assert.is(code, 3, second.said());
  assert.match(second.said(), `process ${first.child.pid}`);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const third = bmcron(fleet, '--once');
  assert.equal(await once(third.child, 'exit'), [0, null], third.said());
  at.remove();
});

for (const [what, args, expected] of [
  ['', [], [0, null]],
  [', the branch being known', ['--branch', 'main'], [0, null]],
  // Nothing of what was due has been done (#22.23).
  [', with --once', ['--once'], [3, null]],
] as const) {
  test(`#20.9a R30: SIGTERM while the first start waits for a remote that hangs${what}: no git stays`, async () => {
    const at = createGitFolder();
    const remote = createServer(); // takes connections, and never answers
    remote.listen(0, '127.0.0.1');
    await once(remote, 'listening');
    const { port } = remote.address() as AddressInfo;
    const sockets: Socket[] = [];
    remote.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)));
    const { child, said } = bmcron(`http://127.0.0.1:${port}/fleet.git`, '--state-dir', at.path('state'), ...args);
    await until(() => sockets.length > 0 && gitProcesses(at.root).length > 0);
    const began = Date.now();
    child.kill('SIGTERM');
    assert.equal(await once(child, 'exit'), expected, said());
    assert.ok(Date.now() - began < 10_000, 'soon');
    await until(() => gitProcesses(at.root).length === 0, 3_000);
    for (const socket of sockets) socket.destroy();
    remote.close();
    at.remove();
  });
}

test('R39: a start while the remote is away runs from what is here; the first one says what it lacks', async () => {
  const at = createGitFolder();
  const { bare } = remoteAndClone(at, FILES);
  const url = `file://${bare}`;
  const state = ['--state-dir', at.path('state')];
  const missing = bmcron(`file://${at.path('nowhere.git')}`, '--state-dir', at.path('other'));
  assert.equal(await once(missing.child, 'exit'), [3, null]);
  assert.match(missing.said(), 'nowhere.git');
  const first = bmcron(url, ...state);
  await first.hears('ready');
  assert.equal(await ended(first.child), [0, null], first.said());
  renameSync(bare, `${bare}.away`);
  const second = bmcron(url, ...state);
  await second.hears('ready');
  assert.equal(await ended(second.child), [0, null], second.said());
  at.remove();
});

for (const [what, damage, exit] of [
  ['a damaged clone', (state: string) => rmSync(`${state}/repo.git/objects`, { recursive: true }), 0],
  ['no clone', (state: string) => rmSync(`${state}/repo.git`, { recursive: true }), 0],
  ['no clone and no journal', (state: string) => removeAll(state, 'repo.git', 'journal'), 3],
] as const) {
  test(`F17: a start with ${what} while the remote is away ${exit === 0 ? 'runs from what was kept' : 'is refused'}`, async () => {
    const at = createGitFolder();
    const jobs = { 'jobs/a.yaml': daily(), 'machines/m.yaml': machine('machine-1') };
    const { bare } = remoteAndClone(at, jobs);
    const state = at.path('state');
    const first = bmcron(`file://${bare}`, '--state-dir', state);
    await until(() => existsSync(`${state}/snapshot.json`) && first.said().includes('published'), 60_000);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    renameSync(bare, `${bare}.away`);
    damage(state);
    const second = bmcron(`file://${bare}`, '--state-dir', state, '--pull-interval', '1s');
    if (exit !== 0) {
      assert.equal(await once(second.child, 'exit'), [exit, null]);
      assert.match(second.said(), 'remote.git');
    } else {
      await second.hears('ready: 1 job');
      assert.match(second.said(), 'snapshot.json');
      renameSync(`${bare}.away`, bare);
      const human = at.path('human');
      git(human, 'pull', '--quiet', '--rebase');
      commit(human, { 'jobs/b.yaml': daily({ Name: 'B' }) });
      git(human, 'push', '--quiet');
      await until(() => git(bare, 'ls-tree', '-r', '--name-only', 'main').includes('jobs/b.status.yaml'), 60_000);
      const logs = git(bare, 'log', '--author=bmcron', '--name-only', '--format=', 'main', '--', 'jobs/a.status.yaml');
      assert.is(logs, 'jobs/a.status.yaml', 'what had not changed was not written again');
      assert.equal(await ended(second.child), [0, null], second.said());
    }
    at.remove();
  });
}

function removeAll(state: string, ...names: readonly string[]): void {
  for (const name of names) rmSync(`${state}/${name}`, { recursive: true });
}

test.run();
