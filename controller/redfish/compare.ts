import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';

/** Names that bmcweb keeps with blanks where its URIs have underscores (docs/redfish.md, Quirks). */
const BLANK_NAMES = new Set(['Inputs', 'Outputs']);

const EQUAL_WITHIN = 1e-9;
/** A value that is no whole number may be one of 32 bits on the BMC: so far it is off then, as a part of its size. */
const FLOAT_PRECISION = 2 ** -23;

/** What of a payload the object does not have yet; what it has already is not sent (R35). */
export function difference(payload: JsonObject, object: JsonObject): JsonObject {
  const different = Object.entries(payload).filter(([field, value]) => !same(field, value, own(object, field)));
  return Object.fromEntries(different);
}

/** Whether two values of a field mean the same (docs/redfish.md, Reading and comparing). */
export function same(field: string, wanted: Json, current: Json | undefined): boolean {
  if (current === undefined) return false;
  if (typeof wanted === 'number' && typeof current === 'number') {
    return sameNumber(wanted, current);
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

function sameNumber(wanted: number, current: number): boolean {
  const size = Math.max(Math.abs(wanted), Math.abs(current));
  const within = Number.isInteger(wanted) && Number.isInteger(current) ? EQUAL_WITHIN : FLOAT_PRECISION;
  return Math.abs(wanted - current) <= Math.max(EQUAL_WITHIN, within * size);
}

/** Something that was there before a change and is not any more, with the value that it had. */
export interface Loss {
  readonly name: string;
  readonly was: Json;
}

/**
 * What was there before beside, above and in the target, and is not any more, whatever the depth; null or empty counts
 * as gone. What the entry sets is judged by its value. A change of profile shows other controllers with other fields
 * (bmcweb filters them by it), so below a target without a name only the first level is compared.
 */
export function vanished(action: Action, entry: PayloadEntry, before: JsonObject, now: JsonObject): Loss[] {
  const target = action.at(entry);
  const gone: Loss[] = [];
  const ofTarget: Loss[] = []; // told first: there may be many
  const compare = (was: JsonObject, is: Json | undefined, at: readonly string[]): void => {
    const isTarget = at.length === target.length && at.every((key, index) => key === target[index]);
    for (const [key, value] of Object.entries(was)) {
      if (key.includes('@') || isNothing(value) || (isTarget && own(entry.Payload, key) !== undefined)) continue;
      const left = own(is, key);
      const path = [...at, key];
      if (left === undefined || isNothing(left))
        (isTarget ? ofTarget : gone).push({ name: nameOf(path, target), was: value });
      else if (isObject(value) && !(isTarget && action.target === null && at.length > 0)) compare(value, left, path);
    }
  };
  compare(before, now, []);
  return [...ofTarget, ...gone];
}

function isNothing(value: Json): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** `Left.MinThermalOutput` for a field of the target; else all of the path. */
function nameOf(path: readonly string[], target: readonly string[]): string {
  const inside = target.length > 0 && path.length > target.length && target.every((key, index) => key === path[index]);
  return path.slice(inside ? target.length - 1 : 0).join('.');
}
