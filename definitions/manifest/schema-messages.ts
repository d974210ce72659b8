import { MACHINE_ID_PATTERN } from '../machine.ts';
import type { RuleID } from '../rules.ts';
import { SERVICE_FIELDS } from '../schemas/unknown-fields.ts';
import type { Json } from '../values/json.ts';
import { all, didYouMean, either, printable, show } from '../values/text.ts';
import { type PathKey, pathText, type SourceText } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';

/** What a refused field is about, where a rule of its own governs it. */
const RULES: readonly (readonly [pattern: RegExp, rule: RuleID])[] = [
  [/^Endpoint$|^CredentialsRef$|^TLS/, 'R42'],
  [/^Trigger$/, 'R28'],
  [/^MachineSelector/, 'R48'],
  [/^Breaker/, 'R52'],
  [/^Rollout/, 'R63'],
  [/^Guards|^Confirm|^Identity/, 'R51'],
  [/DaysOf/, 'R07'],
  [/\.Time$/, 'R08'],
  [/^Payload$/, 'R06'],
];
const SECRET = /user|pass|pwd|secret|token|credential|api_?key|login/i;
/** What an item of a list is called. */
const SINGULAR: Readonly<Record<string, string>> = { Classes: 'class' };
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'null',
};
/** What a pattern allows, in words, by the last field of the path. */
const FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Key: '1 to 63 letters, digits, dots, underscores, hyphens and slashes, beginning with a letter or digit',
    Endpoint: 'http:// or https://, a host, a port if need be, and nothing more: no user, password, path or query',
    Fingerprint: 'sha256: and 64 lower-case hex digits',
    UUID: 'a UUID, 32 hex digits such as 38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5',
    Trigger: '1 to 64 letters, digits, dots, underscores and hyphens',
    Timeout: 'a duration such as 60s or 2m',
    MaxPercent: 'a share such as 5%',
    Per: 'a duration such as 1h or 1d',
    MinInterval: 'a duration such as 1h, or null',
    Within: 'a duration such as 10m',
    Resume: '1 to 64 printable ASCII characters',
    Soak: 'a duration such as 30m',
    MaxFailures: 'a number of machines, or a share such as 5%',
    MaxConcurrent: 'a number of machines, 1 at least, or a share such as 10%',
    Failed: 'a number of machines, or a share such as 2%',
    Unreachable: 'a number of machines, or a share such as 10%',
    StartingDeadline: 'a duration such as 30m or 2h, or null',
    ShutdownTimeout: 'a duration such as 30s',
    From: 'a local time such as 2026-12-18T18:00:00, without an offset',
    To: 'a local time such as 2027-01-04T06:00:00, without an offset',
    GroupWait: 'a duration such as 30s',
    Repeat: 'a duration such as 12h, or null',
    Sender: 'a mail address such as bmcron@example.com, without a name',
    Recipients: 'a mail address such as oncall@example.com, without a name',
    Until: 'HH:MM:SS from 00:00:00 to 23:59:59',
    Jobs: 'a job ID, in which * stands for any characters',
    ID: '1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit',
  }),
);

/** What ajv says of one refusal, as far as it is used here. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string;
  readonly schema?: unknown;
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** Where errors are about, and how what stands there is written. */
export interface Judged {
  readonly stage: Objection['stage'];
  /** Leads to the judged value. */
  readonly prefix: readonly PathKey[];
  readonly source: SourceText;
}

/** What ajv found, as objections with messages that say what is allowed; the first one of each place. */
export function refusals(
  root: Json,
  errors: readonly SchemaError[],
  { stage, prefix, source }: Judged,
): readonly Objection[] {
  const found = new Map<string, Objection>();
  for (const error of errors) {
    const path = [...prefix, ...pathOf(root, error.instancePath)];
    const named = error.params['additionalProperty'] ?? error.params['missingProperty'] ?? error.params['propertyName'];
    if (error.keyword === 'propertyNames' && named !== undefined) continue; // the pattern's own error says more
    const full = named === undefined ? path : [...path, String(named)];
    const key = error.keyword === 'additionalProperties' || error.propertyName !== undefined;
    const where = error.propertyName === undefined ? full : [...path, error.propertyName];
    const text = pathText(where);
    if (found.has(text)) continue;
    found.set(text, { path: where, atKey: key, stage, ...explained(error, where, text, source) });
  }
  return [...found.values()];
}

/** The path that a JSON pointer names; what is a number in a list may be a key in a mapping. */
function pathOf(root: Json, pointer: string): readonly PathKey[] {
  let value: unknown = root;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const key = Array.isArray(value) ? Number(name) : name;
      value = (value as Record<PathKey, unknown>)[key];
      return key;
    });
}

function explained(
  error: SchemaError,
  path: readonly PathKey[],
  text: string,
  source: SourceText,
): { rule: RuleID; message: string } {
  const rule = RULES.find(([pattern]) => pattern.test(text))?.[1] ?? 'R02';
  if (error.keyword === 'additionalProperties') return unknownField(error, String(path.at(-1)), path.length === 1);
  if (error.keyword === 'required') return { rule, message: `${String(path.at(-1))} is missing` };
  return { rule, message: reason(error, path, () => source(path)) };
}

