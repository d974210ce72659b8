import { type ListedCommand, type ListedOption, listCommands } from '../../controller/cli/command-list.ts';
import { createProgram } from '../../controller/cli/commands.ts';
import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { ROOTS } from '../../definitions/actions/root.ts';
import { GUARD_CLASSES } from '../../definitions/guard-class.ts';
import { RULE_GROUPS } from '../../definitions/rules.ts';
import { allowedText, type SchemaField, schemaFields } from '../../definitions/schemas/field-list.ts';
import { SCHEMA_KINDS, schemaOf, schemaPath } from '../../definitions/schemas/index.ts';
import type { Json, JsonObject } from '../../definitions/values/json.ts';

/** What is generated: path below the root → how its text is made. `npm run docs` writes each, docs.test.ts compares. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/actions.md': printActions,
  'docs/bmcron.1': printManual,
  'docs/commands.md': printCommands,
  'docs/fields.md': printFields,
  'docs/rules.md': printRules,
};

function printRules(): string {
  const groups = Object.entries(RULE_GROUPS).map(([title, rules]) => {
    return `## ${title}\n\n${Object.entries(rules).map(printRule).join('\n')}`;
  });
  return `${RULES_HEAD}\n${groups.join('\n')}`;
}

const RULES_HEAD = `<!-- Generated from definitions/rules.ts by \`npm run docs\`; edit that file. -->
# The rules

What a fleet repository means and what the service (the running controller) promises, by number.
Messages, SARIF results, tests and comments cite these numbers; none is ever used again for another rule.
`;

/** The anchor is the number alone, so that a link stays when the words change. */
function printRule([id, sentences]: [string, readonly string[]]): string {
  return `<a id="${id.toLowerCase()}"></a>**${id}** ${sentences.join(' ')}\n`;
}

function printActions(): string {
  return `${ACTIONS_HEAD}\n${[...ACTIONS.values()].map(printAction).join('\n')}`;
}

const ACTIONS_HEAD = `<!-- Generated from definitions/actions/ by \`npm run docs\`; edit those files. -->
# The actions

What a job can do to a BMC. An entry of \`Payload\` names where, and its inner \`Payload\` holds at least one of the fields;
null is refused, and 0 is a value.
`;

function printAction(action: Action): string {
  const { name, description, supports, guard, payload, ordered = [], fieldByField, required = [] } = action;
  const fields = Object.entries(payload).map(
    ([field, schema]) =>
      `| \`${field}\` | ${cell(allowedText(schema))} | ${textOf(schema['description'])} | ${exampleOf(schema)} |`,
  );
  return `## ${name}

${description}

- ${entryNames(action)}${fieldByField ? ONE_BY_ONE : ''}
- For machines of Type ${supports.map((type) => `\`${type}\``).join(' or ')}.
- Guard class \`${guard}\`: ${GUARD_CLASSES[guard]}.
${courseText(action)}${required.map((field) => `- \`${field}\` is required.\n`).join('')}${ordered
  .map(([low, high]) => `- \`${low}\` must not exceed \`${high}\`.\n`)
  .join('')}
| field | value | meaning | example |
|---|---|---|---|
${fields.join('\n')}
`;
}

function courseText({ course }: Action): string {
  if (!course) return '';
  const post = `- It sends \`${course.action}\` and watches ${course.watched.map((each) => `\`${each}\``).join(', ')}`;
  if (course.kind === 'State') return `${post} until it is so; what is so already is left alone.\n`;
  return `${post}. It is an event: sent once, whatever is answered, and not begun later than 15m unless its job says so.\n`;
}

const ONE_BY_ONE = '\n- Each field is sent by itself, in this order: a bad one hides no good one.';

function entryNames({ root, target, link }: Action): string {
  const { field, noun } = ROOTS[root];
  const below = link === undefined ? '' : `, and is about what its \`${link}\` links to`;
  if (root === 'Managers') return `An entry names \`${field}\`${target === null ? '' : ` and \`${target}\``}${below}.`;
  return `An entry may name \`${field}\`; without it the only ${noun} is meant that has what is set${below}.`;
}

