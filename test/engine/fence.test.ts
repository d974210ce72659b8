import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { asked, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';

for (const [action, payload, method] of [
  ['PatchProfile', { ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }, 'PATCH'],
  ['ResetManager', { ManagerID: 'bmc', Payload: { ResetType: 'GracefulRestart' } }, 'POST'],
] as const) {
  test(`R62 ${action}: the fence is asked right before a change, and where it says no nothing is sent`, async () => {
    const bmc = await startBmc({ password: PASSWORD });
    const credentials = createCredentials({ env: loopbackSecret() });
    const local = createLocalExecutor({ credentials, clock: systemClock, settleMs: 0, random: () => 0 });
    const changes = () => asked(bmc, method).filter((each) => !each.includes('Sessions')).length;
    try {
      const stop = new AbortController();
      let asks = 0;
      const fence = () => {
        asks += 1;
        assert.is(changes(), 0);
        stop.abort(new Error('the lease is over'));
        throw new Error('the lease is over');
      };
      const part = { run: 'job@1', job: 'job', action, machine: machineOf(bmc), payload: [payload] };
      const { outcome } = await local.execute(part, stop.signal, undefined, undefined, fence);
      assert.equal([outcome, asks, changes()], ['Interrupted', 1, 0]);
      assert.is(bmc.sessions, 0, 'it has logged out');
    } finally {
      await bmc.close();
    }
  });
}

test.run();
