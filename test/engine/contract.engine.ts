import { test } from 'uvu';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import { executorContract, onBmc } from '../executors/contract.ts';
import { loopbackSecret, PASSWORD } from '../support/bmc.ts';
import { openLine, SITE, startWorker } from '../support/nats/line.ts';
import { startNats } from '../support/nats/server.ts';

const nats = await startNats();
let subjects = 0;

executorContract('a worker at a site', async () => {
  const bmc = await startBmc({ password: PASSWORD });
  const credentials = createCredentials({ env: loopbackSecret() });
  const local = createLocalExecutor({ credentials, clock: systemClock, settleMs: 10, random: () => 0 });
  const line = openLine(nats.url, local);
  await line.engine();
  const worker = await startWorker(nats.url, local);
  subjects += 1;
  const job = `job${subjects}`; // names of one test are done for ever: another needs its own
  return {
    executor: {
      execute: (part, ...more) => line.executor.execute({ ...part, run: `${job}.${part.run}` }, ...more),
      recover: (part, ...more) => line.executor.recover({ ...part, run: `${job}.${part.run}` }, ...more),
    },
    ...onBmc(bmc, job, { site: SITE }),
    async close() {
      await worker.close();
      await line.close();
      await bmc.close();
    },
  };
});

test.after(() => nats.close());

test.run();
