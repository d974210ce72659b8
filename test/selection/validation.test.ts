// What is refused of jobs that select their machines, and of texts with placeholders, and where that is said.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../../definitions/values/json.ts';
import { fleetOfTexts, problemsOfFleet, type Texts } from '../support/fleet-texts.ts';

function machine(ID: string, Labels: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { ID, Endpoint: `https://${ID.toLowerCase()}.example`, Labels, ...more };
}

const MACHINES: Texts = {
  'machines/m1.yaml': machine('m1', { rack: 'r7', u: '1' }),
  'machines/m2.yaml': machine('m2', { rack: 'r7', role: 'storage' }),
  'machines/b1.yaml': machine('b1', { rack: 'r8' }, { Type: 'Base', Name: 'Base one' }),
};

const PROFILE = { ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } };
const r7 = { MatchLabels: { rack: 'r7' } };

function job(more: JsonObject): JsonObject {
  return {
    Name: 'A job',
    Action: 'PatchProfile',
    Payload: PROFILE,
    Schedule: { Type: 'Continuous', Time: '22:00:00', Period: {} },
    ...more,
  };
}

/** A job that writes a text. */
function named(ServiceIdentification: Json, more: JsonObject = { MachineSelector: r7 }): JsonObject {
  return job({ Action: 'PatchManager', Payload: { ManagerID: 'bmc', Payload: { ServiceIdentification } }, ...more });
}

const rows: readonly (readonly [row: string, what: string, job: JsonObject, found: readonly string[]])[] = [
  ['S01', 'an empty selector', job({ MachineSelector: {} }), ['MachineSelector R48 a selector that asks for no label']],
  [
    'S01',
    'only negative requirements',
    job({ MachineSelector: { MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }] } }),
    ['MachineSelector R48 a selector that asks for no label would fit every machine without it'],
  ],
  [
    'S01',
    'an operator that is none',
    job({ MachineSelector: { MatchExpressions: [{ Key: 'role', Operator: 'Gt' }] } }),
    ['MachineSelector.MatchExpressions[0].Operator R48 "Gt" is not an operator: In, NotIn, Exists or DoesNotExist'],
  ],
  [
    'S01',
    'In without values',
    job({ MachineSelector: { MatchExpressions: [{ Key: 'role', Operator: 'In' }] } }),
    ['MachineSelector.MatchExpressions[0].Values R48 In needs Values: at least one'],
  ],
  [
    'S01',
    'a selector beside a list',
    job({ Machines: ['m1'], MachineSelector: r7 }),
    ['MachineSelector R48 a job has Machines or a MachineSelector, not both'],
  ],
  ['S01', 'neither', job({}), ['Machines R02 Machines is missing']],
  ['S02', 'several requirements, all of which hold', job({ MachineSelector: r7 }), []],
  [
    'S02',
    'NotIn of a label that a machine lacks fits it',
    job({
      MachineSelector: {
        MatchLabels: { rack: 'r7' },
        MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }],
      },
    }),
    [],
  ],
  [
    'S03',
    'zero machines',
    job({ MachineSelector: { MatchLabels: { rack: 'r9' } } }),
    ['MachineSelector R48 it fits no machine of the inventory: correct it or the labels, or say AllowEmpty: true'],
  ],
  [
    'S03',
    'zero machines that are allowed',
    job({ MachineSelector: { MatchLabels: { rack: 'r9' } }, AllowEmpty: true }),
    [],
  ],
  [
    'S03',
    'AllowEmpty of a list',
    job({ Machines: ['m1'], AllowEmpty: true }),
    ['AllowEmpty R48 AllowEmpty is about a MachineSelector'],
  ],
  [
    'S10',
    'a machine that fits and is of another Type',
    job({
      Action: 'PatchFanZone',
      MachineSelector: { MatchExpressions: [{ Key: 'rack', Operator: 'Exists' }] },
      Payload: { ManagerID: 'bmc', FanZoneID: 'z', Payload: { FailSafePercent: 50 } },
    }),
    ['MachineSelector R48 1 machine that it fits is of Type Base (b1): PatchFanZone needs a machine of Type Extend'],
  ],
  ['S11', 'placeholders', named('{Labels.rack}-{Machine.ID}-{{x}'), []],
  [
    'S11',
    'a placeholder that is none',
    named('{Machine.Id}'),
    ['Payload.Payload.ServiceIdentification R49 "{Machine.Id}" is no placeholder'],
  ],
  [
    'S11',
    'a brace that is not doubled',
    named('a { b'),
    ['Payload.Payload.ServiceIdentification R49 a { that begins no placeholder'],
  ],
  [
    'S11',
    'a label with a key that no label can have',
    named('{Labels.}'),
    ['Payload.Payload.ServiceIdentification R49 "{Labels.}" is no placeholder'],
  ],
  [
    'S11',
    'the schema judges the result: a profile that is none',
    job({ MachineSelector: r7, Payload: { ManagerID: 'bmc', Payload: { Profile: '{Labels.rack}' } } }),
    [
      'Payload.Payload.Profile R02 for m1: "r7" is not a profile',
      'Payload.Payload.Profile R02 for m2: "r7" is not a profile',
    ],
  ],
  [
    'S11',
    'a text where a number belongs',
    job({
      MachineSelector: r7,
      Action: 'PatchFanZone',
      Payload: { ManagerID: 'bmc', FanZoneID: 'z', Payload: { FailSafePercent: '{Labels.u}' } },
    }),
    [
      'Payload.Payload.FailSafePercent R49 m2 has no label u for {Labels.u}',
      'Payload.Payload.FailSafePercent R49 for m1: FailSafePercent must be a number',
    ],
  ],
  [
    'S12',
    'a label that a machine lacks',
    named('{Labels.u}'),
    ['Payload.Payload.ServiceIdentification R49 m2 has no label u for {Labels.u}'],
  ],
  [
    'S12',
    'a name that machines lack, in a list of entries',
    job({
      MachineSelector: r7,
      Action: 'PatchManager',
      Payload: [{ ManagerID: 'bmc', Payload: { ServiceIdentification: '{Machine.Name}' } }],
    }),
    ['Payload[0].Payload.ServiceIdentification R49 m1, m2 have no Name for {Machine.Name}'],
  ],
  ['S12', 'a list of machines is judged alike', named('{Machine.Name}', { Machines: ['b1'] }), []],
  [
    'S12',
    'a machine of a list that lacks it',
    named('{Machine.Name}', { Machines: ['b1', 'm1'] }),
    ['Payload.Payload.ServiceIdentification R49 m1 has no Name for {Machine.Name}'],
  ],
];

