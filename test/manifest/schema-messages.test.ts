import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusals, type SchemaError } from '../../definitions/manifest/schema-messages.ts';

const JUDGED = { stage: 'payload', prefix: [], source: () => null } as const;
const said = (error: SchemaError) => refusals({}, [error], JUDGED)[0]?.message;

for (const [field, wanted] of [
  ['IndicatorLED', '"On" is not an IndicatorLED: Lit or Off'],
  ['PowerRestorePolicy', '"On" is not a PowerRestorePolicy: Lit or Off'],
  ['Action', '"On" is not an action: Lit or Off'],
  ['Type', '"On" is not a type: Lit or Off'],
] as const) {
  test(`#22.12 a field's name stands in a sentence as it is written: ${field}`, () => {
    const error = { keyword: 'enum', instancePath: `/${field}`, params: {}, schema: ['Lit', 'Off'], data: 'On' };
    assert.is(said(error), wanted);
  });
}

for (const [fields, wanted] of [
  [['Zzz'], '"Owner" is not a field here: allowed is Zzz'],
  [['Yyy', 'Zzz'], '"Owner" is not a field here: allowed are Yyy and Zzz'],
  [['Xxx', 'Yyy', 'Zzz'], '"Owner" is not a field here: allowed are Xxx, Yyy and Zzz'],
] as const) {
  test(`#22.12 what is allowed is a list: ${fields.join(' ')}`, () => {
    const parentSchema = { properties: Object.fromEntries(fields.map((name) => [name, {}])) };
    const params = { additionalProperty: 'Owner' };
    assert.is(said({ keyword: 'additionalProperties', instancePath: '', params, parentSchema }), wanted);
  });
}

test.run();
