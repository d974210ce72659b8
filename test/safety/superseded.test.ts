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

test.run();
