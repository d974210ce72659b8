import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printSchema, SCHEMA_KINDS, schemaOf, schemaPath } from '../../definitions/schemas/index.ts';
import { isObject, type Json, own } from '../../definitions/values/json.ts';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false });

for (const kind of SCHEMA_KINDS) {
  test(`schemas/${kind} is fresh: npm run schemas`, () => {
    assert.is(readFileSync(schemaPath(kind), 'utf8'), printSchema(kind));
  });

  test(`schemas/${kind} is a 2020-12 schema`, () => {
    assert.ok(ajv.validateSchema(schemaOf(kind)), ajv.errorsText());
  });

  test(`schemas/${kind}: every field has a description and examples that it allows`, () => {
    const fields = [...fieldsOf(schemaOf(kind), kind)];
    assert.ok(fields.length > 5);
    for (const [path, field] of fields) {
      assert.type(own(field, 'description'), 'string', `${path} has no description`);
      const examples = own(field, 'examples');
      assert.ok(Array.isArray(examples) && examples.length > 0, `${path} has no examples`);
      const validate = ajv.compile(field as object);
      for (const example of examples as Json[]) assert.ok(validate(example), `${path}: ${JSON.stringify(example)}`);
    }
  });
}

/** Every field that a schema declares, at any depth; conditions (`if`) and what only narrows (`then`) declare none. */
function* fieldsOf(schema: Json, path: string): Generator<[string, Json]> {
  if (Array.isArray(schema)) {
    for (const each of schema) yield* fieldsOf(each, path);
    return;
  }
  if (!isObject(schema)) return;
  const declares = own(schema, 'additionalProperties') === false;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'if' || key === 'examples') continue;
    if (key !== 'properties') yield* fieldsOf(value, path);
    else {
      for (const [name, field] of Object.entries(value as object)) {
        if (declares) yield [`${path}.${name}`, field as Json];
        yield* fieldsOf(field as Json, `${path}.${name}`);
      }
    }
  }
}

const job = ajv.compile(schemaOf('job'));
const good = {
  Name: 'x',
  Machines: ['m'],
  Action: 'PatchProfile',
  Payload: { ManagerID: 'bmc', Payload: { Profile: 'Custom' } },
  Schedule: { Type: 'Once', Time: '14:00:00' },
};

for (const [what, change, expected] of [
  ['a good job', {}, true],
  ['a wrong profile', { Payload: { ManagerID: 'bmc', Payload: { Profile: 'Turbo' } } }, false],
  ['a wrong action', { Action: 'Reboot' }, false],
  ['an unknown field', { Description: 'x' }, false],
  [
    'a field of another action',
    { Payload: [{ ManagerID: 'bmc', FanZoneID: 'z', Payload: { Profile: 'Custom' } }] },
    false,
  ],
  ['Continuous without Period', { Schedule: { Type: 'Continuous', Time: '14:00:00' } }, false],
  ['Once with a Period', { Schedule: { Type: 'Once', Time: '14:00:00', Period: {} } }, false],
  ['a time without seconds', { Schedule: { Type: 'Once', Time: '14:00' } }, false],
] as const) {
  test(`an editor ${expected ? 'takes' : 'flags'} ${what}`, () => assert.is(job({ ...good, ...change }), expected));
}

test.run();
