import { DURATION_PATTERN } from '../values/duration.ts';
import type { JsonObject } from '../values/json.ts';

/**
 * Text of one line with something to see in it: no control characters, no line or paragraph separators, none that
 * turn the direction of what follows (they make a terminal show what is not there, R44).
 */
const VISIBLE_PATTERN = '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$';

/** A name for people: 1–256 characters. */
export const NAME: JsonObject = { type: 'string', minLength: 1, maxLength: 256, pattern: VISIBLE_PATTERN };

/** The ID of a manager, controller or zone, as the BMC spells it. */
export const RESOURCE_ID: JsonObject = NAME;

/** `30s`, `2h`, `1h30m`. */
export const DURATION: JsonObject = { type: 'string', pattern: DURATION_PATTERN };

/** A list of texts. */
export function texts(description: string, examples: readonly string[]): JsonObject {
  return { type: 'array', items: NAME, maxItems: 1000, description, examples: [examples] };
}

/** `if`/`then`/`else`; built of pairs, because an object with a `then` can be taken for a promise. */
export function when(condition: JsonObject, consequence: JsonObject, otherwise?: JsonObject): JsonObject {
  const pairs: [string, JsonObject][] = [
    ['if', condition],
    ['then', consequence],
  ];
  return Object.fromEntries(otherwise ? [...pairs, ['else', otherwise]] : pairs);
}

/** The same, or null. */
export function nullable(schema: JsonObject): JsonObject {
  return { ...schema, type: [schema['type'] as string, 'null'] };
}
