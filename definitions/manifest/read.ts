import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Action } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import { type JobSpec, version } from '../job.ts';
import { record } from '../schemas/fields.ts';
import { entrySchema, JOB_FIELDS, JOB_REQUIRED, SCHEDULE } from '../schemas/job.ts';
import { machineSchema } from '../schemas/machine.ts';
import { settingsSchema } from '../schemas/settings.ts';
import { isObject, type Json, type JsonObject, own } from '../values/json.ts';
import { printable } from '../values/text.ts';
import { type Parsed, parse } from '../yaml/document.ts';
import { type PathStep, pathText } from '../yaml/tree.ts';
import { judgeMachine, judgeSettings, withDefaults } from './inventory.ts';
import { judgePayload } from './payload.ts';
import type {
  Finding,
  JobReading,
  MachineReading,
  ManifestKind,
  Objection,
  Reading,
  SettingsReading,
} from './reading.ts';
import { entriesOf, mentionsOf } from './references.ts';
import { judgeSchedule } from './schedule.ts';
import { refusals } from './schema-messages.ts';
import { adviceOn } from './warnings.ts';

export type { FleetFile } from './file.ts';
export { type Fleet, readFleet, slugOf } from './fleet.ts';
export { judgeJob } from './platform.ts';
export { kindOf, type ManifestKind, type Reading } from './reading.ts';

/** No file is told more than this about; past it, fixing the first is what helps. */
const MOST_PROBLEMS = 200;

/**
 * What one file says by itself: the stages structure, payload and schedule (R01, R02). Never throws, whatever the
 * bytes are, and costs no more than the file's size warrants.
 */
export function readFile(kind: ManifestKind, bytes: Uint8Array): Reading {
  const documents = parse(bytes);
  switch (kind) {
    case 'job':
      return { kind, documents: documents.map(readJob) };
    case 'machine':
      return { kind, documents: documents.map(readMachine) };
    case 'settings':
      return { kind, documents: documents.map(readSettings) };
  }
}

function readJob(parsed: Parsed): JobReading {
  const problems =
    unreadable(parsed) ?? judged(parsed, [...jobStructure(parsed.value), ...payloadAndSchedule(parsed.value)]);
  const isTree = parsed.faults.length === 0 && isObject(parsed.value);
  const value = isTree ? parsed.value : {};
  const name = own(value, 'Name');
  const action = own(value, 'Action');
  const spec = problems.length === 0 ? (normal(value) as unknown as JobSpec) : null;
  const mentions = mentionsOf(value, (path) => parsed.position(path));
  return {
    spec,
    version: spec && version(spec),
    name: typeof name === 'string' ? name : null,
    nameAt: parsed.position(['Name']),
    action: typeof action === 'string' && ACTIONS.has(action) ? action : null,
    mentions: spec ? [] : mentions.filter(({ path }) => !isRefused(pathText(path), problems)),
    places: spec ? mentions.flatMap(({ at }) => at) : [],
    payload: Array.isArray(own(value, 'Payload')) ? 'list' : 'object',
    problems,
    warnings: problems.length === 0 ? judged(parsed, adviceOn(value), 'warning') : [],
  };
}

