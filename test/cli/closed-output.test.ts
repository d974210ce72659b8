import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCliFleet, jobText, until } from '../support/command.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');
const FULL = '/dev/full';

/** Starts the program; `closing` is a pipe that is closed as soon as something comes through. */
function start(args: readonly string[], out: 'closing' | number, err: 'closing' | 'pipe') {
  const stdout = out === 'closing' ? 'pipe' : out;
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', stdout, 'pipe'] });
  const said = { err: '' };
  let isClosed = out !== 'closing';
  child.stdout?.once('data', () => {
    child.stdout?.destroy();
    if (err === 'closing') child.stderr?.destroy();
    isClosed = true;
  });
  child.stderr?.on('data', (chunk) => (said.err += chunk));
  const exit = new Promise<unknown>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  return { child, said, exit, isClosed: () => isClosed };
}

for (const [what, format, err] of [
  ['run | head', 'text', 'pipe'],
  ['run --format json | head', 'json', 'pipe'],
  ['run 2>&1 | head', 'text', 'closing'],
  ['run --format json 2>&1 | head', 'json', 'closing'],
] as const) {
  test(`#22.13 ${what}: the controller goes on: a due job reaches its BMC, SIGTERM ends it in order`, async () => {
    const fleet = await createCliFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
    const options = ['--local', '--format', format, '--log-level', 'debug', '--credentials-dir', fleet.secrets];
    const service = start(['run', ...options, fleet.repository.clone], 'closing', err);
    try {
      await until(service.isClosed, `it prints: ${service.said.err}`);
      for (const token of ['t1', 't2']) {
        const requests = fleet.bmc.requests.length;
        await fleet.write({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59', `Trigger: ${token}`) });
        await fleet.repository.commit(`Token ${token}`);
        await until(() => fleet.bmc.requests.length > requests, `${token} runs: ${service.said.err}`);
      }
      service.child.kill('SIGTERM');
      assert.is(await service.exit, 0, service.said.err);
      assert.is(fleet.bmc.sessions, 0);
    } finally {
      service.child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

test('#22.13 validate | head says its own exit code; a disk that is full is a failure', async () => {
  const jobs = Array.from({ length: 300 }, (_, index) => [`jobs/j${index}.yaml`, 'Name: []\n'] as const);
  const fleet = await createCliFleet(Object.fromEntries(jobs));
  try {
    const refused = start(['validate', fleet.repository.clone], 'closing', 'pipe');
    assert.is(await refused.exit, 1, refused.said.err);
    const unprinted = start(['schema', 'job'], openSync(FULL, 'w'), 'pipe');
    assert.is(await unprinted.exit, 3);
    assert.match(unprinted.said.err, /^bmcron: cannot print: .*no space left/i);
  } finally {
    await fleet.remove();
  }
});

test.run();
