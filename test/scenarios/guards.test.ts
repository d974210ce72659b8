// Guards in a whole service: what is refused, waits, is skipped; what counts survives; what a person reads and does.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Json, own } from '../../definitions/values/json.ts';
import type { TestSystem } from '../support/controller.ts';
import { machines } from '../support/manifests.ts';
import { systemTest } from './scenario.ts';

/** A job on these machines of a class that guards limit: it sets fans. */
function fans(time: string, on: readonly string[], output = 30, more: Readonly<Record<string, Json>> = {}): string {
  return JSON.stringify({
    Name: `Fans at ${time}`,
    Machines: on,
    Action: 'PatchFanZone',
    Payload: { ManagerID: 'bmc', FanZoneID: 'cpu_zone', Payload: { MinThermalOutput: output } },
    Schedule: { Type: 'Continuous', Time: time, Period: { StartDay: '2026-01-01' } },
    ...more,
  });
}

const settings = (guard: Readonly<Record<string, Json>>, more: Readonly<Record<string, Json>> = {}) =>
  JSON.stringify({ Guards: [{ Class: 'Thermal', ...guard }], ...more });
const ids = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `machine-${from + index}`);
const missed = (system: TestSystem, job: string) => system.status(job).Missed.map(({ Reason }) => Reason);

systemTest(
  'G01 G02 more than the limit is refused as a whole, also over several jobs; an hour later it runs',
  async (create) => {
    const files = {
      ...machines(5),
      'bmcron.yaml': settings({ MaxMachines: 3 }),
      'jobs/all.json': fans('11:00:00', ids(1, 4)),
      'jobs/one.json': fans('11:10:00', ids(1, 2)),
      'jobs/two.json': fans('11:20:00', ids(3, 4)),
      'jobs/same.json': fans('11:30:00', ids(1, 2), 40),
      'jobs/late.json': fans('12:15:00', ids(3, 5)),
    };
    const system = await create({ files });
    await system.advance('2026-03-10T12:30:00Z');
    assert.equal(missed(system, 'all'), ['GuardRefused MaxMachines: would reach 4, Thermal allows 3 an hour']);
    assert.equal(missed(system, 'two'), [
      'GuardRefused MaxMachines: would reach 4 with the 2 of other runs, Thermal allows 3 an hour',
    ]);
    assert.equal(
      system.runs().map((each) => each.split(' ')[0]),
      ['one', 'same'],
    );
    assert.equal(missed(system, 'late'), [
      'GuardRefused MaxMachines: would reach 5 with the 2 of other runs, Thermal allows 3 an hour',
    ]);
    await system.trigger('late', 'too-early');
    assert.match(system.status('late').LastTrigger?.Message ?? '', /^GuardRefused MaxMachines: would reach 5/, 'G13');
    await system.advance('2026-03-10T12:31:00Z');
    await system.trigger('late', 'in-time');
    assert.is(system.status('late').Status, 'Completed');
  },
);

for (const [what, interrupt] of [
  ['a crash', (system: TestSystem) => system.crash()],
  ['a restart', (system: TestSystem) => system.stop()],
  [
    'a move to a new clone',
    async (system: TestSystem) => {
      await system.stop();
      await system.removeState();
    },
  ],
  [
    'a move to a new clone, and a crash there',
    async (system: TestSystem) => {
      await system.stop();
      await system.removeState();
      await system.start();
      await system.crash();
    },
  ],
] as const) {
  systemTest(`G02 R51 what counts survives ${what}`, async (create) => {
    const files = {
      ...machines(5),
      'bmcron.yaml': settings({ MaxMachines: 3 }),
      'jobs/one.json': fans('11:00:00', ids(1, 2)),
      'jobs/same.json': fans('10:30:00', ids(5, 5)),
      'jobs/two.json': fans('11:20:00', ids(3, 4)),
    };
    const system = await create({ files });
    system.bmcs.set('machine-5', { MinThermalOutput: 30 }, 'cpu_zone');
    await system.advance('2026-03-10T11:05:00Z');
    await interrupt(system);
    await system.start();
    await system.advance('2026-03-10T11:25:00Z');
    assert.match(missed(system, 'two')[0] ?? '', /would reach [45] with the [23] of other runs/);
    await system.advance('2026-03-10T12:10:00Z');
    await system.trigger('two', 'an-hour-later');
    assert.is(system.status('two').Status, 'Completed');
  });
}

