import type { PayloadEntry } from '../job.ts';
import type { Machine } from '../machine.ts';
import type { Action } from './action.ts';
import { ROOTS } from './root.ts';

/** The member that an entry names; undefined where it leaves the choice to what there is. */
export function memberOf({ root }: Pick<Action, 'root'>, entry: PayloadEntry): string | undefined {
  return entry[ROOTS[root].field];
}

/** A place as people read it: `bmc`, `system 1`, `system`. */
export function placeText(action: Pick<Action, 'root'>, entry: PayloadEntry): string {
  const member = memberOf(action, entry);
  if (action.root === 'Managers') return member ?? '';
  const { noun } = ROOTS[action.root];
  return member === undefined ? noun : `${noun} ${member}`;
}

/**
 * A field with where it is, the same for all who write it: `bmc Oem.OpenBmc.Fan.Profile`, `system 1 AssetTag`,
 * `chassis GPU_0.LimitInWatts`.
 */
export function fieldText(action: Action, entry: PayloadEntry, field: string): string {
  const part = action.options?.includes('Target') ? entry.Payload['Target'] : undefined;
  const path = [
    ...(action.link === undefined ? [] : [action.link]),
    ...(typeof part === 'string' ? [part] : []),
    ...action.at(entry),
    field,
  ];
  return `${placeText(action, entry)} ${path.join('.')}`;
}

/**
 * As `fieldText`, on one machine: who leaves the system or chassis to what there is writes to the only one that the
 * inventory lists, as somebody does who names it.
 */
export function fieldOn(action: Action, entry: PayloadEntry, field: string, machine: Machine | undefined): string {
  if (action.root === 'Managers' || memberOf(action, entry) !== undefined) return fieldText(action, entry, field);
  const [only, ...others] = machine?.[action.root] ?? [];
  const named = only !== undefined && others.length === 0 ? { ...entry, [ROOTS[action.root].field]: only } : entry;
  return fieldText(action, named, field);
}

/** As `fieldText`, the same whether a system or chassis is named or left out: what may be one field. */
export function fieldAnywhere(action: Action, entry: PayloadEntry, field: string): string {
  if (action.root === 'Managers') return fieldText(action, entry, field);
  return fieldText(action, { ...entry, [ROOTS[action.root].field]: undefined } as PayloadEntry, field);
}
