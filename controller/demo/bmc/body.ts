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
