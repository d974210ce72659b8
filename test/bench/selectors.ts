import type { Machine, Machines } from '../../definitions/machine.ts';
import type { MachineSelector } from '../../definitions/machine-selector.ts';
import { createSelection, type Selection } from '../../definitions/selection/selection.ts';
import { compare, timed } from './measure.ts';
import type { Case } from './row.ts';

/** One machine is edited so many times: once takes too little to be measured. */
const EDITS = 50;
const ROLES = ['compute', 'storage', 'gpu', 'login'];

/**
 * The inventory changes by one machine, and a tenth as many jobs as machines, each with a selector of its own, are
 * asked anew which machines they reach. The least reads all labels once, which is how somebody without a memory would
 * begin.
 */
export const selectors: Case = {
  name: 'selectors',
  what: `${EDITS} times one machine of N edited, N/10 selectors resolved anew / as many bare loops over all labels`,
  unit: 'ms',
  bar: 2,
  sizes: { full: [10_000], short: [100] },
  async measure(n, scale) {
    const machines = inventory(n);
    const asked = Array.from({ length: n / 10 }, (_, index) => selectorOf(index, n));
    const edits = edited(machines, n);
    const ours = () => {
      const before = resolved(createSelection(machines), asked);
      return timed(() => edits.reduce((selection, each) => resolved(createSelection(each, selection), asked), before));
    };
    const floor = () => timed(() => edits.reduce((sum, each) => sum + lengthOfLabels(each), 0));
    return [await compare({ case: 'selectors', n, ours, floor, rounds: scale === 'full' ? 9 : 1 })];
  },
};

function inventory(n: number): Map<string, Machine> {
  return new Map(Array.from({ length: n }, (_, index) => [`machine-${index}`, machineOf(index, index)] as const));
}

/** Forty to a rack. */
function machineOf(index: number, place: number): Machine {
  const rack = `r${Math.floor(place / 40)}`;
  const Labels = { rack, role: ROLES[place % 4] ?? '', site: place % 2 === 0 ? 'ams' : 'fra' };
  return { ID: `machine-${index}`, Type: 'Extend', Endpoint: `https://10.0.0.${index}`, Timeout: '60s', Labels };
}

function selectorOf(index: number, n: number): MachineSelector {
  const rack = `r${index % Math.ceil(n / 40)}`;
  if (index % 3 === 0) return { MatchLabels: { rack } };
  const [role = ''] = ROLES.slice(index % 4);
  if (index % 3 === 1) return { MatchLabels: { rack, role } };
  return { MatchLabels: { rack }, MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: [role] }] };
}

/** The inventory after each edit: a machine moves to another rack. */
function edited(machines: ReadonlyMap<string, Machine>, n: number): readonly Machines[] {
  let last = machines;
  return Array.from({ length: EDITS }, (_, edit) => {
    const index = (edit * 997) % n;
    last = new Map(last).set(`machine-${index}`, machineOf(index, index + 40 * edit));
    return last;
  });
}

function resolved(selection: Selection, asked: readonly MachineSelector[]): Selection {
  for (const selector of asked) selection.fitting(selector);
  return selection;
}

function lengthOfLabels(machines: Machines): number {
  let length = 0;
  for (const { Labels = {} } of machines.values())
    for (const key in Labels) length += key.length + (Labels[key]?.length ?? 0);
  return length;
}