systemTest('G14 a machine to which nothing had to be sent does not count', async (create) => {
  const files = {
    ...machines(4),
    'bmcron.yaml': settings({ MaxMachines: 2 }),
    'jobs/one.json': fans('11:00:00', ids(1, 2)),
    'jobs/again.json': fans('13:00:00', ids(1, 2)),
    'jobs/two.json': fans('13:10:00', ids(3, 4)),
  };
  const system = await create({ files });
  await system.advance('2026-03-10T12:30:00Z');
  for (const machine of ids(1, 2)) system.bmcs.behave(machine, { isSo: true });
  await system.advance('2026-03-10T13:15:00Z');
  assert.equal(missed(system, 'two'), []);
  assert.is(system.status('two').Status, 'Completed');
});

systemTest('G04 a job that reaches more than it confirms is refused', async (create) => {
  const job = fans('11:00:00', ids(1, 3), 30, { Confirm: { Machines: 2 } });
  const system = await create({ files: { ...machines(3), 'jobs/one.json': job } });
  await system.advance('2026-03-10T11:05:00Z');
  assert.match(missed(system, 'one')[0] ?? '', /^GuardRefused Confirm: would reach 3 machines, its Confirm allows 2/);
  await system.push({ 'jobs/one.json': fans('11:00:00', ids(1, 3), 30, { Confirm: { Machines: 3 } }) });
  assert.is(system.status('one').NextRunTime, '2026-03-11T11:00:00Z');
  await system.advance('2026-03-11T11:05:00Z');
  assert.is(system.status('one').Status, 'Completed');
});

const inRacks = (racks: readonly (string | null)[]) =>
  Object.fromEntries(
    racks.map((rack, index) => {
      const ID = `machine-${index + 1}`;
      const Labels = rack === null ? {} : { Labels: { rack } };
      return [`machines/${ID}.json`, JSON.stringify({ ID, Endpoint: `https://10.0.0.${index + 1}`, ...Labels })];
    }),
  );

systemTest(
  'G07 of one rack one works at once, the others wait without worker or connection, and then work',
  async (create) => {
    const files = {
      ...inRacks(['r7', 'r7', 'r8', null, null]),
      'bmcron.yaml': settings({ MaxPerDomain: { Label: 'rack', Count: 1 } }),
      'jobs/one.json': fans('11:00:00', ids(1, 5)),
    };
    const system = await create({ files });
    for (const machine of ids(1, 5)) system.bmcs.behave(machine, { takesMs: 20_000 });
    await system.advance('2026-03-10T11:00:10Z');
    const working = () => system.bmcs.carried.filter(({ end }) => end === null).map(({ part }) => part.machine.ID);
    assert.is(working().length, 3, 'one of r7, that of r8, and one without the label');
    assert.is(system.service.connections.active, 3);
    await system.advance('2026-03-10T11:02:00Z');
    assert.is(system.status('one').Status, 'Completed');
    const began = system.bmcs.carried.map(({ part, start }) => [part.machine.ID, start.toISOString().slice(14, 19)]);
    assert.is(began.filter(([, at]) => at === '00:00').length, 3);
    assert.is(began.filter(([, at]) => at === '00:20').length, 2, 'as soon as the first of their domain has ended');
  },
);

systemTest('G07 a turn that does not come in time: Skipped Domain, and the run has failed', async (create) => {
  const files = {
    ...inRacks(['r7', 'r7']),
    'bmcron.yaml': settings({ MaxPerDomain: { Label: 'rack', Count: 1 } }),
    'jobs/one.json': fans('11:00:00', ['machine-1']),
    'jobs/two.json': fans('11:00:01', ['machine-2']),
  };
  const system = await create({ files });
  system.bmcs.behave('machine-1', { takesMs: 600_000 });
  await system.advance('2026-03-10T11:20:00Z');
  const { Status, LastRun } = system.status('two');
  assert.is(Status, 'Failed');
  assert.equal(LastRun?.SkippedMachines, [
    'machine-2: GuardRefused Domain: 1 machine of rack r7 at once, its turn did not come in time',
  ]);
});

systemTest('G08 too soon after the last: Skipped MinInterval, and the others go on', async (create) => {
  const files = {
    ...machines(2),
    'bmcron.yaml': settings({ MinInterval: '1h' }),
    'jobs/one.json': fans('11:00:00', ['machine-1']),
    'jobs/two.json': fans('11:20:00', ids(1, 2), 40),
  };
  const system = await create({ files });
  await system.advance('2026-03-10T11:25:00Z');
  const { LastRun, Status } = system.status('two');
  assert.is(Status, 'Failed');
  assert.match(
    LastRun?.SkippedMachines?.[0] ?? '',
    /^machine-1: GuardRefused MinInterval: its last of class Thermal was at 2026-03-10T11:00:0\dZ, 1h must pass$/,
  );
  assert.is(LastRun?.Succeeded, 1);
});

