import { ACTIONS } from '../actions/index.ts';
import type { JobSpec } from '../job.ts';
import { version } from '../job-version.ts';
import type { MachineDefaults } from '../machine.ts';
import { templateFault, templatesIn } from '../selection/placeholders.ts';
import { isObject, type Json, type JsonObject, own } from '../values/json.ts';
import { printable } from '../values/text.ts';
import { type Parsed, parse } from '../yaml/document.ts';
import { type PathKey, pathText } from '../yaml/tree.ts';
import type { FleetEntry } from './file.ts';
import { adviceOnMachine, judgeDefaults, judgeMachine, judgeSettings, withDefaults } from './inventory.ts';
import { entriesOf, judgeOnFailure, judgePayload, withPayloadList } from './payload.ts';
import {
  type DefaultsReading,
  type Finding,
  type JobReading,
  kindAt,
  type MachineReading,
  type ManifestKind,
  type Objection,
  type Reading,
  type SettingsReading,
  type WindowReading,
} from './reading.ts';
import { mentionsOf } from './references.ts';
import { roundedIntegers } from './rounded.ts';
import { judgeSchedule } from './schedule.ts';
import {
  defaultsStructure,
  entryStructure,
  jobStructure,
  machineStructure,
  settingsStructure,
  windowStructure,
} from './structure.ts';
import { adviceOn } from './warnings.ts';
import { judgeWindow } from './windows.ts';

/** A document has no more problems than these; past them, fixing the first is what helps. */
const MOST_PROBLEMS = 200;

/** A file's bytes, or why they are not read (R04). */
export type FileContent = Uint8Array | { readonly refused: string };

/**
 * What a file is to a fleet; null when its path is that of no manifest.
 * @param blob the ID of its content: in Git the object's, elsewhere any that differs with the content, or none
 * @param read reads the bytes, or knows what they say
 */
export function readEntry(path: string, content: FileContent, blob = '', read = readFile): FleetEntry | null {
  const kind = kindAt(path, content instanceof Uint8Array);
  if (kind === null) return null;
  return content instanceof Uint8Array ? { blob, reading: read(kind, content) } : content;
}

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
    case 'defaults':
      return { kind, documents: documents.map(readDefaults) };
    case 'window':
      return { kind, documents: documents.map(readWindow) };
    case 'settings':
      return { kind, documents: documents.map(readSettings) };
  }
}

function readJob(parsed: Parsed): JobReading {
  const problems =
    unreadable(parsed) ?? placed(parsed, [...jobStructure(parsed.value, parsed.source), ...payloadAndSchedule(parsed)]);
  const isTree = parsed.faults.length === 0 && isObject(parsed.value);
  const value = isTree ? parsed.value : {};
  const name = own(value, 'Name');
  const action = own(value, 'Action');
  const spec = problems.length === 0 ? (withPayloadList(value) as unknown as JobSpec) : null;
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
    warnings: problems.length === 0 ? placed(parsed, adviceOn(value), 'warning') : [],
  };
}

