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

/** What a selector was found to fit, and over which inventory. */
interface Found {
  list: readonly MachineID[];
  over: Inventory;
}

/** Stands for one inventory, and does not hold it: what is found outlives it. */
type Inventory = Record<never, never>;

/** By the selector as an object: a manifest that stays keeps it. Shared by the selections that follow one another. */
type Memory = WeakMap<MachineSelector, Found>;

interface SelectionState {
  readonly machines: Machines;
  readonly inventory: Inventory;
  readonly memory: Memory;
  /** Made when a selector is met that is not known from before. */
  index: LabelIndex | null;
  /** The inventory before, and what has changed since; null: nothing is taken over. */
  readonly before: { readonly inventory: Inventory; readonly edits: readonly MachineEdit[] } | null;
}

/** Past so many changed machines each list is found anew: to go through the changes would take longer. */
const MOST_EDITS = 256;

/** A selection over an inventory; with the one `before`, what has not changed is taken over. */
export function createSelection(machines: Machines, before?: Selection): Selection {
  if (before?.machines === machines) return before;
  const known = before && memories.get(before);
  const edits = before ? editsBetween(before.machines, machines) : [];
  const isFew = known !== undefined && edits.length <= MOST_EDITS; // no closure holds `before`, nor all before it
  const state: SelectionState = {
    machines,
    inventory: {},
    memory: known?.memory ?? new WeakMap(),
    index: null,
    before: isFew ? { inventory: known.inventory, edits } : null,
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
  memories.set(selection, state);
  return selection;
}

/** What each selection has found: the next one goes on from there. */
const memories = new WeakMap<Selection, Pick<SelectionState, 'inventory' | 'memory'>>();

function fitting(state: SelectionState, selector: MachineSelector): readonly MachineID[] {
  const found = state.memory.get(selector);
  if (found?.over === state.inventory) return found.list;
  if (found && state.before && found.over === state.before.inventory) {
    found.list = followed(found.list, selector, state.before.edits);
    found.over = state.inventory;
    return found.list;
  }
  const list = search(state, selector);
  state.memory.set(selector, { list, over: state.inventory });
  return list;
}

function search(state: SelectionState, selector: MachineSelector): readonly MachineID[] {
  state.index ??= createLabelIndex(state.machines);
  return state.index.candidates(selector).flatMap((machine) => (matches(selector, machine.Labels) ? machine.ID : []));
}

/** A list with what the edits change of it; the very same where they change nothing. */
function followed(
  list: readonly MachineID[],
  selector: MachineSelector,
  edits: readonly MachineEdit[],
): readonly MachineID[] {
  let changed: Set<MachineID> | undefined;
  for (const { id, was, is } of edits) {
    const fitsNow = fits(selector, is);
    if (fits(selector, was) === fitsNow) continue;
    changed ??= new Set(list);
    if (fitsNow) changed.add(id);
    else changed.delete(id);
  }
  return changed ? [...changed].sort() : list;
}

function fits(selector: MachineSelector, machine: Machine | undefined): boolean {
  return machine !== undefined && matches(selector, machine.Labels);
}

/** Most changes leave all machines in their places: what stands in the same place is compared first. */
function editsBetween(before: Machines, after: Machines): readonly MachineEdit[] {
  const edits: MachineEdit[] = [];
  const places = before.values();
  let kept = 0;
  for (const is of after.values()) {
    const beside = places.next().value;
    if (beside === is) {
      kept += 1;
      continue;
    }
    const was = beside?.ID === is.ID ? beside : before.get(is.ID);
    if (was) kept += 1;
    if (was !== is) edits.push({ id: is.ID, was, is });
  }
  if (kept === before.size) return edits;
  for (const [id, was] of before) if (!after.has(id)) edits.push({ id, was, is: undefined });
  return edits;
}
