import type { Action } from '../../definitions/actions/action.ts';
import { memberOf } from '../../definitions/actions/address.ts';
import { ROOTS } from '../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { Failure } from './failure.ts';

/** A target's name that can be nothing but a name in a body: no annotation, fragment, path or control character. */
const TARGET = /^[^@#/\\\p{C}]{1,256}$/u;

/**
 * Refuses an entry that must never reach a BMC, whoever let it through: on OpenBMC `null` deletes an object and an
 * unknown one is created, and nothing there checks a range (docs/redfish.md, Quirks).
 */
export function guardPayload(action: Action, entry: PayloadEntry): void {
  const target = action.target ? entry[action.target] : 'none';
  if (!target || !TARGET.test(target)) throw refuse(`${action.target} is no name`);
  const member = memberOf(action, entry);
  if (member === undefined ? action.root === 'Managers' : member === '') {
    throw refuse(`${ROOTS[action.root].field} is no name`);
  }
  const fields = Object.entries(entry.Payload);
  if (fields.length === 0) throw refuse('nothing to set');
  for (const [field, value] of fields) {
    const schema = Object.hasOwn(action.payload, field) ? action.payload[field] : undefined;
    if (!schema) throw refuse(`${action.name} has no field ${JSON.stringify(field.slice(0, 100))}`);
    const wrong = mistake(value, schema);
    if (wrong) throw refuse(`${field} ${wrong}`);
  }
}

function refuse(message: string): Failure {
  return new Failure('Refused', 'permanent', `not sent: ${message}`);
}

/** What is wrong with a value by the few keywords that actions use; validation by the whole schema came before. */
function mistake(value: Json, schema: JsonObject): string | undefined {
  const type = own(schema, 'type');
  if (value === null) return 'must not be null';
  const choices = own(schema, 'anyOf');
  if (Array.isArray(choices)) return choiceMistake(value, choices);
  if (type === 'number' || type === 'integer') return numberMistake(value, schema);
  if (type === 'string') return stringMistake(value, schema);
  if (type === 'object') return objectMistake(value, schema);
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (type !== 'array') return undefined;
  if (!Array.isArray(value)) return 'must be a list';
  const items = own(schema, 'items');
  return value.map((each: Json) => mistake(each, (items ?? {}) as JsonObject)).find((found) => found !== undefined);
}

function choiceMistake(value: Json, choices: readonly Json[]): string | undefined {
  const mistakes = choices.map((each) => (isObject(each) ? mistake(value, each) : 'is nothing'));
  return mistakes.includes(undefined) ? undefined : mistakes.join(', or ');
}

function objectMistake(value: Json, schema: JsonObject): string | undefined {
  if (!isObject(value)) return 'must be an object';
  const properties = own(schema, 'properties');
  if (!isObject(properties)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const known = own(properties, key);
    const wrong = isObject(known) ? mistake(inner, known) : 'is no field';
    if (wrong) return `${JSON.stringify(key.slice(0, 100))} ${wrong}`;
  }
  return undefined;
}

function numberMistake(value: Json, schema: JsonObject): string | undefined {
  const whole = own(schema, 'type') === 'integer';
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
  if (whole && !Number.isInteger(value)) return 'must be a whole number';
  const [least, most] = [own(schema, 'minimum'), own(schema, 'maximum')];
  if (typeof least === 'number' && value < least) return `must be at least ${least}`;
  return typeof most === 'number' && value > most ? `must be at most ${most}` : undefined;
}

function stringMistake(value: Json, schema: JsonObject): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  const longest = own(schema, 'maxLength');
  return typeof longest === 'number' && [...value].length > longest ? `is longer than ${longest}` : undefined;
}
