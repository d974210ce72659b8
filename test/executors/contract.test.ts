import { test } from 'uvu';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { asked, loopbackSecret, machineOf, PASSWORD } from '../support/bmc.ts';
import { executorContract } from './contract.ts';

executorContract('local', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  bmc.put('Oem/OpenBmc/Fan/Profile', 'Balanced');
  const credentials = createCredentials({ env: loopbackSecret() });
  return {
    executor: createLocalExecutor({ credentials, clock: systemClock, settleMs: 10, random: () => 0 }),
    part: {
      run: 'job@now',
      job: 'job',
      action: 'PatchProfile',
      machine: machineOf(bmc),
      payload: [{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }],
    },
    wanted: 'PowerSaver',
    value: () => bmc.get('Oem/OpenBmc/Fan/Profile'),
    set: (value) => bmc.put('Oem/OpenBmc/Fan/Profile', value),
    loseAnswer: () => bmc.faults.set({ kind: 'drop', applied: true, method: 'PATCH', times: 1 }),
    hang: () => bmc.faults.set({ kind: 'hang' }),
    changes: () => asked(bmc, 'PATCH').length,
    requests: () => asked(bmc).length,
    close: () => bmc.close(),
  };
});

test.run();
