import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { Failure, listed } from './failure.ts';

/** Names that bmcweb keeps with blanks where its URIs have underscores (docs/redfish.md, Quirks). */
const BLANK_NAMES = new Set(['Inputs', 'Outputs']);
const EQUAL_WITHIN = 1e-9;

/** The object of a manager that an entry writes to. @throws Failure that lists what there is, when it is missing */
export function locate(action: Action, entry: PayloadEntry, manager: JsonObject): JsonObject {
  const path = action.at(entry);
  let object: JsonObject = manager;
  for (const [index, key] of path.entries()) {
    const inner = own(object, key);
    if (!isObject(inner)) throw missing(path, index, object);
    object = inner;
  }
  const absent = Object.keys(entry.Payload).filter((field) => own(object, field) === undefined);
  if (absent.length > 0) {
    const has = listed(Object.keys(object).filter((key) => !key.includes('@') && !isObject(own(object, key))));
    throw unsupported(`${nameOf(path)} has no ${absent.join(', ')}; it has ${has || 'no fields'}`);
  }
  return checkOffered(entry.Payload, object);
}

function missing(path: readonly string[], index: number, object: JsonObject): Failure {
  const isTarget = path.length === 5 && index === 4;
  if (!isTarget) {
    const message = `it has no ${path.slice(0, Math.max(3, index + 1)).join('.')}`;
    return new Failure('Unsupported', 'permanent', message, { noFan: index < 3 });
  }
  const ids = Object.keys(object).filter((key) => !key.includes('@') && isObject(object[key]));
  const kind = path[3] ?? '';
  return unsupported(`no ${path[4]} in ${kind}; ${ids.length > 0 ? `it has ${listed(ids)}` : 'it has none'}`);
}

function checkOffered(payload: JsonObject, object: JsonObject): JsonObject {
  for (const [field, value] of Object.entries(payload)) {
    const allowed = own(object, `${field}@Redfish.AllowableValues`);
    if (!Array.isArray(allowed) || allowed.length === 0 || allowed.includes(value)) continue;
    throw unsupported(`${field} ${JSON.stringify(value)} is not offered; it has ${listed(allowed.map(String))}`);
  }
  return object;
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? 'the manager' : path.slice(-2).join(' ');
}

function unsupported(message: string): Failure {
  return new Failure('Unsupported', 'permanent', message);
}

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

/** The body of a PATCH that changes these fields of an entry's target and touches nothing else. */
export function patchBody(action: Action, entry: PayloadEntry, fields: JsonObject): JsonObject {
  return action.at(entry).reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), fields);
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
