// What `explain` and docs/fields.md know: every field of every schema, every rule, and the nearest of a word mistyped.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { explanationOf, explanationText, unknownWord } from '../../definitions/report/explanation.ts';
import { RULES } from '../../definitions/rules.ts';
import { schemaFields } from '../../definitions/schemas/field-list.ts';
import { SCHEMA_KINDS, schemaOf } from '../../definitions/schemas/index.ts';
import type { Json } from '../../definitions/values/json.ts';

/** How many names all `properties` of a schema have, wherever they stand but in conditions. */
function properties(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + properties(each), 0);
  return Object.entries(value).reduce((sum, [key, each]) => {
    if (['if', 'then', 'else', 'allOf', 'examples', 'enum'].includes(key)) return sum;
    if (key !== 'properties') return sum + properties(each as Json);
    return sum + Object.keys(each as object).length + properties(Object.values(each as object) as Json);
  }, 0);
}

test('#19.2 every field of every schema is listed, with a meaning', () => {
  for (const kind of SCHEMA_KINDS) {
    const fields = schemaFields().filter((field) => field.kind === kind);
    assert.is(fields.length, properties(schemaOf(kind)), kind);
    for (const { path, description, allowed } of fields) {
      assert.ok(description !== '' && allowed !== '', `${kind} ${path}`);
    }
  }
});

for (const [word, expected] of [
  ['R22', /^R22\n {2}After missed runs/],
  ['r22', /^R22\n/],
  ['Schedule.Time', /^job: Schedule.Time {2}required\n/],
  ['machine.tls', /^machine: TLS\n {2}How its certificate/],
  ['KeepDays', /settings: Logs.KeepDays[\s\S]*settings: Journal.KeepDays/],
  ['Payload.Payload.Profile', /^job: Payload\[\].Payload.Profile {2}\(PatchProfile\)/],
  ['patchfanzone.failsafepercent', /allowed: a number, 0–100\n {2}example: 100\n$/],
] as const) {
  test(`#19.2 explain ${word}`, () => {
    const explanation = explanationOf(word);
    assert.ok(explanation);
    assert.match(explanationText(explanation), expected);
  });
}

test('#19.2 every rule and every action can be asked for', () => {
  for (const word of [...Object.keys(RULES), ...ACTIONS.keys()]) assert.ok(explanationOf(word), word);
});

test('#19.2 a word that nobody knows: the nearest one, or what can be asked for', () => {
  assert.is(explanationOf('Shedule'), null);
  assert.match(unknownWord('Shedule'), /did you mean "Schedule"\?/);
  assert.match(unknownWord('constructor'), /name a rule \(R01\), a field/);
  assert.is(explanationOf('constructor'), null);
});

test.run();
