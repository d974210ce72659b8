// Acceptance cases A01 to A23: what an action comes to (docs/redfish.md). Each is tried on a simulated stock OpenBMC.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../../controller/demo/bmc.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome } from '../../definitions/run.ts';
import type { Json } from '../../definitions/values/json.ts';
import { asked, entry, fastClock, startMachine } from '../support/bmc.ts';

const FAN = 'Oem/OpenBmc/Fan';
const PSU = `${FAN}/PidControllers/PSU1_Temperature`;
const profile = (value: string) => entry('bmc', { Profile: value });
const zone = (id: string, payload: Readonly<Record<string, Json>>) => entry('bmc', payload, { FanZoneID: id });
const pid = (payload: Readonly<Record<string, Json>>, id = 'PSU1_Temperature') =>
  entry('bmc', payload, { PidControllerID: id });
const named = (value: string) => entry('bmc', { ServiceIdentification: value });
const onPatch = { method: 'PATCH' } as const;

interface Case {
  readonly id: string;
  readonly what: string;
  readonly action: string;
  readonly payload: readonly PayloadEntry[];
  readonly faults?: readonly Fault[];
  /** Values to put, or take away, before. */
  readonly before?: Readonly<Record<string, Json | undefined>>;
  readonly outcome: Outcome;
  readonly error?: RegExp;
  /** What the BMC holds afterwards. */
  readonly holds?: Readonly<Record<string, Json>>;
  /** What the log shows of it. */
  readonly shows?: Readonly<Record<string, Json>>;
  /** How many PATCHes it got. */
  readonly patches: number;
  readonly settleMs?: number;
}

