import type { PayloadEntry } from '../job.ts';
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

/** A field with where it is, the same for all who write it: `bmc Oem.OpenBmc.Fan.Profile`, `system 1 AssetTag`. */
export function fieldText(action: Action, entry: PayloadEntry, field: string): string {
  const path = [...(action.link === undefined ? [] : [action.link]), ...action.at(entry), field];
  return `${placeText(action, entry)} ${path.join('.')}`;
}
