import { join } from 'node:path';
import { siteOf } from '../../definitions/engine/site.ts';
import { createInForce, type InForce } from '../../definitions/lifecycle/in-force.ts';
import type { Settings } from '../../definitions/settings.ts';
import { systemClock } from '../clock.ts';
import { createCredentials } from '../credentials.ts';
import type { AttachedEngine } from '../engine/attach.ts';
import type { Lease } from '../engine/shared/lease.ts';
import type { EngineEvent } from '../events/engine-event.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { RedfishEvent } from '../events/redfish-event.ts';
import type { Executor } from '../executors/executor.ts';
import { createLocalExecutor } from '../executors/local.ts';
import { createRouter } from '../executors/router.ts';
import type { SharedRuns } from '../runs/part/shared-runs.ts';
import { type EngineOptions, engineAddress, processID } from './engine-options.ts';
import type { RunOptions } from './run-options.ts';
import { processName } from './standby.ts';

/** What carries out the parts of a controller's runs. */
export interface RunExecutor {
  readonly executor: Executor;
  /** By which the workers of sites are reached; null: none is. */
  readonly engine: RunEngine | null;
}

/** The engine of a controller, and what it shares there with others. */
export interface RunEngine extends AttachedEngine {
  readonly shared: SharedRuns;
  /** Null: no other controller may lead. */
  readonly lease: Lease | null;
}

export interface RunExecutorDeps {
  /** What is in force; null before the service is open. */
  readonly inForce: () => InForce | null;
  readonly observe: (event: ControllerEvent) => void;
  readonly observeRedfish: (event: RedfishEvent) => void;
  /** Where what is not in Git is kept. */
  readonly stateDir: string;
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
  const sites = () => inForce()?.settings.Sites ?? {};
  if (!options.engine) return { executor: createRouter({ local, remote: null, sites }), engine: null };
  return withEngine({ ...options, engine: options.engine }, deps, { local, sites });
}

/** Loaded here: who has no engine need not load what speaks to one. */
async function withEngine(
  { engine, standby = false }: RunOptions & { readonly engine: EngineOptions },
  { inForce, observe: observeAll, stateDir }: RunExecutorDeps,
  { local, sites }: { readonly local: Executor; readonly sites: () => Settings['Sites'] },
): Promise<RunExecutor> {
  const { attachEngine } = await import('../engine/attach.ts');
  const { createLease } = await import('../engine/shared/lease.ts');
  const { createMemoryFile } = await import('../engine/shared/memory-file.ts');
  const { withOwnResults } = await import('../engine/shared/own-results.ts');
  const { createSharedRuns } = await import('../engine/shared/shared-runs.ts');
  const { createStopwatch } = await import('../engine/stopwatch.ts');
  const [clock, id, stopwatch, nothing] = [systemClock, processID(), createStopwatch(systemClock), createInForce()];
  const observe = (detail: EngineEvent) => observeAll({ event: 'engine', detail });
  const attached = attachEngine({
    address: engineAddress(engine, 'controller'),
    id,
    clock,
    stopwatch,
    inForce: () => inForce() ?? nothing,
    observe,
  });
  const { link, remote } = attached;
  const siteOfMachine = (machineID: string) => {
    const machine = inForce()?.machines.get(machineID);
    return machine ? siteOf(machine, sites()) : null;
  };
  const memory = createMemoryFile(join(stateDir, 'engine.json'));
  const shared = createSharedRuns({ link, clock, id, hasStandby: standby, siteOf: siteOfMachine, memory });
  const monotonicMs = () => performance.now();
  const holder = processName();
  // DANGER: nothing is written, begun or changed any more. What was in progress goes on where the lease is now.
  const lost = () => process.exit(3);
  const lease = standby ? createLease({ link, clock, monotonicMs, stopwatch, id, holder, observe, lost }) : null;
  const close = async () => {
    shared.close();
    await attached.close();
  };
  const leads = () => lease?.isHeld ?? true;
  const own = lease ? withOwnResults({ local, link, clock, id, leads }) : local;
  return { executor: createRouter({ local: own, remote, sites }), engine: { ...attached, shared, lease, close } };
}
