import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { judgePayload } from '../../definitions/manifest/payload.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

const ZONE = { ManagerID: 'bmc', FanZoneID: 'z', Payload: { FailSafePercent: 90 } };

for (const [action, entry, refused] of [
  ['PatchFanZone', { ...ZONE, OnlyIf: { FailSafePercent: 80 } }, []],
  ['PatchFanZone', { ...ZONE, OnlyIf: { FailSafePercent: 80 }, Pending: true }, []],
  [
    'PatchFanZone',
    { ...ZONE, OnlyIf: { MinThermalOutput: 80 } },
    ['MinThermalOutput is no field that Payload sets here'],
  ],
  ['PatchFanZone', { ...ZONE, Pending: true }, ['Pending is about what OnlyIf says, and there is no OnlyIf']],
  [
    'SetPowerState',
    { Payload: { PowerState: 'Off' }, OnlyIf: { PowerState: 'On' } },
    ['SetPowerState has no values that OnlyIf could ask for'],
  ],
] as const) {
  const { OnlyIf, Pending } = entry as JsonObject;
  test(`R67 ${action} with OnlyIf ${JSON.stringify(OnlyIf)}, Pending ${Pending}: ${refused.join() || 'valid'}`, () => {
    const known = ACTIONS.get(action);
    const found = known ? judgePayload(known, [[['Payload'], entry]], 'Once') : [];
    assert.equal(
      found.map(({ message }) => message),
      refused,
    );
    for (const { rule } of found) assert.is(rule, 'R67');
  });
}

test.run();
