// What the acceptance cases share that switch hosts and restart things.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { HostHabits } from '../../controller/demo/machine/host.ts';
import type { PresetName } from '../../controller/demo/presets/index.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome, Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { asked, fastClock, startMachine, type TestMachine } from '../support/bmc.ts';

/** Minutes pass in seconds; what a machine that is busy with others loses of real time counts as many times as much. */
export const TIMES = 60;

/** How a host behaves, and what must come of it. */
export interface PowerCase {
  readonly title: string;
  readonly preset?: PresetName;
  readonly host?: Partial<HostHabits>;
  readonly faults?: readonly Fault[];
  readonly before?: (machine: TestMachine) => void | Promise<void>;
  readonly action?: string;
  readonly payload: JsonObject;
  readonly entry?: Partial<PayloadEntry>;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  readonly sent?: readonly string[];
  /** What the host was asked. */
  readonly orders: readonly string[];
  readonly power?: string;
  /** The POSTs to a Reset that the BMC got. */
  readonly posts?: number;
  readonly after?: (machine: TestMachine, result: Result) => void;
}

/** The POSTs to a Reset that a BMC got. */
export function resets({ bmc }: Pick<TestMachine, 'bmc'>): string[] {
  return asked(bmc, 'POST').filter((each) => each.includes('/Actions/'));
}

/** A test of a case. */
export function play(each: PowerCase): void {
  test(each.title, async () => {
    const clock = fastClock(TIMES);
    const { preset = 'openbmc', host = {} } = each;
    const machine = await startMachine({ preset, host, clock, machine: { Type: 'Base' } });
    try {
      machine.bmc.faults.set(...(each.faults ?? []));
      await each.before?.(machine);
      const already = machine.bmc.host.orders.length;
      const result = await machine.run(each.action ?? 'SetPowerState', [{ ...each.entry, Payload: each.payload }]);
      const told = JSON.stringify(result);
      assert.is(result.outcome, each.outcome, told);
      if (each.error) assert.match(result.error ?? '', each.error, told);
      assert.equal(machine.bmc.host.orders.slice(already), each.orders, told);
      if (each.sent) assert.equal(result.entries[0]?.['Sent'], each.sent, told);
      if (each.power) assert.is(machine.bmc.host.now().power, each.power, told);
      if (each.posts !== undefined) assert.is(resets(machine).length, each.posts, resets(machine).join(', '));
      assert.is(machine.bmc.sessions, 0, 'no session is left');
      each.after?.(machine, result);
    } finally {
      await machine.close();
    }
  });
}

/** The system of a simulated OpenBMC. */
export const SYSTEM = '/redfish/v1/Systems/system';