systemTest('G06 identity required and not known: refused; known: the part must prove it', async (create) => {
  const machine = (Identity: Json) =>
    JSON.stringify({ ID: 'machine-1', Endpoint: 'https://10.0.0.1', ...(Identity !== null && { Identity }) });
  const files = {
    'machines/machine-1.json': machine(null),
    'bmcron.yaml': settings({ Identity: 'Required' }),
    'jobs/one.json': fans('11:00:00', ['machine-1']),
  };
  const system = await create({ files });
  await system.advance('2026-03-10T11:05:00Z');
  assert.match(
    missed(system, 'one')[0] ?? '',
    /^GuardRefused Identity: Thermal needs an Identity of its own for machine-1/,
  );
  await system.push({ 'machines/machine-1.json': machine({ SerialNumber: 'CZ1' }) });
  await system.trigger('one', 'now');
  assert.equal(
    system.bmcs.carried.map(({ part }) => part.identity),
    [{ SerialNumber: 'CZ1' }],
  );
});

systemTest('G12 a raise and its use in one merge: refused; a minute later the same is allowed', async (create) => {
  const files = {
    ...machines(3),
    'bmcron.yaml': settings({ MaxMachines: 2 }),
    'jobs/one.json': fans('11:00:00', ids(1, 3)),
  };
  const system = await create({ files });
  await system.push({
    'bmcron.yaml': settings({ MaxMachines: 3 }),
    'jobs/one.json': fans('11:00:00', ids(1, 3), 30, { Trigger: 't1' }),
  });
  await system.settled();
  assert.match(
    system.status('one').LastTrigger?.Message ?? '',
    /^GuardRefused MaxMachines: would reach 3, Thermal allows 2/,
  );
  await system.advance(60_000);
  await system.trigger('one', 't2');
  assert.is(system.status('one').Status, 'Completed');
});

systemTest('G10 the breaker opens, STATUS.md says what to do, a commit closes it', async (create) => {
  const Breaker = { Failures: 3, Within: '10m', Classes: ['Thermal'] };
  const profile = (time: string) =>
    JSON.stringify({
      Name: 'Profile',
      Machines: ids(1, 3),
      Action: 'PatchProfile',
      Payload: { ManagerID: 'bmc', Payload: { Profile: 'Balanced' } },
      Schedule: { Type: 'Continuous', Time: time, Period: { StartDay: '2026-01-01' } },
    });
  const files = {
    ...machines(3),
    'bmcron.yaml': JSON.stringify({ Breaker }),
    'jobs/profile.json': profile('11:00:00'),
    'jobs/one.json': fans('11:05:00', ids(1, 2)),
  };
  const system = await create({ files });
  for (const machine of ids(1, 3)) system.bmcs.next(machine, { error: 'broken (permanent)' });
  await system.advance('2026-03-10T11:10:00Z');
  assert.match(
    missed(system, 'one')[0] ?? '',
    /^GuardRefused Breaker: the breaker is open since 2026-03-10T11:00:\d\dZ/,
  );
  const page = () => String(system.git('fetch', '-q') + system.git('show', 'origin/main:STATUS.md'));
  assert.match(
    page(),
    /- \*\*`+ ?Thermal begin nothing: the breaker is open since 2026-03-10T11:00.*Breaker\.Resume in bmcron\.yaml/,
  );
  await system.trigger('profile', 'others-go-on');
  assert.is(system.status('profile').Status, 'Completed');
  await system.crash();
  await system.start();
  await system.trigger('one', 'still-open');
  assert.match(system.status('one').LastTrigger?.Message ?? '', /^GuardRefused Breaker/, 'after a crash');
  await system.stop();
  await system.removeState();
  await system.start();
  await system.trigger('one', 'in-a-new-clone');
  assert.match(system.status('one').LastTrigger?.Message ?? '', /^GuardRefused Breaker/, 'in a new clone');
  await system.push({ 'bmcron.yaml': JSON.stringify({ Breaker: { ...Breaker, Resume: 'fixed-1' } }) });
  await system.trigger('one', 'closed');
  assert.is(system.status('one').Status, 'Completed');
  await system.advance(60_000);
  assert.not.match(page(), /begin nothing: the breaker is open/);
  assert.ok(own(system.published('jobs/one.status.yaml'), 'Id'));
});

systemTest('G11 #20 a log too large to read in a new clone: nobody knows who was reached', async (create) => {
  const files = {
    ...machines(2),
    'bmcron.yaml': settings({ MaxMachines: 1 }),
    'jobs/two.json': fans('13:20:00', ids(2, 2)),
  };
  const system = await create({ files });
  await system.stop();
  await system.removeState();
  system.commit({ 'logs/2026/03/10/z_PatchFanZone_z.json': Buffer.alloc((32 << 20) + 1, ' ') });
  await system.start();
  await system.trigger('two', 'unknown');
  assert.match(system.status('two').LastTrigger?.Message ?? '', /^GuardRefused .*not known/);
});

test.run();
