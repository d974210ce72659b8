import type { JsonObject } from '../values/json.ts';

/** A mapping with these fields and no others (R03). */
export function mapping(properties: Readonly<Record<string, JsonObject>>, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Fields of a status that nobody writes into a job's manifest: they belong to the service (R03). */
export const SERVICE_FIELDS: readonly string[] = [
  'ID',
  'Id',
  'Status',
  'CreatedTime',
  'LastRunTime',
  'NextRunTime',
  'ExecutionCount',
];
