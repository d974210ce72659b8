import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openJournal } from '../../controller/state/journal.ts';
import { LockHeld, takeLock } from '../../controller/state/lock.ts';
import { createGitFolder, status } from '../support/git-folder.ts';

const LOCK = join(import.meta.dirname, '..', '..', 'controller', 'state', 'lock.ts');

/** A process that takes the lock, says `taken` or why not, and stays. */
async function holder(folder: string, options = '{}'): Promise<{ child: ChildProcess; said: string }> {
  const program = `
    const { takeLock } = await import(${JSON.stringify(LOCK)});
    await takeLock(process.argv[1], ${options}).then(() => console.log('taken'), (error) => console.log(error.message));
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

const elsewhere = { pid: 1, host: 'elsewhere', namespace: 'pid:[1]', started: '' };
const besides = { pid: process.pid, host: hostname(), namespace: 'pid:[1]', started: '' };

for (const [what, holder, says] of [
  ['on another host', elsewhere, /process 1 on host "elsewhere", holds the state folder/],
  ['in another container of this host name', besides, /process \d+, holds the state folder/],
] as const) {
  test(`a holder ${what} counts while its heartbeat moves, whatever its clock says`, async () => {
    const at = createGitFolder();
    const path = at.path('lock');
    for (const year of [2026, 2126]) {
      writeFileSync(path, JSON.stringify(holder));
      let beats = (holder === besides ? Date.now() : Date.UTC(year, 0)) / 1_000;
      const heart = setInterval(() => {
        beats += 1;
        utimesSync(path, beats, beats);
      }, 20);
      const refused = await takeLock(at.root, { silentMs: 20_000 }).catch((error) => error);
      clearInterval(heart);
      assert.instance(refused, LockHeld);
      assert.match(refused.message, says);
      await (await takeLock(at.root, { silentMs: 300 })).release();
    }
    at.remove();
  });
}

test('a look at another host ends with the signal that asks for an end', async () => {
  const at = createGitFolder();
  writeFileSync(at.path('lock'), JSON.stringify(elsewhere));
  const stop = new AbortController();
  const taking = takeLock(at.root, { signal: stop.signal }).catch((error) => error.message);
  stop.abort(new Error('asked to end'));
  assert.is(await taking, 'asked to end');
  at.remove();
});

test('#20 whose lock another has taken meanwhile writes nothing more, and hears of it', async () => {
  const at = createGitFolder();
  const lost: string[] = [];
  const lock = await takeLock(at.root, { lost: ({ message }) => lost.push(message) });
  const journal = await openJournal(at.path('journal'), { mayWrite: lock.held });
  await journal.append([status('a', 1)]);
  const before = readFileSync(at.path('journal', '000000000001.ndjson'), 'utf8');
  writeFileSync(at.path('lock'), JSON.stringify(elsewhere));
  const refused = await journal.append([status('a', 2)]).catch((error) => error);
  assert.match(
    refused.message,
    /cannot be written: the lock of the state folder .* is another's, or gone: this process may write nothing/,
  );
  assert.is(lost.length, 1);
  assert.is(readFileSync(at.path('journal', '000000000001.ndjson'), 'utf8'), before);
  await lock.release();
  assert.is(JSON.parse(readFileSync(at.path('lock'), 'utf8')).host, 'elsewhere', "another's lock stays");
  await journal.close();
  at.remove();
});

test('#20 a process that was frozen and whose lock is gone ends by its next heartbeat', async () => {
  const at = createGitFolder();
  const { child } = await holder(at.root, '{ heartbeatMs: 50, lost: (error) => process.exit(error.message.length) }');
  child.kill('SIGSTOP');
  writeFileSync(at.path('lock'), JSON.stringify(elsewhere));
  child.kill('SIGCONT');
  const [code] = await once(child, 'exit');
  assert.ok(code > 0);
  at.remove();
});

test('#20 what is no lock of ours: a pipe is none, a full takeover folder is told', async () => {
  const at = createGitFolder();
  execFileSync('mkfifo', [at.path('lock')]);
  await (await takeLock(at.root)).release();
  writeFileSync(at.path('lock'), JSON.stringify({ ...elsewhere, host: hostname(), namespace: '', pid: 2 ** 22 + 1 }));
  mkdirSync(at.path('lock.takeover'));
  writeFileSync(at.path('lock.takeover', 'x'), '');
  utimesSync(at.path('lock.takeover'), 0, 0);
  const refused = await takeLock(at.root).catch((error) => error);
  assert.match(refused.message, /lock\.takeover is not empty: look what it is, and remove it/);
  at.remove();
});

test.run();
