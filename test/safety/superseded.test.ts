// R22: of what was missed on one field of one machine only the last is made up for.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job, JobSpec } from '../../definitions/job.ts';
import type { Machine } from '../../definitions/machine.ts';
import { payloadLeft, supersessions, type WriteTime } from '../../definitions/safety/superseded.ts';
import { jobOf } from '../support/jobs.ts';

const MACHINES = new Map(
  ['m1', 'm2', 'm3', 'twin'].map((ID): [string, Machine] => {
    const Endpoint = `https://${ID === 'twin' ? 'm1' : ID}.example/`;
    return [ID, { ID, Type: 'Extend', Endpoint, Timeout: '60s' }];
  }),
);

type Write = readonly [
  job: string,
  time: string,
  machines: readonly string[],
  fields?: readonly string[],
  hasRun?: true,
];

/** Jobs write fields of one fan zone; with none they select the profile. */
function writeOf([id, time, machines, fields = [], hasRun]: Write): WriteTime {
  const zone = { ManagerID: 'bmc', FanZoneID: 'z', Payload: Object.fromEntries(fields.map((field) => [field, 1])) };
  const spec: Partial<JobSpec> =
    fields.length > 0
      ? { Machines: machines, Action: 'PatchFanZone', Payload: [zone] }
      : { Machines: machines, Action: 'PatchProfile', Payload: [{ ManagerID: 'bmc', Payload: { Profile: id } }] };
  const job: Job = jobOf(id, spec);
  return { job, nominal: `2026-03-10T${time}:00Z`, isMissed: hasRun !== true };
}

const FIELD = 'bmc Oem.OpenBmc.Fan.FanZones.z.';

const CASES: readonly (readonly [string, readonly Write[], readonly string[]])[] = [
  ['one job alone', [['a', '10:00', ['m1']]], []],
  [
    'off at night, on in the morning: off is not replayed',
    [
      ['off', '00:10', ['m1']],
      ['on', '07:00', ['m1']],
    ],
    ['off m1 Profile on'],
  ],
  [
    'three: only the last is left',
    [
      ['a', '01:00', ['m1']],
      ['c', '03:00', ['m1']],
      ['b', '02:00', ['m1']],
    ],
    ['a m1 Profile c', 'b m1 Profile c'],
  ],
  [
    'of one time the last ID, as they would run',
    [
      ['b', '01:00', ['m1']],
      ['a', '01:00', ['m1']],
    ],
    ['a m1 Profile b'],
  ],
  [
    'other machines',
    [
      ['a', '01:00', ['m1']],
      ['b', '02:00', ['m2']],
    ],
    [],
  ],
  [
    'some machines overlap',
    [
      ['a', '01:00', ['m1', 'm2']],
      ['b', '02:00', ['m2', 'm3']],
    ],
    ['a m2 Profile b'],
  ],
  [
    'other fields',
    [
      ['a', '01:00', ['m1']],
      ['b', '02:00', ['m1'], ['FailSafePercent']],
    ],
    [],
  ],
  [
    'some fields overlap',
    [
      ['a', '01:00', ['m1'], ['FailSafePercent', 'MinThermalOutput']],
      ['b', '02:00', ['m1'], ['MinThermalOutput']],
    ],
    ['a m1 MinThermalOutput b'],
  ],
  [
    'two machines with one Endpoint are one BMC',
    [
      ['a', '01:00', ['m1']],
      ['b', '02:00', ['twin']],
    ],
    ['a m1 Profile b'],
  ],
  [
    'what has run since, before a crash say',
    [
      ['a', '01:00', ['m1']],
      ['b', '02:00', ['m1'], [], true],
    ],
    ['a m1 Profile b'],
  ],
  [
    'what ran before supersedes nothing, and is superseded by nobody',
    [
      ['a', '02:00', ['m1']],
      ['b', '01:00', ['m1'], [], true],
    ],
    [],
  ],
];

for (const [name, writes, expected] of CASES) {
  test(`R22 ${name}: ${expected.join('; ') || 'all run'}`, () => {
    const found = [...supersessions(writes.map(writeOf), MACHINES)].flatMap(([job, { by }]) =>
      [...by].flatMap(([machine, fields]) =>
        [...fields].map(([field, winner]) => `${job} ${machine} ${field.split('.').at(-1)} ${winner}`),
      ),
    );
    assert.equal(found.sort(), expected);
  });
}