function unknownField(error: SchemaError, field: string, isTop: boolean): { rule: RuleID; message: string } {
  const allowed = fieldsOf(error.parentSchema);
  if (allowed.includes('CredentialsRef') && SECRET.test(field)) {
    const advice = 'no secret belongs in the repository: keep it outside and name it with CredentialsRef';
    return { rule: 'R42', message: `${show(field)} is refused, ${advice}` };
  }
  if (allowed.includes('SecretRef') && (SECRET.test(field) || /^ur[il]$|address|endpoint/i.test(field))) {
    const advice = 'an address and what opens it are secrets: keep them outside and name them with SecretRef';
    return { rule: 'R42', message: `${show(field)} is refused, ${advice}` };
  }
  if (isTop && allowed.includes('Schedule') && SERVICE_FIELDS.includes(field)) {
    return { rule: 'R03', message: `${show(field)} belongs to the service: remove it` };
  }
  if (field === '<<') return { rule: 'R04', message: 'merge keys are not part of YAML 1.2: write the fields out' };
  const hint = didYouMean(field, allowed) || `: allowed ${allowed.length === 1 ? 'is' : 'are'} ${all(allowed)}`;
  return { rule: 'R03', message: `${show(field)} is not a field here${hint}` };
}

/** Says what is allowed. Only a text where a choice was wanted is repeated: others may be secrets gone astray (R42). */
function reason(
  { keyword, params, data, schema, parentSchema }: SchemaError,
  path: readonly PathKey[],
  source: () => string | null,
): string {
  const field = printable(String(path.findLast((key) => typeof key === 'string') ?? '$').slice(0, 64));
  switch (keyword) {
    case 'type':
      return wrongType(params['type'] as string | readonly string[], data, field, source) + rangeOf(parentSchema);
    case 'enum': {
      const allowed = (schema as readonly unknown[]).map(String);
      const hint = typeof data === 'string' ? didYouMean(data, allowed) : '';
      return `${show(data)} is not ${aOrAn(field)}: ${either(allowed)}${hint}`;
    }
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = (parentSchema ?? {}) as { minimum?: number; maximum?: number };
      const range = minimum !== undefined && maximum !== undefined ? `from ${minimum} to ${maximum}` : undefined;
      const bound = `it must be ${keyword === 'minimum' ? 'at least' : 'at most'} ${schema}`;
      return `${field} is ${written(data, source)}: ${range ?? bound}`;
    }
    case 'minLength':
      return `${field} is empty`;
    case 'maxLength':
      return `${field} is longer than ${schema} characters`;
    case 'pattern':
      if (schema === MACHINE_ID_PATTERN) return `${field} must be ${FORMATS.get('ID')}`;
      return `${field} must be ${FORMATS.get(field) ?? 'text of one line without control characters, and not blank'}`;
    case 'minItems':
      return `${field} is empty: it needs at least one`;
    case 'maxItems':
      return `${field} has more than ${schema} entries`;
    case 'minProperties':
      return `${field} is empty: give at least one of ${either(fieldsOf(parentSchema))}`;
    default:
      return `${field} is not allowed to be so (${keyword})`;
  }
}

function wrongType(
  expected: string | readonly string[],
  data: unknown,
  field: string,
  source: () => string | null,
): string {
  const types = Array.isArray(expected) ? expected : [expected as string];
  const allowed = either(types.map((type) => TYPES[type] ?? type));
  const isQuotable = types.includes('string') && (typeof data === 'number' || typeof data === 'boolean');
  // As it stands: 1.10 is another text than 1.1, and 007 may be another machine than 7.
  if (isQuotable) return `${field} must be ${allowed}: quote it (${show(source() ?? String(data))})`;
  if (typeof data === 'number' && !Number.isFinite(data)) return `${field} must be a finite number`;
  const got = typeof data === 'number' ? written(data, source) : nameOf(data);
  return `${field} must be ${allowed}, not ${got}`;
}

/** A number as it stands in the file; a text as it is shown. */
function written(data: unknown, source: () => string | null): string {
  const text = typeof data === 'number' ? source() : null;
  return text === null ? show(data) : printable(text.slice(0, 64));
}

/** Which numbers are allowed, behind a wrong type. */
function rangeOf(schema: object | undefined): string {
  const { minimum, maximum } = (schema ?? {}) as { minimum?: number; maximum?: number };
  return minimum === undefined || maximum === undefined ? '' : ` (from ${minimum} to ${maximum})`;
}

function fieldsOf(schema: SchemaError['parentSchema']): readonly string[] {
  return Object.keys((schema?.['properties'] ?? {}) as object);
}

function nameOf(data: unknown): string {
  if (data === null) return 'null';
  return Array.isArray(data) ? 'a list' : (TYPES[typeof data] ?? typeof data);
}

/** A field's name in a sentence: one that is a word as such, another one as it is (`IndicatorLED`). */
function aOrAn(field: string): string {
  const word = SINGULAR[field] ?? (/^[A-Z][a-z]+$/.test(field) ? field.toLowerCase() : field);
  return `${/^[aeiou]/i.test(word) ? 'an' : 'a'} ${word}`;
}
