// What a selector fits, and what is no selector: fleet selection by labels, with Kubernetes' semantics.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachineSelector, SelectorRequirement } from '../../definitions/machine-selector.ts';
import { matches, selectorFaults } from '../../definitions/selection/labels.ts';
import type { Json } from '../../definitions/values/json.ts';

const LABELS = { rack: 'r7', role: 'compute' };
const expression = (...MatchExpressions: SelectorRequirement[]): MachineSelector => ({ MatchExpressions });

const fits: readonly (readonly [what: string, selector: MachineSelector, fits: boolean])[] = [
  ['one label', { MatchLabels: { rack: 'r7' } }, true],
  ['another value', { MatchLabels: { rack: 'r8' } }, false],
  ['two labels that hold', { MatchLabels: { rack: 'r7', role: 'compute' } }, true],
  ['two labels of which one holds', { MatchLabels: { rack: 'r7', role: 'storage' } }, false],
  ['a label that is not there', { MatchLabels: { site: 'ams' } }, false],
  ['a label that every object inherits', { MatchLabels: { constructor: 'x' } }, false],
  ['In', expression({ Key: 'rack', Operator: 'In', Values: ['r6', 'r7'] }), true],
  ['In with other values', expression({ Key: 'rack', Operator: 'In', Values: ['r6'] }), false],
  ['In without the label', expression({ Key: 'site', Operator: 'In', Values: ['ams'] }), false],
  ['NotIn with other values', expression({ Key: 'role', Operator: 'NotIn', Values: ['storage'] }), true],
  ['NotIn with its value', expression({ Key: 'role', Operator: 'NotIn', Values: ['compute', 'storage'] }), false],
  ['NotIn without the label', expression({ Key: 'site', Operator: 'NotIn', Values: ['ams'] }), true],
  ['Exists', expression({ Key: 'rack', Operator: 'Exists' }), true],
  ['Exists without the label', expression({ Key: 'site', Operator: 'Exists' }), false],
  ['Exists of what every object inherits', expression({ Key: 'toString', Operator: 'Exists' }), false],
  ['DoesNotExist', expression({ Key: 'site', Operator: 'DoesNotExist' }), true],
  ['DoesNotExist with the label', expression({ Key: 'rack', Operator: 'DoesNotExist' }), false],
  [
    'labels and an expression, of which one does not hold',
    { MatchLabels: { rack: 'r7' }, MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['compute'] }] },
    false,
  ],
];

for (const [what, selector, expected] of fits) {
  test(`R48 S02 ${what}: ${expected ? 'fits' : 'does not fit'}`, () => assert.is(matches(selector, LABELS), expected));
}

test('R48 S02 a machine without labels: NotIn fits, MatchLabels does not', () => {
  assert.ok(matches(expression({ Key: 'rack', Operator: 'NotIn', Values: ['r7'] }), undefined));
  assert.not.ok(matches({ MatchLabels: { rack: 'r7' } }, undefined));
});

const NOTHING = /^: a selector that asks for no label .*: give MatchLabels, or MatchExpressions with In or Exists$/;

const faults: readonly (readonly [what: string, selector: Json, found: RegExp | null])[] = [
  ['nothing at all', {}, NOTHING],
  ['an empty MatchLabels', { MatchLabels: {} }, NOTHING],
  ['NotIn alone', { MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }] }, NOTHING],
  ['DoesNotExist alone', { MatchExpressions: [{ Key: 'role', Operator: 'DoesNotExist' }] }, NOTHING],
  ['one label', { MatchLabels: { rack: 'r7' } }, null],
  ['Exists alone', { MatchExpressions: [{ Key: 'rack', Operator: 'Exists' }] }, null],
  ['In alone', { MatchExpressions: [{ Key: 'rack', Operator: 'In', Values: ['r7'] }] }, null],
  [
    'In without Values',
    { MatchExpressions: [{ Key: 'rack', Operator: 'In' }] },
    /^MatchExpressions\.0\.Values: In needs/,
  ],
  [
    'NotIn with empty Values',
    { MatchLabels: { rack: 'r7' }, MatchExpressions: [{ Key: 'role', Operator: 'NotIn', Values: [] }] },
    /^MatchExpressions\.0\.Values: NotIn needs Values: at least one$/,
  ],
  [
    'Exists with Values',
    { MatchExpressions: [{ Key: 'rack', Operator: 'Exists', Values: ['r7'] }] },
    /^MatchExpressions\.0\.Values: Exists takes no Values/,
  ],
  ['an operator that is none: the schema says it', { MatchExpressions: [{ Key: 'rack', Operator: 'Gt' }] }, null],
  ['a text: the schema says it', 'rack=r7', null],
];

for (const [what, selector, expected] of faults) {
  test(`R48 S01 ${what}: ${expected ? 'refused' : 'no fault'}`, () => {
    const found = selectorFaults(selector).map(({ path, message }) => `${path.join('.')}: ${message}`);
    if (expected === null) assert.equal(found, []);
    else {
      assert.is(found.length, 1);
      assert.match(found[0] ?? '', expected);
    }
  });
}

test.run();
