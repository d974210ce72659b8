import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, type BmcOptions, startBmc } from '../../controller/demo/bmc.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { SetStage } from '../scenarios/scenario.ts';
import { loopbackSecret, PASSWORD } from './bmc.ts';
import { createFakeClock } from './clock.ts';
import type { Stage, StageOptions } from './controller.ts';
import { until } from './git-folder.ts';
import { machine } from './manifests.ts';

/** A stage whose machine-1 is a simulated BMC, spoken to over TLS by the real client; both read the stage's clock. */
export interface WireStage extends Stage {
  readonly bmc: Bmc;
  /** Waits until the BMC (or the client) waits for so many moments of the clock. */
  waiting(owner: 'bmc' | 'executor', count: number): Promise<void>;
  /** Waits until so many runs have ended, and all is settled. */
  ended(count: number): Promise<void>;
}

interface WireOptions extends StageOptions, Pick<BmcOptions, 'managers' | 'flavour'> {
  readonly timeout?: string;
  /** What the controller believes the BMC's password to be. */
  readonly password?: string;
}

/** Plays on a wire stage; its BMC is closed whatever happens. */
export async function onWire(
  set: SetStage,
  { timeout = '60s', managers, flavour, password = PASSWORD, files, ...options }: WireOptions,
  play: (stage: WireStage) => Promise<void>,
): Promise<void> {
  const clock = createFakeClock(options.now ?? '2026-03-10T10:00:00Z');
  const bmc = await startBmc({
    password: PASSWORD,
    clock: clock.view('bmc'),
    ...(managers && { managers }),
    ...(flavour && { flavour }),
  });
  try {
    const inventory = { Endpoint: bmc.endpoint, TLS: { Fingerprint: bmc.fingerprint }, Timeout: timeout };
    const credentials = createCredentials({ env: loopbackSecret(password) });
    const view = clock.view('executor');
    const executor = createLocalExecutor({ credentials, clock: view, settleMs: 0, random: () => 0.5 });
    const machines = { 'machines/one.yaml': machine('machine-1', inventory) };
    const stage = await set({ ...options, clock, files: { ...machines, ...files }, executor: () => executor });
    const wire: WireStage = Object.assign(stage, {
      bmc,
      waiting: (owner: string, count: number) => until(() => clock.sleeping(owner).length >= count),
      async ended(count: number) {
        await until(() => stage.of('finished').length >= count);
        await stage.settled();
      },
    });
    await play(wire);
  } finally {
    await bmc.close();
  }
}
