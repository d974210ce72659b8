import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { type Message, message } from './messages.ts';

/** What the query of a GET asks for, or the refusal that it earns. */
export interface Query {
  readonly refusal?: { readonly status: number; readonly message: Message };
  readonly select?: readonly string[];
  readonly top?: number;
  readonly skip?: number;
  readonly only?: boolean;
}

/** Reads a query as a default bmcweb does: `$select`, `$top`, `$skip` and `only` work, other `$` ones are refused. */
export function readQuery(text: string): Query {
  let query: Query = {};
  for (const [key, value] of new URLSearchParams(text)) {
    if (key === 'only') query = { ...query, only: true };
    else if (key === '$select') query = { ...query, select: value.split(',') };
    else if (key === '$top' || key === '$skip') {
      if (!/^\d{1,9}$/.test(value)) return { refusal: { status: 400, message: badValue(key, value) } };
      query = key === '$top' ? { ...query, top: Number(value) } : { ...query, skip: Number(value) };
    } else if (key.startsWith('$')) return { refusal: { status: 501, message: badValue(key, value) } };
  }
  return query;
}

function badValue(key: string, value: string): Message {
  return message('QueryParameterValueFormatError', JSON.stringify(value), key);
}

/** The part of a resource that `$select` names; identity annotations stay at every level. */
export function select(resource: JsonObject, paths: readonly string[]): JsonObject {
  const picked: Record<string, Json> = {};
  for (const [key, value] of Object.entries(resource)) {
    const inner = paths.filter((path) => path.startsWith(`${key}/`)).map((path) => path.slice(key.length + 1));
    if (key === '@odata.id' || key === '@odata.type' || paths.includes(key)) picked[key] = value;
    else if (inner.length > 0 && isObject(value)) picked[key] = select(value, inner);
  }
  return picked;
}

/** A page of a collection. */
export function page(collection: JsonObject, { top, skip }: Query): JsonObject {
  const members = collection['Members'];
  if (!Array.isArray(members) || (top === undefined && skip === undefined)) return collection;
  const from = skip ?? 0;
  return { ...collection, Members: members.slice(from, top === undefined ? undefined : from + top) };
}
