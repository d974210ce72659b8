// What the acceptance cases about requests share: one sets the profile of a simulated stock OpenBMC to Acoustic.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { Outcome } from '../../definitions/run.ts';
import { asked, entry, fastClock, startMachine } from '../support/bmc.ts';

export const SESSIONS = '/redfish/v1/SessionService/Sessions';
export const MANAGER = '/redfish/v1/Managers/bmc';
export const patching = { method: 'PATCH' } as const;
export const loggingIn = { method: 'POST' } as const;
export const good = { outcome: 'Applied' as const };

/** How a BMC behaves, and what must come of it. */
export interface Case {
  readonly id: string;
  readonly what: string;
  readonly faults: readonly Fault[];
  readonly outcome: Outcome;
  readonly error?: RegExp;
  /** The requests that count, in order: METHOD and how often. */
  readonly counts?: Readonly<Record<string, number>>;
  /** At least so long by the BMC's clock, in ms. */
  readonly atLeastMs?: number;
  readonly atMostMs?: number;
  readonly timeout?: string;
  readonly sessionsLeft?: number;
}

/** A test of each case, by its ID. */
export function acceptance(cases: readonly Case[]): void {
  for (const { id, what, faults, timeout = '60s', ...expected } of cases) {
    test(`${id} ${what}`, async () => {
      const clock = fastClock();
      const { bmc, run, close } = await startMachine({ preset: 'openbmc', clock });
      try {
        bmc.faults.set(...faults);
        const began = clock.now().getTime();
        const result = await run('PatchProfile', [entry('bmc', { Profile: 'Acoustic' })], {
          machine: { Timeout: timeout },
        });
        const tookMs = clock.now().getTime() - began;
        assert.is(result.outcome, expected.outcome, result.error ?? 'no error');
        if (expected.error) assert.match(result.error ?? '', expected.error);
        for (const [method, count] of Object.entries(expected.counts ?? {})) {
          assert.is(asked(bmc, method).length, count, `${method}: ${asked(bmc).join(', ')}`);
        }
        if (expected.atLeastMs) assert.ok(tookMs >= expected.atLeastMs, `only ${tookMs} ms`);
        if (expected.atMostMs) assert.ok(tookMs <= expected.atMostMs, `${tookMs} ms`);
        const holds = bmc.get('Oem/OpenBmc/Fan/Profile');
        assert.is(holds === 'Acoustic', result.outcome === 'Applied', `the BMC holds ${holds}`);
        assert.is(bmc.sessions, expected.sessionsLeft ?? 0, 'no session left');
      } finally {
        await close();
      }
    });
  }
}