const CASES: readonly Case[] = [
  {
    id: 'A01',
    what: '200 with an empty body',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    outcome: 'Applied',
    holds: { [`${FAN}/Profile`]: 'Acoustic' },
    patches: 1,
  },
  {
    id: 'A02',
    what: '204',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    faults: [{ kind: 'answer', ...onPatch, status: 204, applied: true }],
    outcome: 'Applied',
    patches: 1,
  },
  {
    id: 'A03',
    what: 'a profile that is not offered is not sent; those that are, are named',
    action: 'PatchProfile',
    payload: [profile('acoustic')],
    outcome: 'Unsupported',
    error: /permanent: manager bmc: Profile "acoustic" is not offered; it has Acoustic, Performance/,
    patches: 0,
  },
  {
    id: 'A04',
    what: 'no thermal mode',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    faults: [{ kind: 'no-thermalmode' }],
    outcome: 'Unsupported',
    error: /permanent: manager bmc: .*has no Profile/,
    patches: 0,
  },
  {
    id: 'A05',
    what: 'no fan data',
    action: 'PatchFanZone',
    payload: [zone('Left', { MinThermalOutput: 35 })],
    faults: [{ kind: 'no-fan' }],
    outcome: 'Unsupported',
    error: /permanent: .*no Oem.OpenBmc.Fan/,
    patches: 0,
  },
  {
    id: 'A06',
    what: 'messages of success are no errors',
    action: 'PatchFanZone',
    payload: [zone('Left', { MinThermalOutput: 35 })],
    outcome: 'Applied',
    holds: { [`${FAN}/FanZones/Left/MinThermalOutput`]: 35 },
    patches: 1,
  },
  {
    id: 'A07',
    what: '500 with internal errors, value unchanged: tried a few times, old value told',
    action: 'PatchFanZone',
    payload: [zone('Left', { MinThermalOutput: 35 })],
    faults: [{ kind: 'set-fails' }],
    outcome: 'NotApplied',
    error: /transient: .*500 InternalError/,
    shows: { OldMinThermalOutput: 0, NewMinThermalOutput: 0 },
    patches: 3,
  },
  {
    id: 'A08',
    what: 'a percentage out of range is not sent',
    action: 'PatchFanZone',
    payload: [zone('Left', { FailSafePercent: 250.5 })],
    outcome: 'Refused',
    error: /permanent: .*FailSafePercent must be at most 100/,
    patches: 0,
  },
  {
    id: 'A09',
    what: 'an unknown zone is a create: never sent; the zones that are there are named',
    action: 'PatchFanZone',
    payload: [zone('NoZone', { MinThermalOutput: 35 })],
    outcome: 'Unsupported',
    error: /no NoZone in FanZones; it has Left, PSU, Right/,
    patches: 0,
  },
  {
    id: 'A10',
    what: 'two numbers, whole or not',
    action: 'PatchPidController',
    payload: [pid({ SetPoint: 57.5, PCoefficient: -2 })],
    outcome: 'Applied',
    holds: { [`${PSU}/SetPoint`]: 57.5, [`${PSU}/PCoefficient`]: -2 },
    patches: 1,
  },
  {
    id: 'A12',
    what: 'names come back with blanks for underscores',
    action: 'PatchFanController',
    payload: [entry('bmc', { Inputs: ['Fan_4a'] }, { FanControllerID: 'Fan_4' })],
    outcome: 'Applied',
    holds: { [`${FAN}/FanControllers/Fan_4/Inputs`]: ['Fan 4a'] },
    patches: 1,
  },
  {
    id: 'A13',
    what: 'null is never sent',
    action: 'PatchPidController',
    payload: [pid({ SetPoint: null })],
    outcome: 'Refused',
    error: /SetPoint must not be null/,
    patches: 0,
  },
  {
    id: 'A16',
    what: 'one PATCH a controller; the bad one harms no other',
    action: 'PatchPidController',
    payload: [pid({ SetPoint: 61 }, 'Front_Panel_LCC'), pid({ SetPoint: 1 }, 'NoSuchPid'), pid({ SetPoint: 62 })],
    outcome: 'PartlyApplied',
    error:
      /permanent: manager bmc NoSuchPid: no NoSuchPid in PidControllers; it has Front_Panel_LCC, PSU1_Temperature$/,
    holds: { [`${FAN}/PidControllers/Front_Panel_LCC/SetPoint`]: 61, [`${PSU}/SetPoint`]: 62 },
    patches: 2,
  },
  {
    id: 'A17',
    what: 'one property fails in the backend, the others are applied',
    action: 'PatchPidController',
    payload: [pid({ SetPoint: 57.5, PCoefficient: -2 })],
    faults: [{ kind: 'set-fails', property: 'SetPoint' }],
    outcome: 'PartlyApplied',
    error: /InternalError.*applied PCoefficient, not SetPoint/,
    shows: { OldSetPoint: 55, NewSetPoint: 55, OldPCoefficient: 0, NewPCoefficient: -2 },
    patches: 3,
  },
  {
    id: 'A18',
    what: '200 with an error inside is no success',
    action: 'PatchManager',
    payload: [named('rack 7')],
    faults: [{ kind: 'error-in-200' }],
    outcome: 'Refused',
    error: /permanent: .*PropertyValueError/,
    patches: 1,
  },
  {
    id: 'A19',
    what: 'accepted, not applied',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    faults: [{ kind: 'ignore' }],
    outcome: 'NotApplied',
    error: /permanent: .*accepted, not applied; Profile unchanged/,
    patches: 1,
  },
  {
    id: 'A19b',
    what: 'applied, and reverted after a second',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    faults: [{ kind: 'revert', ms: 1000 }],
    settleMs: 1500,
    outcome: 'NotApplied',
    error: /permanent: .*Profile did not last/,
    shows: { OldProfile: 'Performance', NewProfile: 'Performance' },
    patches: 1,
  },
  {
    id: 'A19c',
    what: 'applied late: read until it is there',
    action: 'PatchProfile',
    payload: [profile('Acoustic')],
    faults: [{ kind: 'late', ms: 3000 }],
    outcome: 'Applied',
    patches: 1,
  },
  {
    id: 'A19d',
    what: 'some fields applied: told which',
    action: 'PatchPidController',
    payload: [pid({ SetPoint: 57.5, PCoefficient: -2 })],
    faults: [{ kind: 'partly', fields: ['SetPoint'] }],
    outcome: 'PartlyApplied',
    error: /accepted, not applied; applied SetPoint, not PCoefficient/,
    patches: 1,
  },
  {
    id: 'A20',
    what: 'siblings that vanish are reported',
    action: 'PatchFanZone',
    payload: [zone('Left', { MinThermalOutput: 35 })],
    faults: [{ kind: 'replace-oem' }],
    outcome: 'PartlyApplied',
    error: /permanent: .*lost .*FanControllers.*FanZones.PSU/,
    patches: 1,
  },
  {
    id: 'A21',
    what: 'an old BMC without ServiceIdentification',
    action: 'PatchManager',
    payload: [named('rack 7')],
    before: { ServiceIdentification: undefined },
    outcome: 'Unsupported',
    error: /permanent: .*has no ServiceIdentification/,
    patches: 0,
  },
  {
    id: 'A22',
    what: 'longer than the BMC takes',
    action: 'PatchManager',
    payload: [named('x'.repeat(100))],
    outcome: 'Refused',
    error: /permanent: .*400 StringValueTooLong/,
    patches: 1,
  },
  {
    id: 'A22b',
    what: 'letters that the BMC does not take',
    action: 'PatchManager',
    payload: [named('café')],
    outcome: 'Refused',
    error: /permanent: .*400 PropertyValueError/,
    patches: 1,
  },
];

for (const { id, what, action, payload, faults = [], before = {}, settleMs = 0, ...expected } of CASES) {
  test(`${id} ${action}: ${what}`, async () => {
    const { bmc, run, close } = await startMachine({ preset: 'openbmc', clock: fastClock(), settleMs });
    try {
      for (const [path, value] of Object.entries(before)) bmc.put(path, value);
      bmc.faults.set(...faults);
      const result = await run(action, payload);
      assert.is(result.outcome, expected.outcome, result.error ?? 'no error');
      if (expected.error) assert.match(result.error ?? '', expected.error);
      else assert.is(result.error, null);
      assert.is(asked(bmc, 'PATCH').length, expected.patches, 'PATCHes');
      for (const [path, value] of Object.entries(expected.holds ?? {})) assert.equal(bmc.get(path), value);
      for (const [key, value] of Object.entries(expected.shows ?? {}))
        assert.equal(result.entries[0]?.[key], value, key);
      assert.is(bmc.sessions, 0, 'no session left');
    } finally {
      await close();
    }
  });
}

test.run();
