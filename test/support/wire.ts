import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, type BmcOptions, startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { loopbackSecret, PASSWORD } from './bmc.ts';
import { createFakeClock } from './clock.ts';
import type { CreateSystem, TestSystem } from './controller.ts';
import { until } from './git-folder.ts';
import type { TestSystemOptions } from './lifecycle.ts';
import { machine } from './manifests.ts';

/** A system whose machine-1 is a simulated BMC, reached over TLS by the real client; both read the system's clock. */
export interface WireSystem extends TestSystem {
  readonly bmc: Bmc;
  /** Waits until the BMC (or the client) waits for so many moments of the clock. */
  waiting(owner: 'bmc' | 'executor', count: number): Promise<void>;
  /** Waits until the BMC (or the client) waits for this very moment of the clock. */
  waitingFor(owner: 'bmc' | 'executor', moment: string): Promise<void>;
  /** Waits until so many runs have ended, and all is settled. */
  ended(count: number): Promise<void>;
}

interface WireOptions extends TestSystemOptions, Pick<BmcOptions, 'managers' | 'preset'> {
  readonly timeout?: string;
  /** Further fields of machine-1. */
  readonly machine?: JsonObject;
  /** What the controller believes the BMC's password to be. */
  readonly password?: string;
}

/** Runs a test on a system with a BMC on the wire; the BMC is closed whatever happens. */
export async function onWire(
  create: CreateSystem,
  { timeout = '60s', machine: more, managers, preset, password = PASSWORD, files, ...options }: WireOptions,
  body: (system: WireSystem) => Promise<void>,
): Promise<void> {
  const clock = createFakeClock(options.now ?? '2026-03-10T10:00:00Z');
  const bmc = await startBmc({
    password: PASSWORD,
    clock: clock.view('bmc'),
    ...(managers && { managers }),
    ...(preset && { preset }),
  });
  try {
    const inventory = { Endpoint: bmc.endpoint, TLS: { Fingerprint: bmc.fingerprint }, Timeout: timeout, ...more };
    const credentials = createCredentials({ env: loopbackSecret(password) });
    const view = clock.view('executor');
    const executor = createLocalExecutor({ credentials, clock: view, settleMs: 0, random: () => 0.5 });
    const machines = { 'machines/one.yaml': machine('machine-1', inventory) };
    const system = await create({ ...options, clock, files: { ...machines, ...files }, executor: () => executor });
    const wire: WireSystem = Object.assign(system, {
      bmc,
      waiting: (owner: string, count: number) => until(() => clock.sleeping(owner).length >= count),
      waitingFor: (owner: string, moment: string) =>
        until(() => clock.sleeping(owner).some((each) => each.getTime() === Date.parse(moment))),
      async ended(count: number) {
        await until(() => system.of('finished').length >= count);
        await system.settled();
      },
    });
    await body(wire);
  } finally {
    await bmc.close();
  }
}
