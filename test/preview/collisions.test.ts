import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collisions } from '../../definitions/preview/collisions.ts';
import { job, machines, view } from '../support/pull-request.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const DAILY = 'Type: Continuous, Period: {}';
const FAN = `Name: Fan
Machines: [m1]
Action: PatchFanZone
Payload: { ManagerID: bmc, FanZoneID: cpu, Payload: { FailSafePercent: 90 } }
Schedule: { Type: Continuous, Time: "22:00:00", Period: {} }
`;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly triggered?: readonly string[];
  /** `time kind machine jobs values`, for each collision. */
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'the same moment, different values: both are told, in the order of R25',
    files: { 'jobs/b.yaml': job({ profile: 'Balanced' }), 'jobs/a.yaml': job() },
    expected: ['2026-03-10T22:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  { name: 'the same value', files: { 'jobs/a.yaml': job(), 'jobs/b.yaml': job() }, expected: [] },
  {
    name: 'different machines',
    files: { 'jobs/a.yaml': job(), 'jobs/b.yaml': job({ machines: 'm2', profile: 'Balanced' }) },
    expected: [],
  },
  {
    name: 'different managers',
    files: {
      'jobs/a.yaml': job(),
      'jobs/b.yaml': job({ profile: 'Balanced' }).replace('ManagerID: bmc', 'ManagerID: other'),
    },
    expected: [],
  },
  {
    name: 'less than a minute apart: order decides',
    files: { 'jobs/a.yaml': job({ time: '22:00:59' }), 'jobs/b.yaml': job({ profile: 'Balanced' }) },
    expected: ['2026-03-10T22:00:00Z too close m1 b,a "Balanced","PowerSaver"'],
  },
  {
    name: 'a minute apart',
    files: { 'jobs/a.yaml': job({ time: '22:01:00' }), 'jobs/b.yaml': job({ profile: 'Balanced' }) },
    expected: [],
  },
  {
    name: "within the machine's Timeout",
    files: {
      'jobs/a.yaml': job({ time: '22:09:00' }),
      'jobs/b.yaml': job({ profile: 'Balanced' }),
      'machines/all.yaml': machines(2, 'Timeout: 10m\n'),
    },
    expected: ['2026-03-10T22:00:00Z too close m1 b,a "Balanced","PowerSaver"'],
  },
  {
    name: 'over midnight',
    files: { 'jobs/a.yaml': job({ time: '23:59:45' }), 'jobs/b.yaml': job({ time: '00:00:15', profile: 'Balanced' }) },
    expected: ['2026-03-10T23:59:45Z too close m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'two machines with one Endpoint are one BMC',
    files: {
      'jobs/a.yaml': job(),
      'jobs/b.yaml': job({ machines: 'twin', profile: 'Balanced' }),
      'machines/all.yaml': `${machines(1)}---\nID: twin\nEndpoint: https://192.0.2.1:443\n`,
    },
    expected: ['2026-03-10T22:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'zones that meet',
    files: {
      'jobs/a.yaml': job({ schedule: `${DAILY}, TimeZone: Asia/Tokyo`, time: '07:00:00' }),
      'jobs/b.yaml': job({ profile: 'Balanced' }),
    },
    expected: ['2026-03-10T22:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'zones that meet only in summer',
    files: {
      'jobs/a.yaml': job({ schedule: `${DAILY}, TimeZone: Europe/Berlin`, time: '22:00:00' }),
      'jobs/b.yaml': job({ time: '20:00:00', profile: 'Balanced' }),
    },
    expected: ['2026-03-29T20:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'a time that a clock change moves onto another (R15)',
    files: {
      'jobs/a.yaml': job({ schedule: `${DAILY}, TimeZone: Europe/Berlin`, time: '02:30:00' }),
      'jobs/b.yaml': job({ schedule: `${DAILY}, TimeZone: Europe/Berlin`, time: '03:30:00', profile: 'Balanced' }),
    },
    expected: ['2026-03-29T01:30:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'rare days: Friday the 13th meets every day',
    files: {
      'jobs/a.yaml': job(),
      'jobs/b.yaml': job({
        schedule: 'Type: Continuous, Period: { DaysOfWeek: [Friday], DaysOfMonth: "13" }',
        profile: 'Balanced',
      }),
    },
    expected: ['2026-03-13T22:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'days that never meet',
    files: {
      'jobs/a.yaml': job({ schedule: 'Type: Continuous, Period: { DaysOfWeek: [Monday] }' }),
      'jobs/b.yaml': job({ schedule: 'Type: Continuous, Period: { DaysOfWeek: [Tuesday] }', profile: 'Balanced' }),
    },
    expected: [],
  },
  {
    name: 'a date of a Once job',
    files: {
      'jobs/a.yaml': job(),
      'jobs/b.yaml': job({ schedule: 'Type: Once, Day: "2026-05-01"', profile: 'Balanced' }),
    },
    expected: ['2026-05-01T22:00:00Z same moment m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'one of them is suspended',
    files: { 'jobs/a.yaml': job(), 'jobs/b.yaml': job({ profile: 'Balanced', more: 'Suspend: true\n' }) },
    expected: [],
  },
  {
    name: 'triggered by the same merge, whatever their schedules (R28)',
    files: {
      'jobs/a.yaml': job({ time: '03:00:00' }),
      'jobs/b.yaml': job({ profile: 'Balanced', more: 'Suspend: true\n' }),
    },
    triggered: ['a', 'b'],
    expected: ['2026-03-10T12:00:00Z at once m1 a,b "PowerSaver","Balanced"'],
  },
  {
    name: 'three jobs, two of one mind',
    files: { 'jobs/a.yaml': job(), 'jobs/b.yaml': job({ profile: 'Balanced' }), 'jobs/c.yaml': job() },
    expected: ['2026-03-10T22:00:00Z same moment m1 a,b,c "PowerSaver","Balanced","PowerSaver"'],
  },
  { name: 'other fields of the same manager', files: { 'jobs/a.yaml': job(), 'jobs/fan.yaml': FAN }, expected: [] },
  {
    name: 'the same field of one fan zone, and not of another',
    files: {
      'jobs/a.yaml': FAN,
      'jobs/b.yaml': FAN.replace('90', '80'),
      'jobs/c.yaml': FAN.replace('cpu', 'gpu').replace('90', '70'),
    },
    expected: ['2026-03-10T22:00:00Z same moment m1 a,b 90,80'],
  },
];

for (const { name, files, triggered = [], expected } of CASES) {
  test(`collision: ${name}`, () => {
    const { fleet } = view({ 'machines/all.yaml': machines(3), ...files });
    assert.is(fleet.refused.size, 0);
    const { jobs, machines: inventory } = fleet;
    const look = { jobs, machines: inventory, timeZone: 'UTC', now: NOW, triggered: new Set(triggered) };
    const told = collisions(look).found.map((each) => {
      const values = each.values.map((value) => JSON.stringify(value)).join(',');
      return `${each.time} ${each.kind} ${each.machine} ${each.jobs.join(',')} ${values}`;
    });
    assert.equal(told, expected);
  });
}

test('collision: the field is named with its manager, and where on it', () => {
  const { jobs, machines: inventory } = view({
    'machines/all.yaml': machines(1),
    'jobs/a.yaml': FAN,
    'jobs/b.yaml': FAN.replace('90', '80'),
  }).fleet;
  const [first] = collisions({ jobs, machines: inventory, timeZone: 'UTC', now: NOW, triggered: new Set() }).found;
  assert.is(first?.field, 'bmc Oem.OpenBmc.Fan.FanZones.cpu.FailSafePercent');
});

test('collision: a thousand jobs that all meet on a hundred machines are told within two seconds, bounded', () => {
  const files: Record<string, string> = { 'machines/all.yaml': machines(100) };
  const all = Array.from({ length: 100 }, (_, index) => `m${index + 1}`).join(', ');
  for (let index = 0; index < 1000; index += 1) {
    const time = `${String(index % 24).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}:${String(index % 7).padStart(2, '0')}`;
    files[`jobs/j${index}.yaml`] = job({ machines: all, profile: index % 2 ? 'Balanced' : 'PowerSaver', time });
  }
  const { jobs, machines: inventory } = view(files).fleet;
  const before = performance.now();
  const { found, more, aheadDays } = collisions({
    jobs,
    machines: inventory,
    timeZone: 'UTC',
    now: NOW,
    triggered: new Set(),
  });
  const tookMs = performance.now() - before;
  assert.ok(found.length > 0 && found.length <= 10_000, `${found.length} found, ${more} more`);
  assert.ok(aheadDays >= 1, `${aheadDays} days`);
  assert.ok(tookMs < 2_000, `${Math.round(tookMs)} ms`);
});

for (const [systems, expected] of [
  ['Systems: ["1"]\n', ['system 1 AssetTag j1,j2']],
  ['Systems: ["1", "2"]\n', []],
  ['', []],
] as const) {
  test(`#17 a system that is named, and left out, on a machine with ${systems.trim() || 'nobody knows what'}`, () => {
    const text = (SystemID: string, tag: string) =>
      `Name: J\nMachines: [m1]\nAction: PatchSystem\nPayload: { ${SystemID}Payload: { AssetTag: ${tag} } }\n` +
      'Schedule: { Type: Continuous, Time: "22:00:00", Period: {} }\n';
    const files = {
      'jobs/j1.yaml': text('', 'a'),
      'jobs/j2.yaml': text('SystemID: "1", ', 'b'),
      'machines/all.yaml': machines(1, systems),
    };
    const { fleet } = view(files);
    const look = {
      jobs: fleet.jobs,
      machines: fleet.machines,
      timeZone: 'UTC',
      now: NOW,
      triggered: new Set<string>(),
    };
    assert.equal(
      collisions(look).found.map(({ field, jobs }) => `${field} ${jobs}`),
      expected,
    );
  });
}

test.run();