/** What an earlier stage has refused, or a part of it, is not judged again (R01). */
function isRefused(path: string, problems: readonly Finding[]): boolean {
  return problems.some((problem) => path.startsWith(problem.path) && /^([.[]|$)/.test(path.slice(problem.path.length)));
}

/** Payload is a list inside (R06). */
function normal(job: Json): Json {
  const payload = own(job, 'Payload');
  return { ...(job as JsonObject), Payload: Array.isArray(payload) ? payload : [payload ?? {}] };
}

function readMachine(parsed: Parsed): MachineReading {
  const problems =
    unreadable(parsed) ??
    judged(parsed, [...refuse('machine', machineSchema, parsed.value), ...judgeMachine(parsed.value)]);
  const id = own(parsed.value, 'ID');
  return {
    machine: problems.length === 0 ? withDefaults.machine(parsed.value) : null,
    id: parsed.faults.length === 0 && typeof id === 'string' ? id : null,
    idAt: parsed.position(['ID']),
    problems,
  };
}

function readSettings(parsed: Parsed, index: number): SettingsReading {
  const problems =
    unreadable(parsed) ??
    judged(parsed, [...refuse('settings', settingsSchema, parsed.value), ...judgeSettings(parsed.value, index)]);
  return { settings: problems.length === 0 ? withDefaults.settings(parsed.value) : null, problems };
}

/** What makes a document unfit for any stage: YAML's own faults, or a root that is not a mapping (R04). */
function unreadable({ faults, value, position }: Parsed): readonly Finding[] | null {
  const wrongRoot = faults.length === 0 && !isObject(value);
  const all = wrongRoot ? [{ at: position([]), message: 'a manifest is a mapping of fields to values' }] : faults;
  if (all.length === 0) return null;
  return all.map(({ at, message }) => {
    return { line: at[0], column: at[1], path: '$', stage: 'structure', rule: 'R04', message, severity: 'error' };
  });
}

/** Objections with their places in the text; a missing field stands at its parent's key. */
function judged(
  parsed: Parsed,
  objections: readonly Objection[],
  severity: Finding['severity'] = 'error',
): readonly Finding[] {
  const found = objections.slice(0, MOST_PROBLEMS).map(({ path, atKey, stage, rule, message }): Finding => {
    const isMissing = path.length > 0 && lookUp(parsed.value, path) === undefined;
    const [line, column] = isMissing
      ? parsed.position(path.slice(0, -1), 'key')
      : parsed.position(path, atKey ? 'key' : 'value');
    return { line, column, path: pathText(path), stage, rule, message: printable(message), severity };
  });
  const more = objections.length - found.length;
  const last = found.at(-1);
  return last && more > 0
    ? [...found, { ...last, path: '$', message: `and ${more} more problems in this document` }]
    : found;
}

function lookUp(root: Json, path: readonly PathStep[]): Json | undefined {
  let value: Json | undefined = root;
  for (const step of path) value = Array.isArray(value) ? value[Number(step)] : own(value, String(step));
  return value;
}

function jobStructure(job: Json): readonly Objection[] {
  const machines = own(job, 'Machines');
  const names = Array.isArray(machines) && machines.length <= 1000 ? machines : [];
  const repeated = names.flatMap((name, index): Objection[] => {
    if (typeof name !== 'string' || name === '' || names.indexOf(name) === index) return [];
    const message = `the machine is named twice, first as Machines[${names.indexOf(name)}]`;
    return [{ path: ['Machines', index], stage: 'structure', rule: 'R02', message }];
  });
  return [...refuse('job', structureSchema, job), ...repeated];
}

function payloadAndSchedule(job: Json): readonly Objection[] {
  const schedule = judgeSchedule(own(job, 'Schedule'));
  const action = ACTIONS.get(String(own(job, 'Action')));
  if (!action || typeof own(job, 'Action') !== 'string') return schedule;
  const entries = entriesOf(job);
  const shapes = entries.flatMap(([path, entry]) =>
    refuse(action.name, () => openProfile(action), entry, 'payload', path),
  );
  return [...shapes, ...judgePayload(action, entries), ...schedule];
}

/** A job without what later stages judge: the entries of Payload, and formats within Schedule. */
function structureSchema(): JsonObject {
  const payload = { type: ['object', 'array'], items: { type: 'object' }, minItems: 1 };
  return record({ ...JOB_FIELDS, Payload: payload, Schedule: bare(SCHEDULE) }, JOB_REQUIRED);
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

const ajv = new Ajv2020({ allErrors: true, verbose: true, ownProperties: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

function refuse(
  name: string,
  schema: () => JsonObject,
  value: Json,
  stage: Objection['stage'] = 'structure',
  prefix: readonly PathStep[] = [],
): readonly Objection[] {
  const validate = compiled.get(name) ?? ajv.compile(schema());
  compiled.set(name, validate);
  return validate(value) ? [] : refusals(value, validate.errors ?? [], stage, prefix);
}
