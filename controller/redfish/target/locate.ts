import type { Action } from '../../../definitions/actions/action.ts';
import { ROOTS } from '../../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { isObject, type JsonObject, own } from '../../../definitions/values/json.ts';
import { Failure, listed } from '../failure.ts';

/** The object of a resource that an entry writes to. @throws Failure that lists what there is, when it is missing */
export function locate(action: Action, entry: PayloadEntry, resource: JsonObject): JsonObject {
  const path = action.at(entry);
  let object: JsonObject = resource;
  for (const [index, key] of path.entries()) {
    const inner = own(object, key);
    if (!isObject(inner)) throw missing(path, index, object);
    object = inner;
  }
  const absent = Object.keys(entry.Payload).filter((field) => own(object, field) === undefined);
  if (absent.length > 0) {
    const has = listed(Object.keys(object).filter((key) => !key.includes('@') && !isObject(own(object, key))));
    throw unsupported(`${nameOf(action, path)} has no ${absent.join(', ')}; it has ${has || 'no fields'}`);
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

function nameOf({ root, link }: Action, path: readonly string[]): string {
  return path.length === 0 ? (link ?? `the ${ROOTS[root].noun}`) : path.slice(-2).join(' ');
}

function unsupported(message: string): Failure {
  return new Failure('Unsupported', 'permanent', message);
}

/** The body of a PATCH that changes these fields of an entry's target and touches nothing else. */
export function patchBody(action: Action, entry: PayloadEntry, fields: JsonObject): JsonObject {
  return action.at(entry).reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), fields);
}
