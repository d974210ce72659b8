import type { JsonObject } from '../values/json.ts';
import { nullable } from './fields.ts';
import { JOB_FIELDS, PAYLOAD, SCHEDULE } from './job.ts';
import { mapping } from './unknown-fields.ts';

const MOMENT: JsonObject = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$' };
const COMMIT: JsonObject = { type: 'string', pattern: '^[0-9a-f]*$' };

function moment(description: string): JsonObject {
  return { ...MOMENT, description, examples: ['2026-03-10T22:00:00Z'] };
}

function text(description: string, example: string): JsonObject {
  return { type: 'string', description, examples: [example] };
}

function choice(description: string, values: readonly string[]): JsonObject {
  return { type: 'string', enum: values, description, examples: [values[0] ?? ''] };
}

function count(description: string): JsonObject {
  return { type: 'integer', minimum: 0, description, examples: [2] };
}

function list(items: JsonObject, description: string, examples: JsonObject['x'][]): JsonObject {
  return { type: 'array', items, description, examples: [examples] };
}

const CONDITION = closed({
  Type: choice(
    'Valid: does the manifest hold? Ready: will the job run as it says? Progressing: does its rollout go on?',
    ['Valid', 'Ready', 'Progressing'],
  ),
  Status: choice('Whether it is so.', ['True', 'False']),
  Reason: text('Why, in a word.', 'Accepted'),
  Message: text('Why, in a sentence.', 'The manifest is in force.'),
  LastTransitionTime: moment('When Status changed last.'),
});

const LAST_TRIGGER: JsonObject = {
  ...mapping(
    {
      Token: text('The last token that was seen.', '2026-03-10-maintenance'),
      Time: moment('When it was seen.'),
      Outcome: choice('Whether it made the job run.', ['Accepted', 'Refused']),
      Message: text('What came of it.', 'started'),
      Before: list({ type: 'string' }, 'Tokens used before, newest first, bounded.', ['2026-02-10-maintenance']),
    },
    ['Token', 'Time', 'Outcome', 'Message'],
  ),
  description: 'What became of the last trigger token; null: there was none.',
  examples: [null],
};

const LAST_RUN_FIELDS: Readonly<Record<string, JsonObject>> = {
  RunID: text('The job, @, and the time or token that began the run.', 'nightly@2026-03-10T22:00:00Z'),
  Trigger: choice('Why it began.', ['Schedule', 'CatchUp', 'Manual']),
  NominalTime: moment('The time for which it was scheduled.'),
  StartTime: moment('When it started.'),
  EndTime: nullable(moment('When it ended; null while it runs.')),
  Succeeded: count('Machines that hold the new state.'),
  Failed: count('Machines that failed.'),
  FailedMachines: list({ type: 'string' }, 'A line for each failed machine, bounded.', ['machine-2: unreachable']),
};

const LAST_RUN: JsonObject = {
  ...mapping(
    {
      ...LAST_RUN_FIELDS,
      Skipped: count('Machines on which it was never begun; absent: none.'),
      SkippedMachines: list({ type: 'string' }, 'A line for each of them, bounded; absent: none.', [
        'machine-3: Frozen by Year end until 2027-01-04T05:00:00Z',
      ]),
    },
    Object.keys(LAST_RUN_FIELDS),
  ),
  description: 'The last run; null before the first.',
  examples: [null],
};

const MISSED = closed({ Time: moment('The time that was not kept.'), Reason: text('Why.', 'its EndDay had passed') });

const HALTED: JsonObject = {
  ...closed({
    Since: moment('When it halted.'),
    Reason: choice('Why.', ['WaveFailed', 'BudgetExceeded', 'NothingProved']),
    Machines: list({ type: 'string' }, 'By which machines, bounded.', ['machine-1']),
  }),
  description: 'Why it stands still; null: it does not.',
  examples: [null],
};

const SPENT: JsonObject = {
  ...closed({ Failed: count('That failed.'), Unreachable: count('That were not reached.') }),
  description: 'What the waves that have passed took of the budget.',
  examples: [{ Failed: 0, Unreachable: 0 }],
};

const SOAK: JsonObject = {
  ...closed({
    End: moment('When its values are read once more; no wave begins before.'),
    Machines: list({ type: 'string' }, 'Those whose values are read.', ['machine-1']),
    RunID: text('The run that wrote them.', 'nightly@2026-03-10T22:00:00Z'),
    Wrong: { ...SPENT, description: 'What of the wave has gone wrong.' },
    MaxFailures: count('So many of it may have failed.'),
    MaxFailed: nullable(count('So many of all waves may; null: no limit.')),
    MaxUnreachable: nullable(count('So many may not be reached; null: they count as failed.')),
    Next: nullable(count('The wave that comes after it; null: it is promoted then.')),
  }),
  description: 'The wave that is left alone; null: none is.',
  examples: [null],
};