/** What an earlier stage has refused, it or what contains it, is not judged again (R01). */
function isRefused(path: string, problems: readonly Finding[]): boolean {
  return problems.some((problem) => path.startsWith(problem.path) && /^([.[]|$)/.test(path.slice(problem.path.length)));
}

function readMachine(parsed: Parsed): MachineReading {
  const problems =
    unreadable(parsed) ??
    placed(parsed, [...machineStructure(parsed.value, parsed.source), ...judgeMachine(parsed.value)]);
  const id = own(parsed.value, 'ID');
  return {
    machine: problems.length === 0 ? withDefaults.machine(parsed.value) : null,
    leftOut: (['Type', 'Timeout'] as const).filter((field) => own(parsed.value, field) === undefined),
    id: parsed.faults.length > 0 ? parsed.hint('ID') : typeof id === 'string' ? id : null,
    idAt: parsed.faults[0]?.at ?? parsed.position(['ID']),
    problems,
    warnings: problems.length === 0 ? placed(parsed, adviceOnMachine(parsed.value), 'warning') : [],
  };
}

function readWindow(parsed: Parsed): WindowReading {
  const problems =
    unreadable(parsed) ??
    placed(parsed, [...windowStructure(parsed.value, parsed.source), ...judgeWindow(parsed.value)]);
  const name = own(parsed.value, 'Name');
  return {
    window: problems.length === 0 ? withDefaults.window(parsed.value) : null,
    name: parsed.faults.length === 0 && typeof name === 'string' ? name : null,
    nameAt: parsed.position(['Name']),
    problems,
  };
}

function readDefaults(parsed: Parsed): DefaultsReading {
  const problems =
    unreadable(parsed) ??
    placed(parsed, [...defaultsStructure(parsed.value, parsed.source), ...judgeDefaults(parsed.value)]);
  const defaults = own(parsed.value, 'Defaults') ?? {};
  const labels = own(defaults, 'Labels') ?? {};
  const paths = [
    ...Object.keys(defaults as JsonObject).filter((key) => key !== 'Labels' || !isObject(labels)),
    ...Object.keys(labels as JsonObject).map((key) => ['Labels', key]),
  ].map((path) => ['Defaults', path].flat());
  return {
    defaults: problems.length === 0 ? (defaults as unknown as MachineDefaults) : null,
    fields: problems.length === 0 ? paths.map((path) => [pathText(path), parsed.position(path, 'key')]) : [],
    problems,
  };
}

function readSettings(parsed: Parsed, index: number): SettingsReading {
  const problems =
    unreadable(parsed) ??
    placed(parsed, [...settingsStructure(parsed.value, parsed.source), ...judgeSettings(parsed.value, index)]);
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
function placed(
  parsed: Parsed,
  objections: readonly Objection[],
  severity: Finding['severity'] = 'error',
): readonly Finding[] {
  const rounded = parsed.isRounded && severity === 'error' ? roundedIntegers(parsed, objections) : [];
  const all = rounded.length === 0 ? objections : [...objections, ...rounded];
  const found = all.slice(0, MOST_PROBLEMS).map(({ path, atKey, stage, rule, message }): Finding => {
    const isMissing = path.length > 0 && lookUp(parsed.value, path) === undefined;
    const [line, column] = isMissing
      ? parsed.position(path.slice(0, -1), 'key')
      : parsed.position(path, atKey ? 'key' : 'value');
    return { line, column, path: pathText(path), stage, rule, message: printable(message), severity };
  });
  const more = all.length - found.length;
  const last = found.at(-1);
  return last && more > 0
    ? [...found, { ...last, path: '$', message: `and ${more} more problems in this document` }]
    : found;
}

function lookUp(root: Json, path: readonly PathKey[]): Json | undefined {
  let value: Json | undefined = root;
  for (const key of path) value = Array.isArray(value) ? value[Number(key)] : own(value, String(key));
  return value;
}

function payloadAndSchedule({ value: job, source }: Parsed): readonly Objection[] {
  const schedule = judgeSchedule(own(job, 'Schedule'));
  const action = ACTIONS.get(String(own(job, 'Action')));
  if (!action || typeof own(job, 'Action') !== 'string') return schedule;
  const entries = entriesOf(job);
  const templates = entries.flatMap(([path, entry]) => [
    ...templatesIn(own(entry, 'Payload') ?? null, [...path, 'Payload']),
  ]);
  const isTemplateAt = new Set(templates.map(([path]) => pathText(path)));
  // What a text with placeholders says is judged as it is on each machine, with the inventory.
  const shapes = entries
    .flatMap(([path, entry]) => entryStructure(action, path, entry, source))
    .filter(({ path }) => !isTemplateAt.has(pathText(path)));
  const faults = templates.flatMap(([path, text]): Objection[] => {
    const message = templateFault(text);
    return message === null ? [] : [{ path, stage: 'payload', rule: 'R49', message }];
  });
  const payload = judgePayload(action, entries, own(own(job, 'Schedule'), 'Type'));
  return [...shapes, ...faults, ...payload, ...judgeOnFailure(action, own(job, 'OnFailure')), ...schedule];
}
