import type { JsonObject } from '../../../definitions/values/json.ts';
import type { FanSetup } from '../bmcweb/manager-resource.ts';
import type { FieldRules } from '../machine/field-rules.ts';
import type { HostHabits } from '../machine/host.ts';
import type { Habits } from './habits.ts';

/** A Reset action and where its values are told. */
export interface ResetAction {
  /** The resource, below `/redfish/v1/`. */
  readonly at: string;
  readonly of: 'ComputerSystem' | 'Chassis' | 'Manager';
  readonly values: readonly string[];
  readonly told: 'ActionInfo' | 'AllowableValues' | 'nowhere';
}

/**
 * A vendor's machine: its resources and habits. Facts come from captured trees, documentation and bug reports, as
 * the preset's file says; what is guessed is marked there.
 */
export interface Preset {
  readonly title: string;
  /** IDs of its managers, the one that provides the service first. */
  readonly managers: readonly string[];
  /** Its managers are bmcweb's, with OpenBMC's fan control; else they are among its bodies. */
  readonly fans?: FanSetup;
  /** The service root beside its links. */
  readonly root: JsonObject;
  /** Properties of the service root that are links, by name; all are named after what they link to but `Tasks`. */
  readonly services: readonly string[];
  /** Resources by path below `/redfish/v1/`, without `@odata.id`; collections are made from them. */
  bodies(managers: readonly string[]): Readonly<Record<string, JsonObject>>;
  /** What can be written, by path below `/redfish/v1/`. */
  writable(managers: readonly string[]): Readonly<Record<string, FieldRules>>;
  resets(managers: readonly string[]): readonly ResetAction[];
  /** Power limits that are shown twice: a control, and its excerpt in a property of a resource. */
  readonly excerpts?: readonly { readonly control: string; readonly at: string; readonly property: string }[];
  /** The host, and what shows its `PowerState`; below `/redfish/v1/`. */
  readonly host: {
    readonly system: string;
    readonly chassis: readonly string[];
    readonly habits?: Partial<HostHabits>;
  };
  readonly habits: Habits;
}

/** A link of Redfish to a path below `/redfish/v1/`. */
export function link(path: string): JsonObject {
  return { '@odata.id': `/redfish/v1/${path}` };
}

/** Links as properties of their names, each to what stands below a path. */
export function links(below: string, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, link(`${below}/${name}`)]));
}

/** What is well. */
export const ENABLED: JsonObject = { Health: 'OK', State: 'Enabled' };
