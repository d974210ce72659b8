import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCliFleet, jobText, until } from '../support/command.ts';

const MAIN = join(import.meta.dirname, '../../controller/main.ts');

for (const [command, signal, code] of [
  [['probe'], 'SIGTERM', 1],
  [['probe'], 'SIGINT', 1],
  [['probe'], 'SIGHUP', 1],
  [['plan', '--live'], 'SIGTERM', 3],
  [['plan', '--live'], 'SIGINT', 3],
] as const) {
  test(`#20.9a ${command.join(' ')} that ${signal} ends logs out from the BMC`, async () => {
    const fleet = await createCliFleet({ 'jobs/nightly.yaml': jobText(['machine-1'], 'Balanced', '23:59:59') });
    await fleet.write({ 'jobs/nightly.yaml': jobText(['machine-1'], 'PowerSaver', '23:59:59') });
    fleet.bmc.faults.set({ kind: 'hang', method: 'GET', path: '/Managers' });
    const args = [...command, '--credentials-dir', fleet.secrets, fleet.repository.clone];
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    try {
      await until(() => fleet.bmc.requests.some(({ path }) => path.includes('/Managers')), `it asks: ${said}`);
      assert.is(fleet.bmc.sessions, 1);
      child.kill(signal);
      assert.equal(await once(child, 'exit'), [code, null], said);
      assert.is(fleet.bmc.sessions, 0);
    } finally {
      child.kill('SIGKILL');
      await fleet.remove();
    }
  });
}

test.run();
