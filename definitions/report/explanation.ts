import { RULES, type RuleID } from '../rules.ts';
import { type SchemaField, schemaFields } from '../schemas/field-list.ts';
import { SCHEMA_KINDS } from '../schemas/index.ts';
import { didYouMean, show } from '../values/text.ts';

/** What a word means: a rule, or the fields that bear it. */
export type Explanation =
  | { readonly rule: RuleID; readonly sentences: readonly string[] }
  | { readonly fields: readonly SchemaField[] };

/** What is known of a word: `R22`, `Schedule.Time`, `job.Schedule.Time`, `DaysOfWeek`; null when nothing is. */
export function explanationOf(word: string): Explanation | null {
  const rule = word.toUpperCase();
  if (Object.hasOwn(RULES, rule)) return { rule: rule as RuleID, sentences: RULES[rule as RuleID] };
  const all = schemaFields();
  const wanted = word.toLowerCase();
  const inKind = all.filter((field) => namesOf(field).includes(wanted));
  const fields = inKind.length > 0 ? inKind : all.filter((field) => lastName(field) === wanted);
  return fields.length > 0 ? { fields } : null;
}

/** The words for one that nobody knows, with the nearest that is known. */
export function unknownWord(word: string): string {
  const fields = schemaFields();
  const last = fields.map(({ path }) => path.split('.').at(-1)?.replace('[]', '') ?? path);
  const known = [...Object.keys(RULES), ...fields.map(({ path }) => plain(path)), ...last];
  const advice = `: name a rule (R01), a field (Schedule.Time) or a field of a kind of file (${SCHEMA_KINDS[0]}.Name)`;
  return `${show(word)} is neither a rule nor a field${didYouMean(word, known) || advice}`;
}

/** A path as people write it: without the marks of lists. */
function plain(path: string): string {
  return path.replaceAll('[]', '');
}

/** `schedule.time`, `job.schedule.time`, `payload.payload.profile`, `patchprofile.profile`. */
function namesOf({ kind, path, action }: SchemaField): readonly string[] {
  const own = plain(path).toLowerCase();
  const ofAction = action ? [`${action}.${own.split('.').at(-1)}`.toLowerCase(), action.toLowerCase()] : [];
  return [own, `${kind}.${own}`, ...ofAction];
}

function lastName({ path }: SchemaField): string | undefined {
  return plain(path).split('.').at(-1)?.toLowerCase();
}

/** An explanation, for people. */
export function explanationText(explanation: Explanation): string {
  if ('rule' in explanation) return `${explanation.rule}\n  ${explanation.sentences.join('\n  ')}\n`;
  return explanation.fields.map(fieldText).join('\n');
}

function fieldText({ kind, path, action, isRequired, allowed, description, fallback, example }: SchemaField): string {
  const lines = [
    `${kind}: ${path}${action ? `  (${action})` : ''}${isRequired ? '  required' : ''}`,
    ...description.split('\n').map((each) => `  ${each}`),
    `  allowed: ${allowed}`,
    ...(fallback === undefined ? [] : [`  default: ${JSON.stringify(fallback)}`]),
    ...(example === undefined ? [] : [`  example: ${JSON.stringify(example)}`]),
  ];
  return `${lines.filter((line) => line.trim() !== '').join('\n')}\n`;
}