test('R22 what is left of a payload: entries without a field go, the others keep their order', () => {
  const entry = (FanZoneID: string) => ({
    ManagerID: 'bmc',
    FanZoneID,
    Payload: { FailSafePercent: 1, MinThermalOutput: 2 },
  });
  const by = new Map([
    [`${FIELD}FailSafePercent`, 'b'],
    [`${FIELD}MinThermalOutput`, 'b'],
    [`${FIELD.replace('.z.', '.y.')}MinThermalOutput`, 'c'],
  ]);
  const left = payloadLeft('PatchFanZone', ['x', 'y', 'z'].map(entry), by);
  assert.equal(left, [entry('x'), { ...entry('y'), Payload: { FailSafePercent: 1 } }]);
});

test('R22 B10 Off at ten and On at seven: Off is not made up for, nor is how it was to be switched off', () => {
  const power = (id: string, time: string, payload: Record<string, string | boolean>): WriteTime => ({
    job: jobOf(id, { Machines: ['m1'], Action: 'SetPowerState', Payload: [{ Payload: payload }] }),
    nominal: `2026-03-1${time}:00Z`,
    isMissed: true,
  });
  const off = power('off', '0T22:00', { PowerState: 'Off', Graceful: '5m', Force: true });
  const found = supersessions([off, power('on', '1T07:00', { PowerState: 'On', Within: '5m' })], MACHINES);
  assert.equal([...found.keys()], ['off']);
  assert.equal(payloadLeft('SetPowerState', off.job.spec.Payload, found.get('off')?.by.get('m1')), []);
});

/** A job that sets one thing of a system or chassis, named or left out, at a time; on a machine with these systems. */
const PLACES: readonly (readonly [
  title: string,
  systems: readonly string[] | undefined,
  fields: string[],
  by: string,
])[] = [
  ['left out, then named, the only one', ['1'], ['', '1'], 'system AssetTag'],
  ['named, the only one, then left out', ['1'], ['1', ''], 'system 1 AssetTag'],
  ['left out twice', undefined, ['', ''], 'system AssetTag'],
  ['named alike', undefined, ['1', '1'], 'system 1 AssetTag'],
  ['left out, then named, of two', ['1', '2'], ['', '1'], ''],
  ['left out, then named, nobody knows of how many', undefined, ['', '1'], ''],
  ['left out, then another named', ['1'], ['', '2'], ''],
];

for (const [title, Systems, ids, by] of PLACES) {
  test(`#17 R22 one field or two: ${title}`, () => {
    const machine = { ID: 'm1', Type: 'Base', Endpoint: 'https://m1.example', Timeout: '60s' } as const;
    const inventory = new Map<string, Machine>([['m1', { ...machine, ...(Systems && { Systems }) }]]);
    const writes = ids.map((SystemID, index): WriteTime => {
      const entry = { ...(SystemID && { SystemID }), Payload: { AssetTag: `t${index}` } };
      const job = jobOf(`j${index}`, { Machines: ['m1'], Action: 'PatchSystem', Payload: [entry] });
      return { job, nominal: `2026-03-10T0${index}:00:00Z`, isMissed: true };
    });
    const found = supersessions(writes, inventory);
    assert.equal([...(found.get('j0')?.by.get('m1')?.entries() ?? [])], by ? [[by, 'j1']] : []);
    const payload = writes[0]?.job.spec.Payload ?? [];
    assert.is(payloadLeft('PatchSystem', payload, found.get('j0')?.by.get('m1')).length, by ? 0 : 1);
  });
}

test('#17 R22 limits of two parts of a machine are two fields', () => {
  const writes = ['GPU_0', 'GPU_1', 'GPU_0'].map((Target, index): WriteTime => {
    const Payload = [{ Payload: { LimitInWatts: 400 + index, Target } }];
    const job = jobOf(`j${index}`, { Machines: ['m1'], Action: 'SetPowerLimit', Payload });
    return { job, nominal: `2026-03-10T0${index}:00:00Z`, isMissed: true };
  });
  const found = supersessions(writes, MACHINES);
  assert.equal([...found.keys()], ['j0'], 'GPU_1 is left alone');
  assert.equal([...(found.get('j0')?.by.get('m1')?.entries() ?? [])], [['chassis GPU_0.LimitInWatts', 'j2']]);
});

test.run();
