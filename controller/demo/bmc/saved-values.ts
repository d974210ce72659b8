import { isObject, type JsonObject } from '../../../definitions/values/json.ts';
import type { BmcState } from './state.ts';

/** What a BMC holds that somebody may have set: bodies by path, and whether its host runs. */
export interface SavedValues {
  readonly bodies: { readonly [path: string]: JsonObject };
  readonly power: 'On' | 'Off';
}

/** The values of a BMC, to be taken up by another one of the same preset. */
export function valuesOf({ tree, managers, host }: BmcState): SavedValues {
  const writable = [...tree].filter(([, { rules }]) => rules && Object.keys(rules).length > 0);
  const bodies = [
    ...writable.map(([path, { body }]) => [path, body]),
    ...[...managers].map(([id, body]) => [`/redfish/v1/Managers/${id}`, body]),
  ];
  return { bodies: structuredClone(Object.fromEntries(bodies)), power: host.now().power === 'Off' ? 'Off' : 'On' };
}

/** Gives a BMC values that one of its preset had before; what it does not know is left out. */
export function takeUpValues({ tree, managers }: BmcState, { bodies }: SavedValues): void {
  for (const [path, body] of Object.entries(bodies)) {
    const target = tree.get(path)?.body ?? managers.get(path.slice(path.lastIndexOf('/') + 1));
    if (target && isObject(body)) Object.assign(target, structuredClone(body));
  }
}
