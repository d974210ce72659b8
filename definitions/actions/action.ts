import type { GuardClass } from '../guard-class.ts';
import type { PayloadEntry } from '../job.ts';
import type { MachineType, ManagerInventory } from '../machine.ts';
import type { Json, JsonObject } from '../values/json.ts';
import type { Course } from './course/course.ts';
import type { Twin } from './fields/twin.ts';
import type { FieldPlace, FieldView } from './fields/view.ts';
import type { Witness } from './fields/witness.ts';
import type { Root } from './root.ts';

/** The field of a payload entry that names what is patched below the manager. */
export type TargetField = 'FanControllerID' | 'FanZoneID' | 'PidControllerID';

/** One kind of change: what it may carry, where on a BMC it writes. */
export interface Action {
  readonly name: string;
  readonly description: string;
  /** The collection among whose members an entry names one, or leaves out which where there is only one choice. */
  readonly root: Root;
  /** The property of that member that links to the resource with the fields; absent: the member itself has them. */
  readonly link?: string;
  /** Names the object below the manager; null when the resource itself is patched. */
  readonly target: TargetField | null;
  /** The machine types that can carry it out. */
  readonly supports: readonly MachineType[];
  /** What it endangers: which windows and guards it answers to. */
  readonly guard: GuardClass;
  /** A field and the value of it with which nothing is endangered: then its class is None. */
  readonly harmless?: readonly [field: string, value: Json];
  /** JSON Schema (2020-12) of each payload field, by name. At least one field is given, null is refused. */
  readonly payload: Readonly<Record<string, JsonObject>>;
  /** Fields that must be given; absent: any one is enough. */
  readonly required?: readonly string[];
  /** Fields that say how, and are no values of the BMC: nothing is compared with them, nothing shown of them. */
  readonly options?: readonly string[];
  /** What a field is set to that had no value, by its name or a property's in it, where the standard has a way. */
  readonly unset?: Readonly<Record<string, Json>>;
  /** Options with which an old value is put back: it has been there before. */
  readonly restoring?: JsonObject;
  /** So far off a number may be and still be the same, by field; absent: what floats lose. */
  readonly tolerances?: Readonly<Record<string, number>>;
  /** What is told besides where a vendor's BMC has not got a field. */
  readonly advice?: readonly { readonly vendor: RegExp; readonly field: string; readonly text: string }[];
  /** Services that are not switched off while they are what the BMC is spoken to over, by field: the scheme. */
  readonly spokenOver?: Readonly<Record<string, string>>;
  /** A BMC may restart by itself for a change, and be away for so long. */
  readonly restartMs?: number;
  /** How long a change may take to be seen; 10 s. */
  readonly readBackMs?: number;
  /** How resources show its fields that do not have them under their names. */
  readonly view?: FieldView;
  /** What else must come true after a change. */
  readonly witness?: Witness;
  /** Where the resource is, the first that is there; absent: the member of the root, or its `link`. */
  readonly sources?: readonly FieldPlace[];
  /** The longest that a duration may be, by field. */
  readonly longest?: Readonly<Record<string, string>>;
  /** Values of fields that only a job of Type Once may give. */
  readonly onceOnly?: Readonly<Record<string, readonly string[]>>;
  /** How it goes on where it is an action of Redfish and not a PATCH. */
  readonly course?: Course;
  /** Pairs of fields of which the first must not exceed the second (R02). */
  readonly ordered?: readonly (readonly [string, string])[];
  /** True: a PATCH for each field, in the order of `payload`, so that a bad one hides no good one. */
  readonly fieldByField?: true;
  /** Lists that services pad with null, and to which DHCP may add (docs/redfish.md, Reading and comparing). */
  readonly paddedLists?: readonly string[];
  /** Older properties that stand in for fields where a BMC has not got these, by field. */
  readonly twins?: Readonly<Record<string, Twin>>;
  /** Where its objects' names stand under `Managers` in the inventory. */
  readonly inventory: keyof ManagerInventory | null;
  /** The path from the resource to the object that holds the fields. */
  at(entry: PayloadEntry): readonly string[];
}

/** The fields of an entry that are values of the BMC. */
export function valuesOf(
  { options = [] }: Pick<Action, 'options'>,
  { Payload }: PayloadEntry,
): readonly [string, Json][] {
  return Object.entries(Payload).filter(([field]) => !options.includes(field));
}

/** The class of what is done with these payloads: None where their values endanger nothing. */
export function classFor({ guard, harmless }: Action, payload: readonly PayloadEntry[]): GuardClass {
  if (!harmless) return guard;
  const [field, value] = harmless;
  return payload.every(({ Payload }) => Object.hasOwn(Payload, field) && Payload[field] === value) ? 'None' : guard;
}

/** Declares an action; the type is checked where it is written. */
export function defineAction(action: Action): Action {
  return action;
}
