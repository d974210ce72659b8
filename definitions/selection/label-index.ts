import type { Machine, Machines } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';

/** Machines by their labels, so that a selector looks at few. */
export interface LabelIndex {
  /** Machines among which are all that the selector fits, ordered by ID. */
  candidates(selector: MachineSelector): readonly Machine[];
}

type ByValue = ReadonlyMap<string, readonly Machine[]>;

const NONE: ByValue = new Map();

/** An index over an inventory. */
export function createLabelIndex(machines: Machines): LabelIndex {
  const sorted = [...machines.values()].sort(byID);
  const keys = new Map<string, Map<string, Machine[]>>();
  for (const machine of sorted) {
    for (const [key, value] of Object.entries(machine.Labels ?? {})) {
      const values = keys.get(key) ?? new Map<string, Machine[]>();
      keys.set(key, values);
      const found = values.get(value);
      if (found) found.push(machine);
      else values.set(value, [machine]);
    }
  }
  return { candidates: (selector) => fewest(keys, selector) ?? sorted };
}

/** The machines that meet the requirement which the fewest meet; undefined: it asks for no label. */
function fewest(keys: ReadonlyMap<string, ByValue>, selector: MachineSelector): readonly Machine[] | undefined {
  let best: readonly (readonly Machine[])[] | undefined;
  for (const lists of requirements(keys, selector)) if (!best || sizeOf(lists) < sizeOf(best)) best = lists;
  if (!best || best.length === 1) return best?.[0];
  return best.flat().sort(byID);
}

/** For each requirement that asks for a label: the machines that meet it, in a list for each value. */
function* requirements(
  keys: ReadonlyMap<string, ByValue>,
  { MatchLabels = {}, MatchExpressions = [] }: MachineSelector,
): Generator<readonly (readonly Machine[])[]> {
  for (const [key, value] of Object.entries(MatchLabels)) yield [keys.get(key)?.get(value) ?? []];
  for (const { Key, Operator, Values = [] } of MatchExpressions) {
    const values = keys.get(Key) ?? NONE;
    if (Operator === 'In') yield [...new Set(Values)].map((value) => values.get(value) ?? []);
    if (Operator === 'Exists') yield [...values.values()];
  }
}

function sizeOf(lists: readonly (readonly Machine[])[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

function byID(a: Machine, b: Machine): number {
  return a.ID < b.ID ? -1 : 1;
}
