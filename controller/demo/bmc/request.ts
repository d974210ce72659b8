import { isObject, type Json, type JsonObject } from '../../../definitions/values/json.ts';
import { type Message, message } from './messages.ts';

const CONTENT_TYPE = /^application\/json(;\s*[\w.-]+=[\w.-]+)*$/i;
const MAX_BYTES = 1_048_576;
const MAX_DEPTH = 10;
const MAX_VALUES = 2000;

/** The JSON object of a request as bmcweb would take it, or the message with which it refuses. */
export function readBody(contentType: string | undefined, bytes: Buffer): { value: JsonObject } | { refusal: Message } {
  if (!contentType || !CONTENT_TYPE.test(contentType)) return { refusal: message('UnrecognizedRequestBody') };
  const value = bytes.length > MAX_BYTES ? undefined : parse(bytes);
  if (value === undefined || !withinLimits(value)) return { refusal: message('MalformedJSON') };
  if (!isObject(value) || Object.keys(value).length === 0) return { refusal: message('EmptyJSON') };
  const given = Object.entries(value).filter(([key]) => !key.startsWith('@odata.'));
  if (given.length === 0) return { refusal: message('NoOperation') };
  return { value: Object.fromEntries(given) };
}

function parse(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

function withinLimits(root: Json): boolean {
  let values = 0;
  const check = (value: Json, depth: number): boolean => {
    values += 1;
    if (values > MAX_VALUES || depth > MAX_DEPTH) return false;
    if (typeof value === 'number') return Number.isFinite(value);
    if (typeof value !== 'object' || value === null) return true;
    return Object.values(value).every((each: Json) =>
      check(each, typeof each === 'object' && each !== null ? depth + 1 : depth),
    );
  };
  return check(root, 1);
}

/** What a property of a request must be. */
export type ValueKind = 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'any';

const IS: Readonly<Record<ValueKind, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  strings: Array.isArray,
  any: () => true,
};

/**
 * The messages that a request's properties earn: one for each that is unknown or of the wrong type, by name. A name
 * of `shown` stands in the message for the property (bmcweb writes `Oem/` where it looks for `Oem/OpenBmc`).
 */
export function complaints(
  value: JsonObject,
  kinds: Readonly<Record<string, ValueKind>>,
  shown: Readonly<Record<string, string>> = {},
): Message[] {
  return Object.keys(value)
    .sort()
    .flatMap((key) => {
      const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
      const given = value[key] as Json;
      if (!kind) return [message('PropertyUnknown', key)];
      const name = shown[key] ?? key;
      if (!IS[kind](given)) return [message('PropertyValueTypeError', JSON.stringify(given), name)];
      if (kind !== 'strings') return [];
      return (given as readonly Json[])
        .filter((each) => typeof each !== 'string')
        .map((each) => message('PropertyValueTypeError', JSON.stringify(each), name));
    });
}

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
