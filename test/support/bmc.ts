// What tests of the client share: a BMC, a machine of the inventory that points at it, an executor that may talk to it.
import { type Clock, systemClock } from '../../controller/clock.ts';
import { createCredentials } from '../../controller/credentials.ts';
import { type Bmc, type BmcOptions, startBmc } from '../../controller/demo/bmc.ts';
import type { RedfishEvent } from '../../controller/events/redfish-event.ts';
import type { Wait } from '../../controller/executors/executor.ts';
import { createLocalExecutor } from '../../controller/executors/local.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Machine, MachineIdentity } from '../../definitions/machine.ts';
import type { Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

export const PASSWORD = 'c0rrect-h0rse';

/** A clock that runs so many times as fast as the host's. */
export function fastClock(times = 20): Clock {
  const began = Date.now();
  const now = () => new Date(began + (Date.now() - began) * times);
  return {
    now,
    sleep: (until, signal) =>
      systemClock.sleep(new Date(Date.now() + (until.getTime() - now().getTime()) / times), signal),
  };
}

export interface TestMachine {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly events: RedfishEvent[];
  run(action: string, payload: readonly PayloadEntry[], more?: RunOptions): Promise<Result>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly machine?: Partial<Machine>;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly wait?: Wait;
  /** Whom the BMC must prove to be. */
  readonly identity?: MachineIdentity;
}

export interface TestMachineOptions extends BmcOptions {
  readonly settleMs?: number;
  readonly machine?: Partial<Machine>;
}

/** The variables of a reference that may be used for anything on the loopback. */
export function loopbackSecret(password = PASSWORD): Readonly<Record<string, string>> {
  return { BMCRON_LAB_USERNAME: 'root', BMCRON_LAB_PASSWORD: password, BMCRON_LAB_ENDPOINTS: '127.0.0.1' };
}

/** A machine whose BMC is trusted by its fingerprint. */
export function machineOf(bmc: Pick<Bmc, 'endpoint' | 'fingerprint'>, more: Partial<Machine> = {}): Machine {
  return {
    ID: 'node-1',
    Type: 'Extend',
    Endpoint: bmc.endpoint,
    CredentialsRef: 'lab',
    ...(bmc.fingerprint ? { TLS: { Fingerprint: bmc.fingerprint } } : {}),
    Timeout: '60s',
    ...more,
  };
}

/** A BMC and all that is needed to run actions on it. */
export async function startMachine({
  settleMs = 0,
  machine: more,
  ...options
}: TestMachineOptions = {}): Promise<TestMachine> {
  const bmc = await startBmc({ password: PASSWORD, ...options });
  const machine = machineOf(bmc, more);
  const events: RedfishEvent[] = [];
  const clock = options.clock ?? systemClock;
  const observe = (event: RedfishEvent) => void events.push(event);
  const byEnv = new Map<unknown, ReturnType<typeof createLocalExecutor>>();
  const executorFor = (env: Readonly<Record<string, string>> | undefined) => {
    const known = byEnv.get(env);
    if (known) return known;
    const credentials = createCredentials({ env: env ?? loopbackSecret() });
    const made = createLocalExecutor({ credentials, clock, observe, settleMs, random: () => 0.5 });
    byEnv.set(env, made);
    return made;
  };
  return {
    bmc,
    machine,
    events,
    run(action, payload, { machine: changed, signal, env, wait, identity } = {}) {
      const target = { machine: { ...machine, ...changed }, ...(identity && { identity }) };
      const part = { run: 'job@now', job: 'job', action, payload, ...target };
      return executorFor(env).execute(part, signal ?? new AbortController().signal, wait);
    },
    close: () => bmc.close(),
  };
}

/** A payload entry for a manager, or something on it. */
export function entry(ManagerID: string, Payload: JsonObject, target: Partial<PayloadEntry> = {}): PayloadEntry {
  return { ManagerID, ...target, Payload };
}

/** The requests of a kind that a BMC got, as `METHOD path`. */
export function asked(bmc: Bmc, method?: string): string[] {
  return bmc.requests.filter((each) => !method || each.method === method).map((each) => `${each.method} ${each.path}`);
}
