import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FILES } from './fault.ts';
import { GIT_ENVIRONMENT, ground, remoteAndClone, workTree } from './ground.ts';

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

test('F25: a second controller of one state folder ends with 3 and says who has it; a SIGKILL frees it', async () => {
  const at = ground();
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

test('R39: a start while the remote is away runs from what is here; the first one says what it lacks', async () => {
  const at = ground();
  const { bare } = remoteAndClone(at, FILES);
  const url = `file://${bare}`;
  const state = ['--state-dir', at.path('state')];
  const missing = bmcron(`file://${at.path('nowhere.git')}`, '--state-dir', at.path('other'));
  assert.equal(await once(missing.child, 'exit'), [3, null]);
  assert.match(missing.said(), 'nowhere.git');
  const first = bmcron(url, ...state);
  await first.hears('ready');
  first.child.kill('SIGTERM');
  assert.equal(await once(first.child, 'exit'), [0, null], first.said());
  const { renameSync } = await import('node:fs');
  renameSync(bare, `${bare}.away`);
  const second = bmcron(url, ...state);
  await second.hears('ready');
  second.child.kill('SIGTERM');
  assert.equal(await once(second.child, 'exit'), [0, null], second.said());
  at.remove();
});

test.run();
