import { test } from 'uvu';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { loopbackSecret, PASSWORD } from '../support/bmc.ts';
import { executorContract, onBmc } from './contract.ts';

executorContract('local', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const credentials = createCredentials({ env: loopbackSecret() });
  return {
    executor: createLocalExecutor({ credentials, clock: systemClock, settleMs: 10, random: () => 0 }),
    ...onBmc(bmc),
    close: () => bmc.close(),
  };
});

test.run();
