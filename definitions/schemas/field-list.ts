import type { Json, JsonObject } from '../values/json.ts';
import { SCHEMA_KINDS, type SchemaKind, schemaOf } from './index.ts';

/** A field of a kind of file, with what its schema says. */
export interface SchemaField {
  readonly kind: SchemaKind;
  /** `Schedule.Period.DaysOfWeek`; `[]` is each item of a list, `*` each key of a mapping. */
  readonly path: string;
  /** Fields below a job's Payload: the action that has them. */
  readonly action: string | null;
  readonly isRequired: boolean;
  /** What may stand there, in words. */
  readonly allowed: string;
  readonly description: string;
  /** What is taken where it is absent; undefined: nothing. */
  readonly fallback?: Json;
  readonly example?: Json;
}

/** Every field of every kind of file, in the order of the schemas. */
export function schemaFields(): readonly SchemaField[] {
  return SCHEMA_KINDS.flatMap((kind) => {
    const schema = schemaOf(kind);
    return [...fieldsOf(schema, { kind, action: null, prefix: '' }), ...fieldsOfActions(kind, schema)];
  });
}

interface Place {
  readonly kind: SchemaKind;
  readonly action: string | null;
  readonly prefix: string;
}

/** An entry of a job's Payload has other fields for each action. */
function fieldsOfActions(kind: SchemaKind, schema: JsonObject): SchemaField[] {
  if (kind !== 'job') return [];
  return Object.entries(objectOf(schema['$defs'])).flatMap(([action, entry]) =>
    fieldsOf(objectOf(entry), { kind, action, prefix: 'Payload[].' }),
  );
}

function fieldsOf(schema: JsonObject, place: Place): SchemaField[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const named = Object.entries(objectOf(schema['properties'])).flatMap(([name, field]) =>
    fieldAt(objectOf(field), `${place.prefix}${name}`, required.includes(name), place),
  );
  const others = schema['additionalProperties'];
  return isSchema(others) ? [...named, ...fieldsOf(others, { ...place, prefix: `${place.prefix}*.` })] : named;
}

function fieldAt(field: JsonObject, path: string, isRequired: boolean, place: Place): SchemaField[] {
  const { kind, action } = place;
  const [example] = Array.isArray(field['examples']) ? (field['examples'] as readonly Json[]) : [];
  const own: SchemaField = {
    kind,
    path,
    action,
    isRequired,
    allowed: allowedText(field),
    description: typeof field['description'] === 'string' ? field['description'] : '',
    ...(field['default'] !== undefined && { fallback: field['default'] }),
    ...(example !== undefined && { example }),
  };
  const items = isSchema(field['items']) ? fieldsOf(field['items'], { ...place, prefix: `${path}[].` }) : [];
  return [own, ...fieldsOf(field, { ...place, prefix: `${path}.` }), ...items];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'null',
};

/** What a field's schema allows, in words: `a number, 0–100`, `"Once" or "Continuous"`. */
export function allowedText(schema: JsonObject): string {
  const { type, enum: choices, anyOf, minimum, maximum, minItems, maxItems, maxLength } = schema;
  if (Array.isArray(choices)) return choices.map((each) => JSON.stringify(each)).join(' or ');
  if (Array.isArray(anyOf)) return anyOf.map((each) => allowedText(objectOf(each))).join(', or ');
  const types = (Array.isArray(type) ? type : [type]).map((each) => TYPES[String(each)] ?? 'anything');
  const limits = [
    rangeText(minimum, maximum),
    minItems !== undefined || maxItems !== undefined ? `${rangeText(minItems, maxItems)} items` : '',
    maxLength !== undefined ? `at most ${maxLength} characters` : '',
  ];
  return [types.join(' or '), ...limits.filter((each) => each !== '')].join(', ');
}

function rangeText(least: Json | undefined, most: Json | undefined): string {
  if (least !== undefined && most !== undefined) return `${least}–${most}`;
  return least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : '';
}

function isSchema(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): JsonObject {
  return isSchema(value) ? value : {};
}
