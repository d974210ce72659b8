// Which guards and windows an action answers to: a new action says so here in so many words.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classFor } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { GuardClass } from '../../definitions/guard-class.ts';

const CLASSES: Readonly<Record<string, GuardClass>> = {
  PatchProfile: 'None',
  PatchManager: 'None',
  PatchFanController: 'Thermal',
  PatchFanZone: 'Thermal',
  PatchPidController: 'Thermal',
  PatchSystem: 'None',
  PatchChassis: 'None',
  PatchNetworkProtocol: 'Access',
  SetPowerState: 'Host',
  SetPowerLimit: 'Thermal',
  ResetSystem: 'Host',
  ResetManager: 'Manager',
};

for (const [name, { guard }] of ACTIONS) {
  test(`${name} is of guard class ${CLASSES[name]}`, () => assert.is(guard, CLASSES[name]));
}

for (const [payload, expected] of [
  [[{ PowerState: 'On' }], 'None'],
  [[{ PowerState: 'Off' }], 'Host'],
  [[{ PowerState: 'On' }, { PowerState: 'Off' }], 'Host'],
] as const) {
  test(`SetPowerState ${JSON.stringify(payload)} endangers as class ${expected}`, () => {
    const action = ACTIONS.get('SetPowerState');
    assert.ok(action);
    assert.is(
      classFor(
        action,
        payload.map((Payload) => ({ Payload })),
      ),
      expected,
    );
  });
}

test.run();
