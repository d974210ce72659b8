import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';

/** Names that bmcweb keeps with blanks where its URIs have underscores (docs/redfish.md, Quirks). */
const BLANK_NAMES = new Set(['Inputs', 'Outputs']);

const EQUAL_WITHIN = 1e-9;

/** What of a payload the object does not have yet. */
export function difference(payload: JsonObject, object: JsonObject): JsonObject {
  const different = Object.entries(payload).filter(([field, value]) => !same(field, value, own(object, field)));
  return Object.fromEntries(different);
}

/** Whether two values of a field mean the same (docs/redfish.md, Reading and comparing). */
export function same(field: string, wanted: Json, current: Json | undefined): boolean {
  if (current === undefined) return false;
  if (typeof wanted === 'number' && typeof current === 'number') {
    return Math.abs(wanted - current) <= EQUAL_WITHIN * Math.max(1, Math.abs(wanted), Math.abs(current));
  }
  if (typeof wanted === 'string' && typeof current === 'string') {
    return BLANK_NAMES.has(field) ? wanted.replaceAll('_', ' ') === current.replaceAll('_', ' ') : wanted === current;
  }
  if (Array.isArray(wanted) && Array.isArray(current)) {
    return wanted.length === current.length && wanted.every((each: Json, index) => same(field, each, current[index]));
  }
  if (isObject(wanted) && isObject(current)) {
    return Object.entries(wanted).every(([key, value]) => same(key, value, own(current, key)));
  }
  return wanted === current;
}

/** The names beside and above the target that were there before and are not any more. */
export function vanished(action: Action, entry: PayloadEntry, before: JsonObject, now: JsonObject): string[] {
  const gone: string[] = [];
  const compare = (was: JsonObject, is: Json | undefined, at: string, depth: number): void => {
    for (const [key, value] of Object.entries(was)) {
      const name = at ? `${at}.${key}` : key;
      const left = own(is, key);
      if (left === undefined) gone.push(name);
      else if (depth > 0 && isObject(value)) compare(value, left, name, depth - 1);
    }
  };
  const path = action.at(entry);
  const [top] = path;
  // a change of profile shows other controllers (bmcweb filters them by it), so it is not judged by their names
  if (top !== undefined && isObject(before[top])) compare({ [top]: before[top] }, now, '', Math.min(path.length, 4));
  return gone.filter((name) => !name.includes('@'));
}
