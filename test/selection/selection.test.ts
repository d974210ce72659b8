// Which machines a job reaches, and what a change of the inventory touches.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { version } from '../../definitions/job-version.ts';
import type { Machine, Machines } from '../../definitions/machine.ts';
import type { MachineSelector } from '../../definitions/machine-selector.ts';
import { matches } from '../../definitions/selection/labels.ts';
import { createSelection, machinesOf } from '../../definitions/selection/selection.ts';
import { jobOf } from '../support/jobs.ts';

function machine(ID: string, Labels?: Record<string, string>): Machine {
  return { ID, Type: 'Extend', Endpoint: `https://${ID}.example`, Timeout: '60s', ...(Labels && { Labels }) };
}

function inventory(...machines: readonly Machine[]): Machines {
  return new Map(machines.map((each) => [each.ID, each]));
}

const r7: MachineSelector = { MatchLabels: { rack: 'r7' } };
const r8: MachineSelector = { MatchLabels: { rack: 'r8' } };
const m2 = machine('m2', { rack: 'r7' });
const m1 = machine('m1', { rack: 'r7', role: 'storage' });
const m3 = machine('m3', { rack: 'r8' });
const m4 = machine('m4');
const all = inventory(m2, m1, m3, m4);

test('S05 a selector fits machines by ID, whatever their order; a list stays as written', () => {
  const selection = createSelection(all);
  assert.equal(selection.fitting(r7), ['m1', 'm2']);
  assert.equal(machinesOf({ MachineSelector: r8 }, selection), ['m3']);
  assert.equal(machinesOf({ Machines: ['m9', 'm1'] }, selection), ['m9', 'm1']);
});

for (const [what, change, expected] of [
  ['a machine joins', inventory(m2, m1, m3, m4, machine('m0', { rack: 'r7' })), ['m0', 'm1', 'm2']],
  ['a machine leaves', inventory(m1, m3, m4), ['m1']],
  ['a label is edited away', inventory(machine('m2', { rack: 'r9' }), m1, m3, m4), ['m1']],
  ['a label is edited in', inventory(m2, m1, machine('m3', { rack: 'r7' }), m4), ['m1', 'm2', 'm3']],
] as const) {
  test(`S05 ${what}: the selector follows, and what does not depend on it is not touched`, () => {
    const before = createSelection(all);
    const others = before.fitting({ MatchLabels: { rack: 'none' } });
    assert.equal(before.fitting(r7), ['m1', 'm2']);
    const after = createSelection(change, before);
    assert.equal(after.fitting(r7), expected);
    assert.ok(after.isTouched({ MachineSelector: r7 }));
    assert.not.ok(after.isTouched({ MachineSelector: { MatchLabels: { rack: 'none' } } }));
    assert.equal(others, []);
  });
}

test('S05 a machine that is not fitted before and after touches nothing: the very same list', () => {
  const before = createSelection(all);
  const list = before.fitting(r7);
  const after = createSelection(inventory(m2, m1, machine('m3', { rack: 'r8', role: 'x' }), m4), before);
  assert.is(after.fitting(r7), list);
  assert.not.ok(after.isTouched({ MachineSelector: r7 }));
  assert.ok(after.isTouched({ MachineSelector: r8 }), 'it fits as before, and is another machine now');
  assert.ok(after.isTouched({ Machines: ['m3'] }));
  assert.not.ok(after.isTouched({ Machines: ['m1', 'm9'] }));
});

test('S05 the same inventory is the same selection', () => {
  const selection = createSelection(all);
  assert.is(createSelection(all, selection), selection);
});

const SELECTORS: readonly MachineSelector[] = [
  r7,
  { MatchLabels: { rack: 'r1', role: 'storage' } },
  { MatchExpressions: [{ Key: 'rack', Operator: 'In', Values: ['r1', 'r2', 'r2'] }] },
  { MatchExpressions: [{ Key: 'role', Operator: 'Exists' }] },
  { MatchLabels: { rack: 'r3' }, MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }] },
  { MatchExpressions: [{ Key: 'role', Operator: 'DoesNotExist' }] },
];

test('S05 the index and what is taken over say what a bare loop says', () => {
  const labels = (n: number) => ({
    rack: `r${n % 8}`,
    ...(n % 3 > 0 && { role: n % 3 === 1 ? 'storage' : 'compute' }),
  });
  let machines = new Map(Array.from({ length: 600 }, (_, n) => [`m${n}`, machine(`m${n}`, labels(n))]));
  let selection = createSelection(machines);
  for (let step = 0; step < 20; step += 1) {
    for (const selector of SELECTORS) {
      const bare = [...machines.values()].filter(({ Labels }) => matches(selector, Labels)).map(({ ID }) => ID);
      assert.equal(selection.fitting(selector), bare.sort());
    }
    machines = new Map(machines);
    const edits = step === 10 ? 400 : 3; // more than are worth taking over
    for (let edit = 0; edit < edits; edit += 1) {
      const id = `m${(step * 37 + edit * 11) % 700}`;
      if (edit % 3 === 0) machines.delete(id);
      else machines.set(id, machine(id, labels(step + edit)));
    }
    selection = createSelection(machines, selection);
  }
});

test('S06 the version is of the selector as written: neither what it fits nor its spelling matters', () => {
  const { Machines: _, ...rest } = jobOf('a').spec;
  const digest = (MachineSelector: MachineSelector) => version({ ...rest, MachineSelector });
  const In = (...Values: string[]) => ({ Key: 'role', Operator: 'In', Values }) as const;
  const Exists = { Key: 'rack', Operator: 'Exists' } as const;
  assert.is(
    digest({ MatchExpressions: [In('a', 'b'), Exists] }),
    digest({ MatchExpressions: [Exists, In('b', 'a', 'a')] }),
  );
  assert.is(digest(r7), digest({ MatchLabels: { rack: 'r7' }, MatchExpressions: [] }));
  assert.is.not(digest(r7), digest(r8));
  assert.is.not(digest({ MatchExpressions: [In('a')] }), digest({ MatchExpressions: [In('b')] }));
  assert.is(version({ ...rest, MachineSelector: r7, AllowEmpty: true }), digest(r7), 'a permission is no version');
});

test.run();
