import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LockHeld, takeLock } from '../../controller/state/lock.ts';
import { createGitFolder } from '../support/git-folder.ts';

const LOCK = join(import.meta.dirname, '..', '..', 'controller', 'state', 'lock.ts');

/** A process that takes the lock, says `taken` or why not, and stays. */
async function holder(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const program = `
    const { takeLock } = await import(${JSON.stringify(LOCK)});
    await takeLock(process.argv[1]).then(() => console.log('taken'), (error) => console.log(error.message));
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await once(child.stdout, 'data');
  return { child, said: String(chunk).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('F25: a second controller of one state folder hears who has it', async () => {
  const at = createGitFolder();
  const first = await holder(at.root);
  assert.is(first.said, 'taken');
  const refused = await takeLock(at.root).catch((error) => error);
  assert.instance(refused, LockHeld);
  assert.match(refused.message, `process ${first.child.pid}`);
  await kill(first.child);
  const lock = await takeLock(at.root);
  await lock.release();
  assert.not.ok(existsSync(at.path('lock')));
  at.remove();
});

test('F25: of many that find a dead one, one gets the lock', async () => {
  const at = createGitFolder();
  await kill((await holder(at.root)).child);
  const rivals = await Promise.all(Array.from({ length: 4 }, () => holder(at.root)));
  assert.is(rivals.filter(({ said }) => said === 'taken').length, 1, rivals.map(({ said }) => said).join('\n'));
  for (const { child } of rivals) await kill(child);
  at.remove();
});

for (const [name, change] of [
  ['a number given to another process since', { started: 'another boot:1' }],
  ['a dead number', { pid: 2 ** 22 + 1 }],
] as const) {
  test(`a stale lock of ${name} is taken over`, async () => {
    const at = createGitFolder();
    await (await takeLock(at.path('other'))).release();
    const own = { pid: process.ppid, host: (await import('node:os')).hostname(), started: 'x' };
    writeFileSync(at.path('lock'), JSON.stringify({ ...own, ...change }));
    const lock = await takeLock(at.root);
    assert.is(JSON.parse(readFileSync(at.path('lock'), 'utf8')).pid, process.pid);
    await lock.release();
    at.remove();
  });
}

test('a holder on another host counts while it gives signs of life', async () => {
  const at = createGitFolder();
  writeFileSync(at.path('lock'), JSON.stringify({ pid: 1, host: 'elsewhere', started: '' }));
  assert.match((await takeLock(at.root).catch((error) => error)).message, 'on host "elsewhere"');
  utimesSync(at.path('lock'), new Date(0), new Date(0));
  await (await takeLock(at.root)).release();
  at.remove();
});

test.run();
