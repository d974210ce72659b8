// The guards, row by row: definitions, what was reached lately, and now → verdict.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BUILT_IN_GUARDS, completeGuards, type Guard } from '../../definitions/guard.ts';
import type { GuardClass } from '../../definitions/guard-class.ts';
import type { Machine } from '../../definitions/machine.ts';
import { createGuardCounts } from '../../definitions/safety/guard-counts.ts';
import {
  domainOf,
  domainRefusal,
  type GuardContext,
  type GuardedRun,
  isFarBelow,
  judgeGuards,
  judgeInterval,
  judgePart,
  NO_RESTART_LABEL,
} from '../../definitions/safety/guards.ts';
import { identitiesOf } from '../../definitions/safety/identity.ts';

const NOW = new Date('2026-03-10T22:00:00Z');
const ago = (minutes: number) => NOW.getTime() - minutes * 60_000;
const names = (count: number, prefix = 'm') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

function machine(ID: string, more: Partial<Machine> = {}): Machine {
  const Identity = { SerialNumber: `CZ-${ID}` };
  return { ID, Type: 'Base', Endpoint: `https://${ID}`, Timeout: '60s', Identity, ...more };
}

interface Case {
  readonly guard?: GuardClass;
  readonly limits?: Partial<Guard>;
  readonly machines: readonly string[];
  readonly confirmed?: number;
  /** Machines that other runs reached, so many minutes ago. */
  readonly reached?: Readonly<Record<string, number>>;
  /** Machines that a run of another job works on now. */
  readonly taken?: readonly string[];
  /** Of which class those were. */
  readonly of?: GuardClass;
  readonly counts?: null;
  readonly inventory?: readonly Machine[];
  /** The guard, and a part of its sentence; null: nothing is against it. */
  readonly expected: readonly [name: string, message: RegExp] | null;
}

function judge(each: Case) {
  const { guard = 'Host', machines, confirmed, taken = [], reached = {}, of = guard } = each;
  const counts = createGuardCounts();
  counts.take('other@now', of, taken);
  for (const [id, minutes] of Object.entries(reached)) counts.reached(of, id, ago(minutes));
  const all = each.inventory ?? machines.map((id) => machine(id));
  const inventory = new Map(all.map((one) => [one.ID, one]));
  const run: GuardedRun = { guard, machines, confirmed };
  const context: GuardContext = {
    limits: { ...BUILT_IN_GUARDS[guard], ...each.limits },
    inventory,
    identities: identitiesOf(inventory),
    counts: each.counts === null ? null : counts,
    now: NOW,
  };
  return judgeGuards(run, context);
}

