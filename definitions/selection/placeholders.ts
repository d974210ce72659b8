import type { PayloadEntry } from '../job.ts';
import type { Machine, MachineID, Machines } from '../machine.ts';
import { LABEL_KEY_PATTERN } from '../machine.ts';
import { isObject, type Json, type JsonObject } from '../values/json.ts';
import { didYouMean, show } from '../values/text.ts';
import { labelOf } from './labels.ts';

/** `{{`, a brace; `{Labels.rack}`, a placeholder; and a `{` that is neither. */
const BRACES = /\{\{|\{([^{}]*)\}|\{/g;
const LABEL = new RegExp(`^Labels\\.(${LABEL_KEY_PATTERN.replace(/^\^|\$$/g, '')})$`);
const FIELDS = ['Machine.ID', 'Machine.Name'] as const;
const ADVICE = 'a placeholder is {Machine.ID}, {Machine.Name} or {Labels.KEY}, and a brace is written {{';

/** Whether a text says something else on each machine, or writes a brace as `{{` (S11). */
export function isTemplate(text: Json | undefined): text is string {
  return typeof text === 'string' && text.includes('{');
}

/** Whether any text that the entries write is one. IDs of managers, controllers and zones are none. */
export function hasPlaceholders(payload: readonly PayloadEntry[]): boolean {
  return payload.some((entry) => holdsTemplate(entry.Payload));
}

function holdsTemplate(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsTemplate);
  return isObject(value) ? Object.values(value).some(holdsTemplate) : isTemplate(value);
}

/** The texts with placeholders in a value, each with the path that leads to it. */
export function* templatesIn(
  value: Json,
  path: readonly (string | number)[] = [],
): Generator<readonly [path: readonly (string | number)[], text: string]> {
  if (Array.isArray(value)) for (const [index, each] of value.entries()) yield* templatesIn(each, [...path, index]);
  else if (isObject(value)) for (const [key, each] of Object.entries(value)) yield* templatesIn(each, [...path, key]);
  else if (isTemplate(value)) yield [path, value];
}

/** What is wrong with a text whatever machine it is for; null: nothing. */
export function templateFault(text: string): string | null {
  for (const [found, name] of text.matchAll(BRACES)) {
    if (found === '{{' || (name !== undefined && isName(name))) continue;
    if (name === undefined) return `a { that begins no placeholder: ${ADVICE}`;
    return `${show(found)} is no placeholder: ${ADVICE}${didYouMean(name, FIELDS)}`;
  }
  return null;
}

function isName(name: string): boolean {
  return FIELDS.some((field) => field === name) || LABEL.test(name);
}

/** A text as it is for a machine, or the placeholders for which the machine has nothing (S12): `{Labels.rack}`. */
export function filled(text: string, machine: Machine): { readonly text: string } | { readonly missing: string[] } {
  const missing: string[] = [];
  const result = text.replace(BRACES, (found: string, name: string | undefined) => {
    if (found === '{{') return '{';
    const value = name === undefined ? undefined : standsFor(name, machine);
    if (value === undefined) missing.push(found);
    return value ?? '';
  });
  return missing.length === 0 ? { text: result } : { missing };
}

/** A text as it may be on some machine: each placeholder stands for a letter. */
export function sampleOf(text: string): string {
  return text.replace(BRACES, (found, name) => (found === '{{' ? '{' : name === undefined ? found : 'x'));
}

function standsFor(name: string, { ID, Name, Labels = {} }: Machine): string | undefined {
  if (name === 'Machine.ID') return ID;
  if (name === 'Machine.Name') return Name;
  const [, key = ''] = LABEL.exec(name) ?? [];
  return labelOf(Labels, key);
}

/** What the entries write on a machine; null where it has nothing for one of the placeholders. */
export function payloadFor(payload: readonly PayloadEntry[], machine: Machine): readonly PayloadEntry[] | null {
  const entries: PayloadEntry[] = [];
  for (const entry of payload) {
    const Payload = valueFor(entry.Payload, machine);
    if (Payload === undefined) return null;
    entries.push({ ...entry, Payload: Payload as JsonObject });
  }
  return entries;
}

/** What the entries write on a machine, to be shown: as written where that cannot be told. */
export function payloadOn(payload: readonly PayloadEntry[], machine: Machine | undefined): readonly PayloadEntry[] {
  return (machine && hasPlaceholders(payload) && payloadFor(payload, machine)) || payload;
}

/** A value as it is on a machine; undefined where the machine has nothing for one of its placeholders. */
export function valueFor(value: Json, machine: Machine): Json | undefined {
  if (isTemplate(value)) {
    const result = filled(value, machine);
    return 'text' in result ? result.text : undefined;
  }
  if (!holdsTemplate(value)) return value;
  if (Array.isArray(value)) return complete(value.map((each) => valueFor(each, machine)));
  const values = Object.entries(value as JsonObject).map(([key, each]) => [key, valueFor(each, machine)] as const);
  return complete(values.map(([, each]) => each)) && (Object.fromEntries(values) as JsonObject);
}

function complete(values: readonly (Json | undefined)[]): readonly Json[] | undefined {
  return values.includes(undefined) ? undefined : (values as readonly Json[]);
}

/** What each machine gets, where the payload has placeholders (S11); nothing where it is the same for all. */
export function payloadsFor(
  payload: readonly PayloadEntry[],
  machines: readonly MachineID[],
  inventory: Machines,
): { readonly payloads?: Readonly<Record<MachineID, readonly PayloadEntry[]>> } {
  if (!hasPlaceholders(payload)) return {};
  const payloads = machines.flatMap((id) => {
    const machine = inventory.get(id);
    const own = machine && payloadFor(payload, machine);
    return own ? [[id, own] as const] : [];
  });
  return { payloads: Object.fromEntries(payloads) };
}
