import { LABEL_KEY_PATTERN } from '../machine.ts';
import { SELECTOR_OPERATORS } from '../machine-selector.ts';
import type { JsonObject } from '../values/json.ts';
import { NAME } from './fields.ts';
import { mapping } from './unknown-fields.ts';

const REQUIREMENT = mapping(
  {
    Key: { type: 'string', pattern: LABEL_KEY_PATTERN, description: "The label's key.", examples: ['role'] },
    Operator: {
      type: 'string',
      enum: SELECTOR_OPERATORS,
      description: 'How its value is compared. NotIn fits a machine without the label, too.',
      examples: ['NotIn'],
    },
    Values: {
      type: 'array',
      items: NAME,
      maxItems: 1000,
      description: 'For In and NotIn: the values, at least one.',
      examples: [['storage']],
    },
  },
  ['Key', 'Operator'],
);

/** A `MachineSelector`, but for what `selectorFaults` says of it. */
export const MACHINE_SELECTOR: JsonObject = {
  ...mapping(
    {
      MatchLabels: {
        type: 'object',
        maxProperties: 64,
        propertyNames: { pattern: LABEL_KEY_PATTERN },
        additionalProperties: NAME,
        description: 'Labels that a machine must have, with these values.',
        examples: [{ rack: 'r7' }],
      },
      MatchExpressions: {
        type: 'array',
        items: REQUIREMENT,
        maxItems: 64,
        description: 'What else must hold of its labels.',
        examples: [[{ Key: 'role', Operator: 'NotIn', Values: ['storage'] }]],
      },
    },
    [],
  ),
  description: 'Machines by their labels: all that it asks for must hold.',
  examples: [{ MatchLabels: { rack: 'r7' } }],
};
