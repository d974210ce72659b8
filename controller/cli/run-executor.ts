import type { InForce } from '../../definitions/lifecycle/in-force.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import type { AttachedEngine } from '../engine/attach.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import type { Executor } from '../executors/executor.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { createRouter } from '../executors/router.ts';
import { engineAddress, processID } from './engine-options.ts';
import type { RunOptions } from './run-options.ts';

/** What carries out the parts of a controller's runs. */
export interface RunExecutor {
  readonly executor: Executor;
  /** By which the workers of sites are reached; null: none is. */
  readonly engine: AttachedEngine | null;
}

export interface RunExecutorDeps {
  /** What is in force; null before the service is open. */
  readonly inForce: () => InForce | null;
  readonly observe: (event: ControllerEvent) => void;
  readonly observeRedfish: (event: RedfishEvent) => void;
}

/** From here by itself, and to the machines of sites by an engine where one was named. */
export async function openRunExecutor(options: RunOptions, deps: RunExecutorDeps): Promise<RunExecutor> {
  const { inForce, observe, observeRedfish } = deps;
  const local = createLocalExecutor({
    random: Math.random,
    credentials: createCredentials({ dir: options.credentialsDir, env: process.env }),
    clock: systemClock,
    observe(event) {
      if (event.kind === 'session left')
        observe({ event: 'sessionLeft', machine: event.machine, reason: event.reason });
      observeRedfish(event);
    },
  });
  const engine = options.engine ? await attach(options.engine, deps) : null;
  const sites = () => inForce()?.settings.Sites ?? {};
  return { executor: createRouter({ local, remote: engine?.remote ?? null, sites }), engine };
}

/** Loaded here: who has no engine need not load what speaks to one. */
async function attach(
  given: NonNullable<RunOptions['engine']>,
  { inForce, observe }: RunExecutorDeps,
): Promise<AttachedEngine> {
  const { attachEngine } = await import('../engine/attach.ts');
  const { createStopwatch } = await import('../engine/stopwatch.ts');
  const { createInForce } = await import('../../definitions/lifecycle/in-force.ts');
  const nothing = createInForce();
  return attachEngine({
    address: engineAddress(given, 'controller'),
    id: processID(),
    clock: systemClock,
    stopwatch: createStopwatch(systemClock),
    inForce: () => inForce() ?? nothing,
    observe: (detail) => observe({ event: 'engine', detail }),
  });
}
