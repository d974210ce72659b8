import { join } from 'node:path';
import { printLog } from '../../definitions/log.ts';
import { assemble } from '../assembly.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import { createDemoFleet, type DemoFleet } from '../demo/fleet.ts';
import type { ControllerEvent } from '../event.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { createTextLogger } from '../logger.ts';
import type { Exit } from './exit.ts';

/** What `bmcron demo` takes. */
export interface DemoOptions {
  readonly machines: number;
}

const FIRST_RUN_AFTER_MS = 5_000;

/** A fleet in a temporary folder, simulated BMCs on loopback, the real controller; until Ctrl-C. */
export async function demo(options: DemoOptions): Promise<Exit> {
  const say = (text: string) => process.stdout.write(text);
  const firstRun = new Date(Date.now() + FIRST_RUN_AFTER_MS).toISOString().slice(11, 19);
  const interrupted = signal();
  const fleet = await createDemoFleet({ ...options, firstRun });
  try {
    say(introduction(fleet, firstRun));
    const log = createTextLogger('info', systemClock, say);
    let told = false;
    const observe = (event: ControllerEvent) => {
      log(event);
      if (event.event === 'recorded' && !told) say(`\n${event.path}:\n${printLog(event.log)}\n`);
      if (event.event !== 'published' || event.outcome !== 'Pushed' || told) return;
      if (finished) {
        told = true;
        say(whatToTry(fleet, event.commit));
      }
    };
    const finished = false;
    const credentials = createCredentials({ dir: fleet.credentialsDir, env: {} });
    const assembly = await assemble({
      clock: systemClock,
      fleet: fleet.repository.clone,
      remote: 'origin',
      push: true,
      stateDir: join(fleet.folder, 'state'),
      pullIntervalMs: 30_000,
      environment: process.env,
      executor: createLocalExecutor({ credentials, clock: systemClock }),
      observe,
    });
  } finally {
    await fleet.remove();
  }
  return 0;
}
