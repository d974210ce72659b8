// The process that is killed: a real controller on the repository and state folder that its arguments name.
import { systemClock } from '../../controller/clock.ts';
import type { Executor } from '../../controller/executors/executor.ts';
import { openService } from '../../controller/service.ts';
import { runUntilSignal } from '../../controller/signals.ts';
import { GIT_ENVIRONMENT } from '../support/git-folder.ts';

/** Says `ready` once it has started, and runs until a signal. */
export async function runController(fleet: string, stateDir: string, executor: Executor): Promise<void> {
  const service = await openService({
    location: { fleet, branch: 'main' },
    stateDir,
    environment: GIT_ENVIRONMENT,
    push: true,
    skipCI: false,
    pullIntervalMs: 60_000,
    executor,
    random: Math.random,
    clock: systemClock,
    observe: () => undefined,
  });
  await runUntilSignal(service, async () => {
    await service.controller.start();
    process.stdout.write('ready\n');
  });
  await service.close();
}
