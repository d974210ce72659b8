import { BUILT_IN_BREAKER } from '../guard.ts';
import { GUARD_CLASSES } from '../guard-class.ts';
import type { JsonObject } from '../values/json.ts';
import { DURATION, NAME, nullable } from './fields.ts';
import { mapping } from './unknown-fields.ts';

const CLASS: JsonObject = { type: 'string', enum: Object.keys(GUARD_CLASSES) };
const CLASSES_TEXT = Object.entries(GUARD_CLASSES)
  .map(([name, meaning]) => `${name}: ${meaning}`)
  .join('\n');

const DOMAIN: JsonObject = {
  ...mapping(
    {
      Label: { ...NAME, description: 'The label whose values are the domains.', examples: ['rack'] },
      Count: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Machines at once.', examples: [1] },
      Unlabelled: {
        type: 'string',
        enum: ['OneDomain', 'Unlimited'],
        default: 'OneDomain',
        description:
          'Machines without the label: OneDomain, together one with a Count of 1; Unlimited, as many as come.',
        examples: ['OneDomain'],
      },
    },
    ['Label', 'Count'],
  ),
  type: ['object', 'null'],
};

const GUARD = mapping(
  {
    Class: { ...CLASS, description: CLASSES_TEXT, examples: ['Host'] },
    MaxMachines: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 1_000_000,
      description: 'Machines that jobs of this class may reach within Per, all jobs together; null: any number.',
      examples: [10],
    },
    MaxPercent: {
      type: ['string', 'null'],
      pattern: '^(100|[1-9]?[0-9](\\.[0-9]{1,3})?)%$',
      description: 'The same as a share of the inventory, rounded down, one machine at least; null: none.',
      examples: ['5%'],
    },
    Per: { ...DURATION, description: 'How far back is counted; at most 30d.', examples: ['1h'] },
    MaxPerDomain: {
      ...DOMAIN,
      description: 'How many machines that share the value of a label are worked on at once; null: any number.',
      examples: [{ Label: 'rack', Count: 1 }],
    },
    MinInterval: {
      ...nullable(DURATION),
      description: 'How long a machine is left alone after its last part of this class; null: not at all.',
      examples: ['1h'],
    },
    Identity: {
      type: 'string',
      enum: ['Required', 'Optional'],
      description: "Required: nothing is sent to a BMC that is not the machine of the inventory's Identity.",
      examples: ['Required'],
    },
  },
  ['Class'],
);

/** `Guards` of `bmcron.yaml`. */
export const GUARDS: JsonObject = {
  type: 'array',
  items: GUARD,
  maxItems: 20,
  description:
    'What keeps a mistake from reaching too many machines, a guard a class. ' +
    'What a guard leaves out, and a class without one, is as `bmcron validate --explain-guards` prints it.',
  examples: [[{ Class: 'Host', MaxMachines: 10, Per: '1h', MinInterval: '1h' }]],
};

/** `Breaker` of `bmcron.yaml`. */
export const BREAKER: JsonObject = {
  ...mapping(
    {
      Failures: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        default: BUILT_IN_BREAKER.Failures,
        description: 'So many failed parts within Within, of all jobs and classes, open it.',
        examples: [10],
      },
      Within: {
        ...DURATION,
        default: BUILT_IN_BREAKER.Within,
        description: 'How close together they are; at most 30d.',
        examples: ['10m'],
      },
      Classes: {
        type: 'array',
        items: CLASS,
        maxItems: 10,
        default: BUILT_IN_BREAKER.Classes,
        description: 'What begins nothing while it is open.',
        examples: [['Host', 'Manager', 'Access']],
      },
      Resume: {
        type: 'string',
        pattern: '^[ -~]{1,64}$',
        description: 'A token; each new value closes it.',
        examples: ['2026-03-02 fixed'],
      },
    },
    [],
  ),
  description: 'Stops classes of actions when too much fails at once, until a commit closes it.',
  examples: [{ Failures: 10, Within: '10m', Classes: ['Host', 'Manager', 'Access'] }],
};
