// A real controller that talks to real BMCs, to be killed: wire-child.ts REPOSITORY STATE_DIR HEARD. Each part that it
// begins, or looks at again, is in the file HEARD before a BMC hears of it.
import { appendFileSync } from 'node:fs';
import { systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { Part } from '../../definitions/run.ts';
import { loopbackSecret } from '../support/bmc.ts';
import { runController } from './controller.ts';

const [fleet = '', stateDir = '', heard = ''] = process.argv.slice(2);
const SETTLE_MS = 100;

const real = createLocalExecutor({
  credentials: createCredentials({ env: loopbackSecret() }),
  clock: systemClock,
  settleMs: SETTLE_MS,
  random: Math.random,
});

function begin({ job, machine }: Part): void {
  appendFileSync(heard, `${Date.now()} ${job}/${machine.ID}\n`);
}

const executor: Executor = {
  execute(part, ...rest) {
    begin(part);
    return real.execute(part, ...rest);
  },
  recover(part, signal) {
    begin(part);
    return real.recover(part, signal);
  },
};

await runController(fleet, stateDir, executor);