for (const [row, what, manifest, expected] of rows) {
  test(`R48 R49 ${row} ${what}: ${expected.length === 0 ? 'valid' : 'refused'}`, () => {
    const found = problemsOfFleet(fleetOfTexts({ ...MACHINES, 'jobs/a.yaml': manifest }));
    assert.is(found.length, expected.length, found.join('\n'));
    for (const [index, text] of expected.entries()) {
      assert.ok(found[index]?.startsWith(`jobs/a.yaml ${text}`), `${found[index]}\nis not\n${text}`);
    }
  });
}

for (const [text, warned] of [
  ['{Labels.rack} {Machine.ID}', false],
  ['{Labels.rack}/{Machine.ID}', true],
] as const) {
  test(`S11 ${text}: ${warned ? 'a warning' : 'no warning'} of what stock OpenBMC takes`, () => {
    const fleet = fleetOfTexts({ ...MACHINES, 'jobs/a.yaml': named(text) }, { warnings: true });
    assert.is(problemsOfFleet(fleet).length, warned ? 1 : 0);
  });
}

for (const [count, valid] of [
  [1_000, true],
  [1_001, false],
] as const) {
  test(`R48 S04 a selector that fits ${count} machines: ${valid ? 'valid' : 'refused'}`, () => {
    const all = Array.from({ length: count }, (_, index) => machine(`m${index}`, { rack: 'r7' }));
    const fleet = fleetOfTexts({ 'machines/all.yaml': all, 'jobs/a.yaml': job({ MachineSelector: r7 }) });
    const expected = 'it fits 1001 machines, and a job reaches at most 1000: narrow it';
    assert.equal(problemsOfFleet(fleet), valid ? [] : [`jobs/a.yaml MachineSelector R48 ${expected}`]);
  });
}

test('S02 what a job reaches is in the fleet, by ID, with the machine that lacks the label', () => {
  const MachineSelector = {
    MatchExpressions: [
      { Key: 'rack', Operator: 'In', Values: ['r7', 'r8'] },
      { Key: 'role', Operator: 'NotIn', Values: ['storage'] },
    ],
  };
  const { jobs } = fleetOfTexts({ ...MACHINES, 'jobs/a.yaml': named('x', { MachineSelector }) });
  assert.equal(jobs.get('a')?.machines, ['b1', 'm1']);
});

test.run();