function exampleOf(schema: JsonObject): string {
  const [example] = Array.isArray(schema['examples']) ? (schema['examples'] as readonly Json[]) : [];
  return example === undefined ? '' : `\`${JSON.stringify(example)}\``;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function printFields(): string {
  const all = schemaFields();
  const kinds = SCHEMA_KINDS.map((kind) => {
    const { description } = schemaOf(kind);
    const fields = all.filter((field) => field.kind === kind && field.action === null).map(printField);
    const head = `## ${kind}\n\n${textOf(description)} Its schema is [${schemaPath(kind)}](../${schemaPath(kind)}).\n`;
    return `${head}\n| field | | value | default | meaning |\n|---|---|---|---|---|\n${fields.join('\n')}\n`;
  });
  return `${FIELDS_HEAD}\n${kinds.join('\n')}`;
}

const FIELDS_HEAD = `<!-- Generated from definitions/schemas/ by \`npm run docs\`; edit those files. -->
# The fields

Every field of every kind of file. \`[]\` is each item of a list, \`*\` each key of a mapping. What an entry of a job's
\`Payload\` holds depends on its action: [actions.md](actions.md). \`bmcron explain FIELD\` prints the same.
`;

function printField({ path, isRequired, allowed, fallback, description }: SchemaField): string {
  const cells = [
    `\`${path}\``,
    isRequired ? 'required' : '',
    cell(allowed),
    fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``,
    cell(description.replaceAll('\n', ' ')),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A text as a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function printCommands(): string {
  return `${COMMANDS_HEAD}\n${listCommands(createProgram()).map(printCommand).join('\n')}`;
}

const COMMANDS_HEAD = `<!-- Generated from the program's own help by \`npm run docs\`; edit controller/cli/. -->
# The commands

Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 the answer is "no" (a manifest is refused,
a run failed); 2 wrong usage; 3 could not do it. Times are ISO 8601; without an offset they are in the service's zone.
Where no folder is named, the fleet is looked for from the current folder upward.
`;

function printCommand({ name, description, usage, options, example }: ListedCommand): string {
  const rows = options.map((option) => `| \`${option.flags}\` | ${cell(optionText(option))} |`);
  const table = rows.length > 0 ? `\n| option | |\n|---|---|\n${rows.join('\n')}\n` : '';
  const lines = [`## bmcron ${name}`, '', sentence(description), ''];
  const code = ['```sh', `bmcron ${name} ${usage}`, `${example}      # for example`, '```', ''];
  return `${[...lines, ...code].join('\n')}${table}`;
}

function optionText({ description, choices, fallback }: ListedOption): string {
  const allowed = choices.length > 0 ? ` (${choices.join(', ')})` : '';
  return `${description}${allowed}${fallback === null ? '' : `; default ${fallback}`}`.trim();
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The manual page, as roff. */
function printManual(): string {
  const commands = listCommands(createProgram()).flatMap(({ name, description, usage, options, example }) => [
    `.SS "bmcron ${name} ${roff(usage)}"`,
    roff(sentence(description)),
    ...options.flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(optionText(option))]),
    '.PP',
    `Example:`,
    '.nf',
    roff(example),
    '.fi',
  ]);
  return `${MANUAL_HEAD}${commands.join('\n')}\n${MANUAL_TAIL}`;
}

const MANUAL_HEAD = `.\\" Generated from the program's own help by "npm run docs".
.TH BMCRON 1
.SH NAME
bmcron \\- GitOps for baseboard management controllers
.SH SYNOPSIS
.B bmcron
.I command
[options] [fleet]
.SH DESCRIPTION
Carries out scheduled Redfish changes from YAML manifests in a Git repository, verifies them, and writes what became of
them back beside the manifests.
.SH COMMANDS
`;

const MANUAL_TAIL = `.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
the answer is "no": a manifest is refused, a run failed
.TP
.B 2
wrong usage
.TP
.B 3
could not do it
`;

/** A text in which roff sees no command of its own. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('"', '\\(dq');
}
