// Memory: which machines each selector fits. All of it follows from the machines, and can be found again.
import type { JobSpec } from '../job.ts';
import type { Machine, MachineID, Machines } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import { createLabelIndex, type LabelIndex } from './label-index.ts';
import { matches } from './labels.ts';

/** What a job says of its machines. */
export type SelectedBy = Pick<JobSpec, 'Machines' | 'MachineSelector'>;

/** Which machines jobs reach, over one inventory. A change of one machine touches what depends on it, and no more. */
export interface Selection {
  readonly machines: Machines;
  /** The machines that a selector fits, by ID; over another inventory the same list as long as it says the same. */
  fitting(selector: MachineSelector): readonly MachineID[];
  /** Whether one of a job's machines has come, changed or gone since the inventory before. */
  isTouched(job: SelectedBy): boolean;
}

/** The machines that a job reaches: those that it names, or those that its selector fits. The one door to them. */
export function machinesOf({ Machines, MachineSelector }: SelectedBy, selection: Selection): readonly MachineID[] {
  return MachineSelector ? selection.fitting(MachineSelector) : (Machines ?? []);
}

/** A machine that is not what it was. */
interface MachineEdit {
  readonly id: MachineID;
  readonly was: Machine | undefined;
  readonly is: Machine | undefined;
}

interface SelectionState {
  readonly machines: Machines;
  /** By the selector as an object: a manifest that stays keeps it. */
  readonly lists: WeakMap<MachineSelector, readonly MachineID[]>;
  /** Made when a selector is met that is not known from before. */
  index: LabelIndex | null;
  /** What the inventory before was asked for, and what has changed since; null: nothing is taken over. */
  before: { readonly lists: SelectionState['lists']; readonly edits: readonly MachineEdit[] } | null;
}

/** Past so many changed machines each list is found anew: to go through the changes would take longer. */
const MOST_EDITS = 256;

/** A selection over an inventory; with the one `before`, what has not changed is taken over. */
export function createSelection(machines: Machines, before?: Selection): Selection {
  if (before?.machines === machines) return before;
  const edits = before ? editsBetween(before.machines, machines) : [];
  const isFew = before !== undefined && edits.length <= MOST_EDITS; // and no closure holds `before`, nor all before it
  const known = isFew ? listsOf.get(before) : undefined;
  const state: SelectionState = {
    machines,
    lists: new WeakMap(),
    index: null,
    before: known ? { lists: known, edits } : null,
  };
  const changed = new Set(edits.map(({ id }) => id));
  const selection: Selection = {
    machines,
    fitting: (selector) => fitting(state, selector),
    isTouched({ Machines, MachineSelector }) {
      if (!isFew) return true;
      if (!MachineSelector) return (Machines ?? []).some((id) => changed.has(id));
      return edits.some(({ was, is }) => fits(MachineSelector, was) || fits(MachineSelector, is));
    },
  };
  listsOf.set(selection, state.lists);
  return selection;
}

/** What each selection has found: the next one takes it over. */
const listsOf = new WeakMap<Selection, SelectionState['lists']>();

function fitting(state: SelectionState, selector: MachineSelector): readonly MachineID[] {
  const known = state.lists.get(selector);
  if (known) return known;
  const list = takenOver(state, selector) ?? search(state, selector);
  state.lists.set(selector, list);
  return list;
}

function search(state: SelectionState, selector: MachineSelector): readonly MachineID[] {
  state.index ??= createLabelIndex(state.machines);
  return state.index.candidates(selector).flatMap((machine) => (matches(selector, machine.Labels) ? machine.ID : []));
}

/** The list of the inventory before, with what has changed since; undefined where it was not asked for. */
function takenOver({ before }: SelectionState, selector: MachineSelector): readonly MachineID[] | undefined {
  const list = before?.lists.get(selector);
  if (!before || !list) return undefined;
  const moved = before.edits.filter(({ was, is }) => fits(selector, was) !== fits(selector, is));
  if (moved.length === 0) return list;
  const gone = new Set(moved.flatMap(({ id, is }) => (fits(selector, is) ? [] : id)));
  const come = moved.flatMap(({ id, is }) => (fits(selector, is) ? id : []));
  return [...list.filter((id) => !gone.has(id)), ...come].sort();
}

function fits(selector: MachineSelector, machine: Machine | undefined): boolean {
  return machine !== undefined && matches(selector, machine.Labels);
}

function editsBetween(before: Machines, after: Machines): readonly MachineEdit[] {
  const edits: MachineEdit[] = [];
  let kept = 0;
  for (const [id, is] of after) {
    const was = before.get(id);
    if (was) kept += 1;
    if (was !== is) edits.push({ id, was, is });
  }
  if (kept === before.size) return edits;
  for (const [id, was] of before) if (!after.has(id)) edits.push({ id, was, is: undefined });
  return edits;
}
