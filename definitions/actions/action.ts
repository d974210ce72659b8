import type { GuardClass } from '../guard-class.ts';
import type { PayloadEntry } from '../job.ts';
import type { MachineType, ManagerInventory } from '../machine.ts';
import type { JsonObject } from '../values/json.ts';

/** The field of a payload entry that names what is patched below the manager. */
export type TargetField = 'FanControllerID' | 'FanZoneID' | 'PidControllerID';

/** One kind of change: what it may carry, where on the manager's resource it writes. */
export interface Action {
  readonly name: string;
  readonly description: string;
  /** Names the object below the manager; null when the manager itself is patched. */
  readonly target: TargetField | null;
  /** The machine types that can carry it out. */
  readonly supports: readonly MachineType[];
  /** What it endangers: which windows and guards it answers to. */
  readonly guard: GuardClass;
  /** JSON Schema (2020-12) of each payload field, by name. At least one field is given, null is refused. */
  readonly payload: Readonly<Record<string, JsonObject>>;
  /** Pairs of fields of which the first must not exceed the second (R02). */
  readonly ordered?: readonly (readonly [string, string])[];
  /** Where its objects' names stand under `Managers` in the inventory. */
  readonly inventory: keyof ManagerInventory | null;
  /** The path from the manager resource to the object that holds the fields. */
  at(entry: PayloadEntry): readonly string[];
}

/** Declares an action; the type is checked where it is written. */
export function defineAction(action: Action): Action {
  return action;
}
