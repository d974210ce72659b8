// Acceptance cases A11, A14, A15 and A23: fields that no manifest may carry, tried below validation all the same, on
// an action made for the test: what a manifest lets through today is not what keeps a BMC safe.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCredentials } from '../../controller/credentials.ts';
import type { Fault } from '../../controller/demo/bmc.ts';
import { applyEntry } from '../../controller/redfish/apply.ts';
import { withBmc } from '../../controller/redfish/conversation.ts';
import { defineAction } from '../../definitions/actions/action.ts';
import type { Json } from '../../definitions/values/json.ts';
import { asked, entry, fastClock, loopbackSecret, startMachine } from '../support/bmc.ts';

const anyPid = defineAction({
  name: 'AnyPid',
  description: 'Whatever, on a PID controller.',
  root: 'Managers',
  target: 'PidControllerID',
  supports: ['Extend'],
  guard: 'None',
  payload: {},
  inventory: null,
  at: ({ PidControllerID }) => ['Oem', 'OpenBmc', 'Fan', 'PidControllers', PidControllerID ?? ''],
});
const anyManager = defineAction({ ...anyPid, name: 'AnyManager', target: null, at: () => [] });

const OLD_SHAPE = {
  'SetPoint@Message.ExtendedInfo': [
    {
      '@odata.type': '#Message.v1_1_1.Message',
      Message: 'The value \'"57"\' for the property SetPoint is of a different type than the property can accept.',
      MessageArgs: ['"57"', 'SetPoint'],
      MessageId: 'Base.1.13.0.PropertyValueTypeError',
      MessageSeverity: 'Warning',
      Resolution: 'Correct the value.',
    },
  ],
};

interface Case {
  readonly id: string;
  readonly what: string;
  readonly payload: Readonly<Record<string, Json>>;
  readonly manager?: boolean;
  readonly faults?: readonly Fault[];
  readonly outcome: string;
  readonly error: RegExp;
  readonly patches: number;
}

const CASES: readonly Case[] = [
  {
    id: 'A11',
    what: 'a value that reads back as another one is no success',
    payload: { SetPointOffset: 'LowerThresholdNonCritical' },
    outcome: 'NotApplied',
    error: /accepted, not applied; SetPointOffset unchanged/,
    patches: 1,
  },
  {
    id: 'A14',
    what: 'an unknown field beside a good one: named, nothing sent',
    payload: { SetPoint: 58, Bogus: 1 },
    outcome: 'Unsupported',
    error: /has no Bogus; it has .*SetPoint/,
    patches: 0,
  },
  {
    id: 'A15',
    what: 'a wrong type, told by new firmware',
    payload: { SetPoint: '57' },
    outcome: 'Refused',
    error: /400 PropertyValueTypeError: .*SetPoint/,
    patches: 1,
  },
  {
    id: 'A15',
    what: 'a wrong type, told by old firmware without `error`',
    payload: { SetPoint: '57' },
    faults: [{ kind: 'answer', method: 'PATCH', status: 400, body: OLD_SHAPE }],
    outcome: 'Refused',
    error: /400 PropertyValueTypeError: .*SetPoint/,
    patches: 1,
  },
  {
    id: 'A23',
    what: 'DateTime while the clock follows a time server',
    payload: { DateTime: '2020-01-02T03:04:05+00:00' },
    manager: true,
    faults: [{ kind: 'ntp' }],
    outcome: 'Refused',
    error: /400 PropertyValueConflict: .*NTPProtocolEnabled/,
    patches: 1,
  },
];

const nothing = async () => undefined;

for (const { id, what, payload, manager, faults = [], outcome, error, patches } of CASES) {
  test(`${id} ${what}`, async () => {
    const { bmc, machine, close } = await startMachine({ preset: 'openbmc' });
    bmc.put('Oem/OpenBmc/Fan/PidControllers/PSU1_Temperature/SetPointOffset', 'UpperThresholdNonCritical');
    bmc.faults.set(...faults);
    const target = manager ? entry('bmc', payload) : entry('bmc', payload, { PidControllerID: 'PSU1_Temperature' });
    const before = bmc.get('Oem/OpenBmc/Fan/PidControllers/PSU1_Temperature/SetPoint');
    const credentials = createCredentials({ env: loopbackSecret() });
    const options = { credentials, clock: fastClock(), signal: new AbortController().signal, random: () => 0.5 };
    const failure = await withBmc(
      machine,
      options,
      async (session) =>
        (await applyEntry(session, manager ? anyManager : anyPid, target, { rest: nothing, before: nothing })).failure,
      (reason) => reason.failure,
    );
    assert.is(failure?.outcome, outcome, failure?.message);
    assert.match(failure?.message ?? '', error);
    assert.is(asked(bmc, 'PATCH').length, patches);
    assert.is(bmc.get('Oem/OpenBmc/Fan/PidControllers/PSU1_Temperature/SetPoint'), before);
    await close();
  });
}

test.run();
