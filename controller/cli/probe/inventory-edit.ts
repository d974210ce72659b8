import { isObject, type Json, type JsonObject, mergePatch, own } from '../../../definitions/values/json.ts';
import { printable } from '../../../definitions/values/text.ts';
import { parse } from '../../../definitions/yaml/document.ts';
import { edit } from '../../../definitions/yaml/edit.ts';
import type { Probed } from '../../executors/prober.ts';

/** What of a manager is listed in the inventory. */
export const LISTS = ['Profiles', 'FanControllers', 'FanZones', 'PidControllers'] as const;

/**
 * The text of an inventory file with what a BMC has, and the fingerprint that a person has accepted; comments and
 * layout stay. As it was when the machine does not stand in it. A machine that did not answer keeps what is written.
 */
export function withProbed(text: string, probed: Probed, fingerprint: string | undefined): string {
  const documents = parse(new TextEncoder().encode(text));
  const index = documents.findIndex(({ value, faults }) => faults.length === 0 && own(value, 'ID') === probed.machine);
  const written = documents[index]?.value;
  const found = {
    ...(probed.error === null && foundOn(probed, own(written, 'Managers'))),
    ...(fingerprint !== undefined && { TLS: { Fingerprint: fingerprint } }),
  };
  const value = mergePatch(written, found as unknown as JsonObject);
  return index >= 0 && isObject(value) ? (edit(text, index, value) ?? text) : text;
}

function foundOn({ managers, systems, chassis, identity }: Probed, written: Json | undefined) {
  const lists = managers
    .filter(({ ID }) => isName(ID))
    .map((manager) => {
      const known = own(written, manager.ID);
      // a BMC that boots has nothing yet: an empty list takes nothing away from what is written
      const told = LISTS.filter((list) => manager[list]?.length || (manager[list] && !own(known, list)));
      return [manager.ID, Object.fromEntries(told.map((list) => [list, manager[list]?.filter(isName)]))];
    });
  return {
    Managers: Object.fromEntries(lists),
    ...(systems.some(isName) && { Systems: systems.filter(isName) }), // as above
    ...(chassis.some(isName) && { Chassis: chassis.filter(isName) }),
    ...(identity && { Identity: identity }),
  };
}

/** What an inventory may hold: no name that a terminal would obey, nor one of which a secret was taken out. */
function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= 256 && printable(text) === text && !text.includes('[secret]');
}
