import type { JsonObject } from '../values/json.ts';
import { DURATION, NAME } from './fields.ts';
import { MACHINE_SELECTOR } from './selector.ts';
import { mapping } from './unknown-fields.ts';

const SHARE: JsonObject = {
  type: ['integer', 'string'],
  minimum: 0,
  maximum: 1_000,
  pattern: '^(100|[1-9]?[0-9](\\.[0-9]{1,2})?)%$',
};

const CONCURRENCY: JsonObject = { ...SHARE, minimum: 1 };

const WAVE = mapping(
  {
    Name: { ...NAME, maxLength: 64, description: 'What people call it; none twice.', examples: ['canary'] },
    Machines: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      maxItems: 1000,
      description: 'Machines of the job, by ID.',
      examples: [['machine-1']],
    },
    MachineSelector: { ...MACHINE_SELECTOR, description: 'Machines of the job, by their labels.' },
    Rest: {
      type: 'boolean',
      enum: [true],
      description: 'true: all that no wave before has; the last wave, and only it.',
      examples: [true],
    },
    MaxFailures: {
      ...SHARE,
      default: 0,
      description: 'The rollout halts when more of it have failed; a percent is of all machines of the job.',
      examples: [0],
    },
    Soak: {
      ...DURATION,
      description: 'How long it is left alone before its values are read once more; absent: not at all.',
      examples: ['30m'],
    },
    MaxConcurrent: {
      ...CONCURRENCY,
      description: 'How many of its machines are written at once; absent: as many as the service can.',
      examples: ['10%'],
    },
  },
  ['Name'],
);

/** `Rollout` of a job. */
export const ROLLOUT: JsonObject = {
  ...mapping(
    {
      Scope: {
        type: 'string',
        enum: ['NewEffect', 'EveryRun'],
        description:
          'What goes by waves: what is new, or each run; absent: EveryRun for what happens once, as a reset.',
        examples: ['NewEffect'],
      },
      Advance: {
        type: 'string',
        enum: ['NextRun', 'InRun'],
        description: 'NextRun: a wave a run; absent for a Continuous job. InRun: all waves in one run.',
        examples: ['NextRun'],
      },
      Waves: {
        type: 'array',
        items: WAVE,
        minItems: 1,
        maxItems: 50,
        description: 'Who gets it first, and who then; each by one of Machines, MachineSelector and Rest.',
        examples: [
          [
            { Name: 'canary', Machines: ['machine-1'] },
            { Name: 'rest', Rest: true },
          ],
        ],
      },
      FailureBudget: {
        ...mapping(
          {
            Failed: { ...SHARE, description: 'So many may fail.', examples: ['2%'] },
            Unreachable: {
              ...SHARE,
              description: 'So many may not be reached; absent: they count as failed.',
              examples: ['10%'],
            },
          },
          [],
        ),
        minProperties: 1,
        description: 'How much of all waves together, or of a run of the promoted version, may go wrong.',
        examples: [{ Failed: '2%', Unreachable: '10%' }],
      },
      OnHalt: {
        type: 'string',
        enum: ['Promoted', 'Hold'],
        default: 'Promoted',
        description: 'While it is halted. Promoted: all machines get the promoted version. Hold: nothing runs.',
        examples: ['Promoted'],
      },
      Resume: {
        type: 'string',
        pattern: '^[ -~]{1,64}$',
        description: 'A token; each new value takes the halted wave again.',
        examples: ['2026-03-02 fixed'],
      },
    },
    ['Waves'],
  ),
  description: 'How what is new reaches the machines: in waves, and no further once too many fail.',
  examples: [
    {
      Waves: [
        { Name: 'canary', Machines: ['machine-1'] },
        { Name: 'rest', Rest: true },
      ],
    },
  ],
};
