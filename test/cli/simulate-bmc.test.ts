import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ended, until } from '../support/command.ts';
import { temporary } from '../support/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

interface Told {
  readonly machines: readonly { readonly id: string; readonly endpoint: string }[];
  readonly credentialsDir: string;
  readonly inventory: string;
}

/** Runs the command until the test has looked at what it told; its exit code. */
async function simulated(args: readonly string[], look: (told: Told) => Promise<void>): Promise<number | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'simulate-bmc', '--format', 'json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  try {
    await until(() => printed.endsWith('\n'), 'it tells where the BMCs are', 60_000);
    await look(JSON.parse(printed) as Told);
  } finally {
    child.kill('SIGTERM');
  }
  return exit;
}

test('#19.4 simulate-bmc: its inventory and credentials are all that probe needs; it lasts', async () => {
  const { path: folder, remove } = temporary();
  const args = ['--preset', 'ilo', 'supermicro', '--count', '3', '--keep', folder];
  let first = '';
  try {
    const code = await simulated(args, async ({ machines, credentialsDir, inventory }) => {
      assert.equal(
        machines.map(({ id }) => id),
        ['ilo-1', 'supermicro-1', 'ilo-2'],
      );
      first = readFileSync(inventory, 'utf8');
      const probed = await ended(['probe', '--format', 'json', '--credentials-dir', credentialsDir, folder]);
      assert.is(probed.code, 0, probed.stdout + probed.stderr);
      assert.match(probed.stdout, /iLO 6 v1\.66/);
      assert.is(first.match(/Identity:/g)?.length, 3, first);
      const password = readFileSync(join(credentialsDir, 'simulated', 'password'), 'utf8');
      assert.not.match(first + probed.stdout, new RegExp(password));
    });
    assert.is(code, 0);
    await simulated(args, async ({ inventory }) => assert.is(readFileSync(inventory, 'utf8'), first));
  } finally {
    remove();
  }
});

test('#19.4 simulate-bmc: without --keep nothing is left; what presets there are is told', async () => {
  let folder = '';
  await simulated([], async ({ credentialsDir }) => {
    folder = join(credentialsDir, '..');
    assert.ok(existsSync(folder));
  });
  assert.not(existsSync(folder));
  const wrong = await ended(['simulate-bmc', '--preset', 'ibm']);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /openbmc, idrac, ilo, xcc, supermicro, gb300/);
});

test.run();
