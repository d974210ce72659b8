import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CliFleet, createCliFleet, jobText, until } from '../support/command.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

for (const [command, signal, code] of [
  [['probe'], 'SIGTERM', 1],
  [['probe'], 'SIGINT', 1],
  [['probe'], 'SIGHUP', 1],
  [['plan', '--live'], 'SIGTERM', 3],
  [['plan', '--live'], 'SIGINT', 3],
] as const) {
  test(`#20.9a #22.23 ${command.join(' ')} that ${signal} ends logs out from the BMC`, async () => {
    const fleet = await createCliFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
    await fleet.write({ 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59') });
    fleet.bmc.faults.set({ kind: 'hang', method: 'GET', path: '/Managers' });
    const args = [...command, '--credentials-dir', fleet.secrets, fleet.repository.clone];
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    try {
      await until(() => fleet.bmc.requests.some(({ path }) => path.includes('/Managers')), `it asks: ${said}`);
      assert.is(fleet.bmc.sessions, 1);
      child.kill(signal);
      assert.equal(await once(child, 'exit'), [code, null], said);
      assert.match(said, /ended by a signal before all BMCs had answered/);
      assert.not.match(said + out, /unexpected|aborted/);
      assert.is(fleet.bmc.sessions, 0);
    } finally {
      child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

/** A fleet whose job is due at once, and the program on its clone; what it prints is collected. */
async function running(args: readonly string[], settings = 'ShutdownTimeout: 1s\n') {
  const fleet = await createCliFleet({
    'bmcron.yaml': settings,
    'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59', 'Trigger: t1'),
  });
  const start = (env: Readonly<Record<string, string>> = {}) => {
    const command = ['run', ...args, '--credentials-dir', fleet.secrets];
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...command, fleet.repository.clone], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const said = { text: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said.text += chunk));
    return { child, said, exit: once(child, 'exit') };
  };
  return { fleet, start };
}

const logsOf = async (fleet: CliFleet, ref: string) => {
  const { stdout } = await promisify(execFile)('git', [
    '-C',
    fleet.repository.clone,
    'ls-tree',
    '-r',
    '--name-only',
    ref,
    'logs',
  ]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((path) => path.replace(/.*_(\w+)\.json$/, '$1'));
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`#22.23 run --once that ${signal} ends: past ShutdownTimeout interrupted, recorded, logged out, exit 3`, async () => {
    const { fleet, start } = await running(['--local', '--once']);
    fleet.bmc.faults.set({ kind: 'hang', method: 'PATCH', path: '/Managers/bmc' });
    const { child, said, exit } = start();
    try {
      await until(() => fleet.bmc.requests.some(({ method }) => method === 'PATCH'), `it sends: ${said.text}`);
      child.kill(signal);
      assert.equal(await exit, [3, null], said.text);
      assert.match(said.text, /bmcron run: ended by a signal: what ran is recorded/);
      assert.is(fleet.bmc.sessions, 0);
      assert.equal(await logsOf(fleet, 'HEAD'), ['failed']);

      fleet.bmc.faults.clear();
      const again = await fleet.bmcron('run', fleet.repository.clone, '--local', '--once');
      assert.not.match(again.stdout, /cut off when the service ended/, 'the first one has said it');
      assert.equal(await logsOf(fleet, 'HEAD'), ['failed'], 'a token runs once, ever');
    } finally {
      child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

test('#22.23 run --once that SIGTERM ends: what ends within ShutdownTimeout is done and recorded', async () => {
  const { fleet, start } = await running(['--local', '--once'], 'ShutdownTimeout: 60s\n');
  fleet.bmc.faults.set({ kind: 'slow', method: 'PATCH', path: '/Managers/bmc', ms: 1_000 });
  const { child, said, exit } = start();
  try {
    await until(() => fleet.bmc.requests.some(({ method }) => method === 'PATCH'), `it sends: ${said.text}`);
    child.kill('SIGTERM');
    assert.equal(await exit, [3, null], said.text);
    assert.is(fleet.bmc.sessions, 0);
    assert.equal(await logsOf(fleet, 'HEAD'), ['success']);
  } finally {
    child.kill('SIGKILL');
    await fleet.remove();
  }
});

/** An `ssh` that runs what it is asked for here, until a file is there: then it says nothing. */
const ssh = (hang: string) => `#!/bin/sh
[ -e "${hang}" ] && { echo waits >> "${hang}"; exec sleep 600; }
for last; do :; done
exec sh -c "$last"
`;

for (const [what, args] of [
  ['run', []],
  ['run --once', ['--once']],
] as const) {
  test(`#22.23 ${what}: SIGTERM while a fetch hangs after the start ends it in order, and soon`, async () => {
    const { fleet, start } = await running(['--remote', 'origin', '--pull-interval', '200ms', ...args]);
    const [program, hang] = [join(fleet.folder, 'ssh'), join(fleet.folder, 'hang')];
    await writeFile(program, ssh(hang), { mode: 0o755 });
    const git = (...words: string[]) => promisify(execFile)('git', ['-C', fleet.repository.clone, ...words]);
    await git('remote', 'set-url', 'origin', `ssh://host${fleet.repository.remote}`);
    if (args.length > 0) await writeFile(hang, '');
    const { child, said, exit } = start({ GIT_SSH_COMMAND: program });
    try {
      if (args.length === 0) {
        await until(() => /published as commit/.test(said.text), `it works: ${said.text}`);
        await writeFile(hang, '');
      }
      await until(async () => (await readFile(hang, 'utf8')).includes('waits'), `it asks: ${said.text}`);
      const began = Date.now();
      child.kill('SIGTERM');
      assert.equal(await exit, [args.length > 0 ? 3 : 0, null], said.text);
      assert.ok(Date.now() - began < 55_000, 'the last publication may take 40 s, a hanging look nothing');
      assert.not.match(said.text, /could not read the fleet|does not answer: stopped/);
    } finally {
      child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

for (const [command, said] of [
  [['trigger', 'nightly'], /^bmcron trigger: stopped before its end, as was asked for/],
  [['status', '--fetch'], /the remote does not answer \(stopped before its end/],
] as const) {
  test(`#22.23 ${command.join(' ')}: SIGINT while the remote hangs ends it and says so, no git stays`, async () => {
    const { fleet } = await running([]);
    const [program, hang] = [join(fleet.folder, 'ssh'), join(fleet.folder, 'hang')];
    await writeFile(program, ssh(hang), { mode: 0o755 });
    await writeFile(hang, '');
    const git = ['-C', fleet.repository.clone, 'remote', 'set-url', 'origin', `ssh://host${fleet.repository.remote}`];
    await promisify(execFile)('git', git);
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...command, fleet.repository.clone], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, GIT_SSH_COMMAND: program },
    });
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    try {
      await until(async () => (await readFile(hang, 'utf8')).includes('waits'), `it asks: ${err}`);
      child.kill('SIGINT');
      assert.equal(await once(child, 'exit'), [command[0] === 'trigger' ? 3 : 0, null], err);
      assert.match(err, said);
    } finally {
      child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

test.run();
