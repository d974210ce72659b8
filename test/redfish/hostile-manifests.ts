// What a manifest may ask for, right and wrong, for the hostile property test.
import fc from 'fast-check';
import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';

const name = fc.constantFrom(
  'bmc',
  'cpu_zone',
  'cpu_temp_controller',
  'cpu_fan_controller',
  '__proto__',
  '@odata.id',
  '',
  'a/b',
  'NoZone',
);
const value = fc.constantFrom<Json>(1, 1.5, 90, 'Balanced', 'rack 7', null, [], ['x'], {}, { cpu_zone: null }, [
  { '@odata.id': '/x' },
]);
const field = fc.constantFrom(
  'Profile',
  'ServiceIdentification',
  'MinThermalOutput',
  'SetPoint',
  'Zones',
  'Inputs',
  'Multiplier',
  '@odata.id',
);
const payloadEntry = fc.record({
  ManagerID: name,
  FanZoneID: name,
  FanControllerID: name,
  PidControllerID: name,
  Payload: fc.dictionary(field, value, { minKeys: 1, maxKeys: 2 }),
}) as fc.Arbitrary<PayloadEntry>;

/** What an operator would write; the BMC lies all the same. */
const LIKELY: Readonly<Record<string, JsonObject>> = {
  PatchProfile: { ManagerID: 'bmc', Payload: { Profile: 'Balanced' } },
  PatchManager: { ManagerID: 'bmc', Payload: { ServiceIdentification: 'rack 7' } },
  PatchFanZone: { ManagerID: 'bmc', FanZoneID: 'cpu_zone', Payload: { MinThermalOutput: 90 } },
  PatchPidController: {
    ManagerID: 'bmc',
    PidControllerID: 'cpu_temp_controller',
    Payload: { SetPoint: 61, Zones: [{ '@odata.id': '/redfish/v1/Managers/bmc#/Oem/OpenBmc/Fan/FanZones/new' }] },
  },
  SetPowerState: { Payload: { PowerState: 'Off', Graceful: '20s', Within: '30s' } },
  ResetSystem: { Payload: { ResetType: 'ForceRestart', Within: '30s' } },
  ResetManager: { ManagerID: 'bmc', Payload: { ResetType: 'ForceRestart', Within: '40s' } },
  PatchFanController: {
    ManagerID: 'bmc',
    FanControllerID: 'cpu_fan_controller',
    Payload: { Multiplier: 1.5, Inputs: ['a_b'] },
  },
};

/** Without a likely entry of its own an action has each field at its example. */
function likelyEntry(name: string): PayloadEntry {
  const { root, target, payload } = ACTIONS.get(name) as Action;
  const fields = Object.entries(payload).map(([field, { examples }]) => [field, (examples as readonly Json[])[0]]);
  const member = root === 'Managers' ? { ManagerID: 'bmc' } : {};
  const entry = { ...member, ...(target && { [target]: 'cpu_zone' }), Payload: Object.fromEntries(fields) };
  return (LIKELY[name] ?? entry) as unknown as PayloadEntry;
}

/** Actions with payloads: what an operator would write, and what nobody would. */
export const asked = fc.constantFrom(...ACTIONS.keys()).chain((action) =>
  fc.record({
    action: fc.constant(action),
    payload: fc.oneof(
      { weight: 4, arbitrary: fc.constant([likelyEntry(action)]) },
      fc.array(payloadEntry, { minLength: 1, maxLength: 2 }),
    ),
  }),
);