const RUNS: Readonly<Record<string, readonly (Case & { readonly name: string })[]>> = {
  G01: [
    { name: 'as many as the limit', machines: names(10), expected: null },
    {
      name: 'more than the limit: the whole run is refused',
      machines: names(37),
      expected: ['MaxMachines', /^would reach 37, Host allows 10 an hour$/],
    },
    {
      name: 'more than its share of the inventory',
      limits: { MaxPercent: '5%', MaxMachines: 50 },
      machines: names(6),
      inventory: names(100).map((id) => machine(id)),
      expected: ['MaxPercent', /^would reach 6, Host allows 5% of 100 machines \(5\) an hour$/],
    },
    {
      name: 'a share of less than one machine is one',
      limits: { MaxPercent: '5%' },
      machines: names(1),
      expected: null,
    },
    { name: 'Thermal, 100 an hour', guard: 'Thermal', machines: names(100), expected: null },
    { name: 'Thermal, 101', guard: 'Thermal', machines: names(101), expected: ['MaxMachines', /Thermal allows 100/] },
    { name: 'Access, 20 a day', guard: 'Access', machines: names(21), expected: ['MaxMachines', /allows 20 a day/] },
    { name: 'Manager, 50', guard: 'Manager', machines: names(51), expected: ['MaxMachines', /Manager allows 50/] },
    { name: 'None has no limit', guard: 'None', machines: names(1_000), expected: null },
    { name: 'a limit that is lifted', limits: { MaxMachines: null }, machines: names(99), expected: null },
  ],
  G02: [
    { name: 'others reached nine within the hour', machines: ['a'], reached: nine(20), expected: null },
    {
      name: 'others reached nine within the hour, and two more come',
      machines: ['a', 'b'],
      reached: nine(20),
      expected: ['MaxMachines', /^would reach 11 with the 9 of other runs, Host allows 10 an hour$/],
    },
    { name: 'the same machines again are no more', machines: names(9), reached: nine(20), expected: null },
    { name: 'the others are longer ago than Per', machines: names(2, 'a'), reached: nine(60), expected: null },
    {
      name: 'one that is still worked on counts, however long ago it was claimed',
      machines: ['a', 'b'],
      taken: names(9),
      expected: ['MaxMachines', /would reach 11/],
    },
    {
      name: 'those of another class do not count',
      machines: ['a', 'b'],
      taken: names(9),
      of: 'Manager',
      expected: null,
    },
  ],
  G04: [
    { name: 'as many as it confirms', machines: names(4), confirmed: 4, expected: null },
    {
      name: 'more than it confirms',
      machines: names(5),
      confirmed: 4,
      expected: ['Confirm', /^would reach 5 machines, its Confirm allows 4/],
    },
    {
      name: 'what it confirms is no way past the fleet',
      machines: names(37),
      confirmed: 40,
      expected: ['MaxMachines', /37/],
    },
  ],
  G06: [
    {
      name: 'required, and none in the inventory',
      machines: ['a', 'b'],
      inventory: [machine('a'), machine('b', { Identity: {} })],
      expected: ['Identity', /^Host needs an Identity of its own for b: bmcron probe --write reads it$/],
    },
    {
      name: 'a value that two machines share is no identity',
      machines: ['a'],
      inventory: [
        machine('a', { Identity: { SerialNumber: '1' } }),
        machine('b', { Identity: { SerialNumber: ' 1 ' } }),
      ],
      expected: ['Identity', /for a:/],
    },
    {
      name: 'a class that does not require it',
      guard: 'Thermal',
      machines: ['a'],
      inventory: [machine('a', { Identity: {} })],
      expected: null,
    },
  ],
  G11: [
    {
      name: 'counts that are not known',
      machines: ['a'],
      counts: null,
      expected: ['Counts', /^what Host reached lately is not known, and so over the limit$/],
    },
    { name: 'a class without a limit needs no counts', guard: 'None', machines: ['a'], counts: null, expected: null },
  ],
};

function nine(minutes: number): Readonly<Record<string, number>> {
  return Object.fromEntries(names(9).map((id) => [id, minutes]));
}

for (const [row, cases] of Object.entries(RUNS)) {
  for (const each of cases) {
    test(`${row} ${each.name}: ${each.expected?.[0] ?? 'runs'}`, () => {
      const refusal = judge(each);
      assert.is(refusal?.guard, each.expected?.[0]);
      if (each.expected) assert.match(refusal?.message ?? '', each.expected[1]);
    });
  }
}

for (const [count, expected] of [
  [20, false],
  [19, true],
] as const) {
  test(`G04 ${count} of 40 confirmed: ${expected ? 'a warning' : 'no warning'}`, () => {
    assert.is(isFarBelow({ guard: 'Host', machines: names(count), confirmed: 40 }), expected);
  });
}

test('G14 a machine to which nothing was sent counts as long as that is not known, and not after', () => {
  const counts = createGuardCounts();
  counts.take('a@1', 'Host', ['m1', 'm2', 'm3']);
  assert.is(counts.since('Host', ago(60)).size, 3);
  counts.ended('a@1', 'm1');
  counts.reached('Host', 'm2', ago(0));
  counts.ended('a@1', 'm2');
  assert.equal([...counts.since('Host', ago(60))].sort(), ['m2', 'm3']);
  counts.release('a@1');
  assert.equal([...counts.since('Host', ago(60))], ['m2'], 'what was never begun counts no more');
  counts.ended('a@1', 'm3');
  assert.equal([...counts.since('Host', ago(60))], ['m2']);
});