const ROLLOUT_FACTS: JsonObject = {
  ...closed({
    Effect: text('Digest of what is rolled out, or has been: Action and Payload.', '0a1b2c3d4e5f6071'),
    Waves: text('Digest of whom each wave is for.', '0a1b2c3d4e5f6071'),
    Promoted: nullable({
      ...closed({
        Effect: text('Its digest.', '0a1b2c3d4e5f6071'),
        Commit: { ...COMMIT, description: 'The commit of its manifest.', examples: ['c0ffee'] },
        File: text('Its file in that commit.', 'jobs/nightly.yaml'),
      }),
      description: 'The version that has passed its waves last; null: none has.',
      examples: [null],
    }),
    Wave: count('The wave that comes next or is under way, from 0.'),
    Soak: nullable(SOAK),
    Halted: nullable(HALTED),
    Resumed: { type: ['string', 'null'], description: 'The Resume that was seen last.', examples: [null] },
    Spent: SPENT,
    FlatOverBudget: count('Runs of the promoted version in a row that have exceeded the budget.'),
    Known: list({ type: 'string' }, 'Machines that have had the promoted version.', ['machine-1']),
  }),
  description: 'How far the rollout has come; absent: the job has no Rollout.',
  examples: [
    {
      Effect: '0a1b2c3d4e5f6071',
      Waves: '0a1b2c3d4e5f6071',
      Promoted: null,
      Wave: 1,
      Soak: null,
      Halted: null,
      Resumed: null,
      Spent: { Failed: 0, Unreachable: 0 },
      FlatOverBudget: 0,
      Known: [],
    },
  ],
};

/** A mapping of which every field is there. */
function closed(properties: Readonly<Record<string, JsonObject>>): JsonObject {
  return mapping(properties, Object.keys(properties));
}

/** One document of a `*.status.yaml` file, as the service writes it (R32). */
export function statusSchema(): JsonObject {
  const { Name = {}, Machines = {}, MachineSelector = {}, Action = {} } = JOB_FIELDS;
  const { minItems: _, ...machines } = Machines;
  const fields: Readonly<Record<string, JsonObject>> = {
    Id: text("The job's ID.", 'nightly'),
    Name,
    Machines: {
      ...machines,
      description: 'IDs of its machines; with a MachineSelector those of the last run, none before the first.',
    },
    MachineSelector,
    Action,
    Payload: { ...PAYLOAD, type: 'array' },
    Schedule: SCHEDULE,
    Status: choice('The outcome of the last run.', ['Pending', 'Running', 'Completed', 'Failed']),
    CreatedTime: moment('When the service accepted the job.'),
    LastRunTime: nullable(moment('The start of the last run; null before the first.')),
    NextRunTime: nullable(moment('The next run; null when none comes.')),
    ExecutionCount: count('Runs that started.'),
    Suspended: { type: 'boolean', description: 'true: it is never due.', examples: [false] },
    Conditions: list(CONDITION, 'What is to be said about the manifest and the job.', []),
    LastTrigger: nullable(LAST_TRIGGER),
    LastRun: nullable(LAST_RUN),
    Missed: list(MISSED, 'The last times that were not kept, and why, bounded.', []),
    Rollout: ROLLOUT_FACTS,
    ObservedCommit: { ...COMMIT, description: 'The commit whose manifest was judged last.', examples: ['c0ffee'] },
    AppliedCommit: { ...COMMIT, description: 'The commit of the version in force.', examples: ['c0ffee'] },
  };
  return mapping(
    fields,
    Object.keys(fields).filter((field) => field !== 'MachineSelector' && field !== 'Rollout'),
  );
}

/** One log file: one machine's part of one run (R34). */
export function logSchema(): JsonObject {
  return closed({
    JobID: text('The job.', 'nightly'),
    MachineID: text('The machine.', 'machine-1'),
    Action: JOB_FIELDS['Action'] ?? {},
    Status: choice('How it ended.', ['success', 'failed']),
    Timestamp: moment('When it started.'),
    ExecutionTime: {
      type: 'string',
      pattern: '^[0-9]+\\.[0-9]{3}s$',
      description: 'How long it took, in seconds.',
      examples: ['1.234s'],
    },
    Result: {
      type: ['object', 'array', 'null'],
      description:
        'For each payload entry the ID of its manager, system or chassis, and Old… and New… of each field as read; ' +
        'Sent, what was sent to get there; Pending, what takes effect at a reset.',
      examples: [{ ManagerID: 'bmc', OldProfile: 'Performance', NewProfile: 'PowerSaver' }],
    },
    Error: {
      type: ['string', 'null'],
      description: 'What failed, with the word transient or permanent, or interrupted; null on success.',
      examples: [null],
    },
  });
}
