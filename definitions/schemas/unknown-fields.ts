import type { JsonObject } from '../values/json.ts';

/** A mapping with these fields and no others (R03). */
export function record(properties: Readonly<Record<string, JsonObject>>, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}
