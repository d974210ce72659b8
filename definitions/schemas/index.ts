import type { JsonObject } from '../values/json.ts';
import { jobSchema } from './job.ts';
import { defaultsSchema, machineSchema } from './machine.ts';
import { settingsSchema } from './settings.ts';
import { logSchema, statusSchema } from './status.ts';
import { windowSchema } from './window.ts';

/** What has a published schema. */
export const SCHEMA_KINDS = ['job', 'machine', 'defaults', 'window', 'settings', 'status', 'log'] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const SCHEMAS: Readonly<Record<SchemaKind, readonly [title: string, description: string, schema: () => JsonObject]>> = {
  job: ['bmcron job', 'A document of jobs/**/*.yaml: what is done to which machines, and when.', jobSchema],
  machine: ['bmcron machine', 'A document of machines/**/*.yaml: one BMC of the inventory.', machineSchema],
  defaults: [
    'bmcron machine defaults',
    'A document of machines/**/_*.yaml: what the machines of that folder have in common.',
    defaultsSchema,
  ],
  window: ['bmcron window', 'A document of windows/**/*.yaml: when something may begin, or must not.', windowSchema],
  settings: ['bmcron settings', 'bmcron.yaml: how the service works on this fleet.', settingsSchema],
  status: ['bmcron job status', 'A document of jobs/**/*.status.yaml, which the service writes.', statusSchema],
  log: ['bmcron log', "A file of logs/: one machine's part of one run.", logSchema],
};

/**
 * The JSON Schema (2020-12) of a kind of file, for editors and CI. It knows neither the inventory nor the calendar:
 * `bmcron validate` refuses more, and takes one thing besides: a profile that the inventory lists.
 */
export function schemaOf(kind: SchemaKind): JsonObject {
  const [title, description, schema] = SCHEMAS[kind];
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  return { $schema, $id: `urn:bmcron:schema:${kind}`, title, description, ...schema() };
}

/** The text of a schema's file. */
export function printSchema(kind: SchemaKind): string {
  return `${JSON.stringify(schemaOf(kind), null, 2)}\n`;
}

/** Where a schema's file stands in this project. */
export function schemaPath(kind: SchemaKind): string {
  return `schemas/${kind}.schema.json`;
}
