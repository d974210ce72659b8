import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Action } from '../actions/action.ts';
import { entrySchema, JOB_FIELDS, JOB_REQUIRED, PERIOD, SCHEDULE } from '../schemas/job.ts';
import { defaultsSchema, machineSchema } from '../schemas/machine.ts';
import { settingsSchema } from '../schemas/settings.ts';
import { mapping } from '../schemas/unknown-fields.ts';
import { windowSchema } from '../schemas/window.ts';
import { selectorFaults } from '../selection/labels.ts';
import { isObject, type Json, type JsonObject, own } from '../values/json.ts';
import type { PathKey, SourceText } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';
import { unconfirmedSelector } from './resolved/guards.ts';
import { judgeWaves } from './resolved/waves.ts';
import { type Judged, refusals } from './schema-messages.ts';

/** Judges a job's fields and their types, without what the stages payload and schedule judge (R02). */
export function jobStructure(job: Json, source: SourceText): readonly Objection[] {
  const machines = own(job, 'Machines');
  const names = Array.isArray(machines) && machines.length <= 1000 ? machines : [];
  const repeated = names.flatMap((name, index): Objection[] => {
    if (typeof name !== 'string' || name === '' || names.indexOf(name) === index) return [];
    const message = `the machine is named twice, first as Machines[${names.indexOf(name)}]`;
    return [{ path: ['Machines', index], stage: 'structure', rule: 'R02', message }];
  });
  const isSelected = own(job, 'MachineSelector') !== undefined;
  const found = refuse('job', jobSchema, job, { ...WHOLE, source });
  const needed = isSelected ? found.filter(({ path }) => path.length > 1 || path[0] !== 'Machines') : found;
  return [
    ...(machines === undefined ? needed : found),
    ...repeated,
    ...whichMachines(job),
    ...unconfirmedSelector(job),
    ...judgeWaves(job),
  ];
}

/** Machines are named or selected, and what is selected is asked for (S01). */
function whichMachines(job: Json): readonly Objection[] {
  const selector = own(job, 'MachineSelector');
  const refused = (path: readonly PathKey[], message: string, atKey = false): Objection => {
    return { path, atKey, stage: 'structure', rule: 'R48', message };
  };
  if (selector === undefined) {
    if (own(job, 'AllowEmpty') === undefined) return [];
    return [refused(['AllowEmpty'], 'AllowEmpty is about a MachineSelector: a list of machines is never empty', true)];
  }
  const both = 'a job has Machines or a MachineSelector, not both';
  return [
    ...(own(job, 'Machines') === undefined ? [] : [refused(['MachineSelector'], both, true)]),
    ...selectorFaults(selector).map(({ path, message }) => refused(['MachineSelector', ...path], message)),
  ];
}

/** Judges the fields of a Machine document and their types. */
export function machineStructure(machine: Json, source: SourceText): readonly Objection[] {
  return refuse('machine', machineSchema, machine, { ...WHOLE, source });
}

/** Judges the fields of a folder's Defaults and their types. */
export function defaultsStructure(defaults: Json, source: SourceText): readonly Objection[] {
  return refuse('defaults', defaultsSchema, defaults, { ...WHOLE, source });
}

/** Judges the fields of a Window document and their types. */
export function windowStructure(window: Json, source: SourceText): readonly Objection[] {
  return refuse('window', bareWindow, window, { ...WHOLE, source });
}

/** Judges the fields of `bmcron.yaml` and their types. */
export function settingsStructure(settings: Json, source: SourceText): readonly Objection[] {
  return refuse('settings', settingsSchema, settings, { ...WHOLE, source });
}

/** Judges one entry of a Payload by the schema of its action; `prefix` is where it stands. */
export function entryStructure(
  action: Action,
  prefix: readonly PathKey[],
  entry: Json,
  source: SourceText,
): readonly Objection[] {
  return refuse(action.name, () => openProfile(action), entry, { stage: 'payload', prefix, source });
}

/** A job without what later stages judge: the entries of Payload, and formats within Schedule. */
function jobSchema(): JsonObject {
  const payload = { type: ['object', 'array'], items: { type: 'object' }, minItems: 1 };
  return mapping({ ...JOB_FIELDS, Payload: payload, Schedule: bare(SCHEDULE) }, JOB_REQUIRED);
}

/** A window without what `judgeWindow` says better. */
function bareWindow(): JsonObject {
  const schema = windowSchema();
  return { ...schema, properties: { ...(schema['properties'] as JsonObject), Period: bare(PERIOD) } };
}

function bare(schema: JsonObject): JsonObject {
  const { type, required, additionalProperties, items, properties, maxItems, maxLength } = schema;
  const kept = Object.entries({ type, required, additionalProperties, maxItems, maxLength }).filter(
    ([, value]) => value !== undefined,
  );
  const fields = Object.entries((properties ?? {}) as JsonObject).map(([key, field]) => [
    key,
    bare(field as JsonObject),
  ]);
  return Object.fromEntries([
    ...kept,
    ...(isObject(items) ? [['items', bare(items)]] : []),
    ...(properties === undefined ? [] : [['properties', Object.fromEntries(fields)]]),
  ]);
}

/** Which profiles there are depends on the inventory, so their list is judged with it and not here. */
function openProfile(action: Action): JsonObject {
  const { enum: _, ...profile } = action.payload['Profile'] ?? {};
  return entrySchema(action.inventory === 'Profiles' ? { ...action, payload: { Profile: profile } } : action);
}

/** Made when a manifest is judged: a start that knows them all needs none. */
let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

/** A document as a whole. */
const WHOLE = { stage: 'structure', prefix: [] } as const;

function refuse(name: string, schema: () => JsonObject, value: Json, judged: Judged): readonly Objection[] {
  ajv ??= new Ajv2020({ allErrors: true, verbose: true, ownProperties: true, allowUnionTypes: true });
  const validate = compiled.get(name) ?? ajv.compile(schema());
  compiled.set(name, validate);
  return validate(value) ? [] : refusals(value, validate.errors ?? [], judged);
}
