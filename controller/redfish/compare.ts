import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';

/** Names that bmcweb keeps with blanks where its URIs have underscores (docs/redfish.md, Quirks). */
const BLANK_NAMES = new Set(['Inputs', 'Outputs']);

const EQUAL_WITHIN = 1e-9;
/** A value that is no whole number may be one of 32 bits on the BMC: so far it is off then, as a part of its size. */
const FLOAT_PRECISION = 2 ** -23;

/** What of a payload the object does not have yet; what it has already is not sent (R35). */
export function difference(action: Action, payload: JsonObject, object: JsonObject): JsonObject {
  const { paddedLists, tolerances = {} } = action;
  const different = Object.entries(payload).filter(([field, value]) => {
    const current = own(object, field);
    if (isClose(value, current, tolerances[field])) return false;
    return !same(field, value, current, paddedLists);
  });
  return Object.fromEntries(different);
}

function isClose(wanted: Json, current: Json | undefined, tolerance = 0): boolean {
  return typeof wanted === 'number' && typeof current === 'number' && Math.abs(wanted - current) <= tolerance;
}

/** Whether two values of a field mean the same (docs/redfish.md, Reading and comparing). */
export function same(
  field: string,
  wanted: Json,
  current: Json | undefined,
  paddedLists: readonly string[] = [],
): boolean {
  if (current === undefined) return false;
  if (typeof wanted === 'number' && typeof current === 'number') {
    return sameNumber(wanted, current);
  }
  if (typeof wanted === 'string' && typeof current === 'string') {
    return BLANK_NAMES.has(field) ? wanted.replaceAll('_', ' ') === current.replaceAll('_', ' ') : wanted === current;
  }
  if (Array.isArray(wanted) && Array.isArray(current)) {
    return (
      wanted.length === current.length &&
      wanted.every((each: Json, index) => same(field, each, current[index], paddedLists))
    );
  }
  if (isObject(wanted) && isObject(current)) {
    return Object.entries(wanted).every(([key, value]) => {
      const is = own(current, key);
      if (!paddedLists.includes(key) || !Array.isArray(value) || !Array.isArray(is)) {
        return same(key, value, is, paddedLists);
      }
      return samePadded(value, is, own(current, SUPPLIED));
    });
  }
  return wanted === current;
}

/** Where DHCP's servers stand since schema 1.9; before, and on others, they may stand among one's own. */
const SUPPLIED = 'NetworkSuppliedServers';
/** What services fill lists up with (DSP0266, 9.4.7: null). */
const PADDING: readonly Json[] = [null, '', '0.0.0.0', '::'];

/** Lists are the same but for padding at the end, and for what the network has added after one's own. */
function samePadded(wanted: readonly Json[], current: readonly Json[], supplied: Json | undefined): boolean {
  const is = unpadded(current);
  const want = unpadded(wanted);
  const added = is.slice(want.length);
  const isAdded = (each: Json) => Array.isArray(supplied) && supplied.includes(each);
  return want.length <= is.length && want.every((each, index) => each === is[index]) && added.every(isAdded);
}

/** A list without what fills it up. */
export function unpadded(list: readonly Json[]): readonly Json[] {
  let length = list.length;
  while (length > 0 && PADDING.includes(list[length - 1] ?? null)) length -= 1;
  return list.slice(0, length);
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
  const owned = action.view?.owns ?? [];
  const gone: Loss[] = [];
  const ofTarget: Loss[] = []; // told first: there may be many
  const compare = (was: JsonObject, is: Json | undefined, at: readonly string[]): void => {
    const isTarget = at.length === target.length && at.every((key, index) => key === target[index]);
    for (const [key, value] of Object.entries(was)) {
      if (owned.includes(key)) continue;
      if (key.includes('@') || isNothing(value) || (isTarget && own(entry.Payload, key) !== undefined)) continue;
      const left = own(is, key);
      const path = [...at, key];
      if (left === undefined || isNothing(left))
        (isTarget ? ofTarget : gone).push({ name: nameOf(path, target), was: value });
      else if (isShorter(left, value) && isBeside(path, target))
        gone.push({ name: `items of ${nameOf(path, target)}`, was: value });
      else if (isObject(value) && !(isTarget && action.target === null && at.length > 0)) compare(value, left, path);
    }
  };
  compare(before, now, []);
  return [...ofTarget, ...gone];
}

function isShorter(list: Json, was: Json): boolean {
  return Array.isArray(list) && Array.isArray(was) && list.length < was.length;
}

/** Whether a path leads into a target that has a name, or one of its neighbours: other lists have reasons to shrink. */
function isBeside(path: readonly string[], target: readonly string[]): boolean {
  return target.length > 0 && target.slice(0, -1).every((key, index) => key === path[index]);
}

function isNothing(value: Json): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** `Left.MinThermalOutput` for a field of the target; else all of the path. */
function nameOf(path: readonly string[], target: readonly string[]): string {
  const inside = target.length > 0 && path.length > target.length && target.every((key, index) => key === path[index]);
  return path.slice(inside ? target.length - 1 : 0).join('.');
}