const RACK = { MaxPerDomain: { Label: 'rack', Count: 2, Unlabelled: 'OneDomain' } } as const;
const inRack = (rack?: string) => machine('a', rack === undefined ? {} : { Labels: { rack } });

for (const [name, limits, one, expected] of [
  ['a machine of a rack', RACK, inRack('r7'), { label: 'rack', value: 'r7', count: 2 }],
  ['without the label: one domain, one at once', RACK, inRack(), { label: 'rack', value: '', count: 1 }],
  ['as built in, without the label: no limit', BUILT_IN_GUARDS.Host, inRack(), null],
  ['as built in, of a rack', BUILT_IN_GUARDS.Host, inRack('r7'), { label: 'rack', value: 'r7', count: 1 }],
  ['no such limit', BUILT_IN_GUARDS.Thermal, inRack('r7'), null],
] as const) {
  test(`G07 ${name}`, () => assert.equal(domainOf(one, { ...BUILT_IN_GUARDS.Host, ...limits }), expected));
}

test('G07 the sentence of one whose turn did not come', () => {
  const { guard, message } = domainRefusal({ label: 'rack', value: 'r7', count: 1 }, true);
  assert.is(`${guard}: ${message}`, 'Domain: 1 machine of rack r7 at once, its turn did not come in time');
});

const PARTS = [
  ['G08', 'reached 20 minutes ago, an hour must pass', 'Host', ago(20), '1h', {}, 'MinInterval'],
  ['G08', 'reached an hour ago', 'Host', ago(60), '1h', {}, undefined],
  ['G08', 'never reached', 'Host', null, '1h', {}, undefined],
  ['G08', 'no interval is asked', 'Host', ago(1), null, {}, undefined],
  ['G09', 'a host that must not be restarted', 'Host', null, null, { [NO_RESTART_LABEL]: 'true' }, 'NoRestart'],
  ['G09', 'nor must its BMC', 'Manager', null, null, { [NO_RESTART_LABEL]: 'true' }, 'NoRestart'],
  ['G09', 'its fans may be set', 'Thermal', null, null, { [NO_RESTART_LABEL]: 'true' }, undefined],
  ['G09', 'another value of the label', 'Host', null, null, { [NO_RESTART_LABEL]: 'false' }, undefined],
] as const;

for (const [row, name, guard, last, MinInterval, Labels, expected] of PARTS) {
  test(`${row} ${name}: ${expected ? `Skipped ${expected}` : 'begins'}`, () => {
    const limits = { ...BUILT_IN_GUARDS[guard], MinInterval };
    assert.is(judgePart({ guard, machine: machine('a', { Labels }), last }, limits, NOW)?.guard, expected);
  });
}

test('G08 the sentence says when the last was, and what must pass', () => {
  const refusal = judgeInterval('Host', '2026-03-10T21:40:00Z', { ...BUILT_IN_GUARDS.Host, MinInterval: '1h' }, NOW);
  assert.is(refusal?.message, 'its last of class Host was at 2026-03-10T21:40:00Z, 1h must pass');
});

test('R51 a guard that is written replaces the fields that it names; the rest stays as it is built in', () => {
  const guards = completeGuards([
    { Class: 'Host', MaxMachines: 20, MaxPerDomain: { Label: 'row', Count: 2 } },
    { Class: 'Thermal', MaxMachines: null },
  ]);
  assert.equal(guards.Host, {
    ...BUILT_IN_GUARDS.Host,
    MaxMachines: 20,
    MaxPerDomain: { Label: 'row', Count: 2, Unlabelled: 'OneDomain' },
  });
  assert.is(guards.Host.Identity, 'Required');
  assert.is(guards.Thermal.MaxMachines, null);
  assert.equal(guards.Manager, BUILT_IN_GUARDS.Manager);
  assert.equal(completeGuards([]), BUILT_IN_GUARDS);
});

test.run();
