import type { Action } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import { ROOTS } from '../actions/root.ts';
import { DATE_PATTERN, TIME_PATTERN } from '../calendar/formats.ts';
import { DAYS_OF_WEEK } from '../calendar/period.ts';
import type { Json, JsonObject } from '../values/json.ts';
import { DURATION, NAME, RESOURCE_ID, when } from './fields.ts';
import { ROLLOUT } from './rollout.ts';
import { MACHINE_SELECTOR } from './selector.ts';
import { mapping } from './unknown-fields.ts';

const DAY_PATTERN = ' *(0?[1-9]|[12][0-9]|3[01]) *';

/** `Period`. */
export const PERIOD: JsonObject = {
  ...mapping(
    {
      StartDay: {
        type: ['string', 'null'],
        pattern: DATE_PATTERN,
        description: 'The first date on which it runs, YYYY-MM-DD; null or absent: no first date.',
        examples: ['2026-02-10'],
      },
      EndDay: {
        type: ['string', 'null'],
        pattern: DATE_PATTERN,
        description: 'The last date on which it runs, YYYY-MM-DD; null or absent: for ever.',
        examples: ['2026-12-31'],
      },
      DaysOfWeek: {
        type: ['array', 'null'],
        items: { type: 'string', enum: DAYS_OF_WEEK },
        maxItems: 100,
        description: 'Weekdays on which it runs; empty, null or absent: every day. Narrows DaysOfMonth, too.',
        examples: [['Monday', 'Friday']],
      },
      DaysOfMonth: {
        type: ['string', 'null'],
        maxLength: 256,
        pattern: `^${DAY_PATTERN}(,${DAY_PATTERN})*$`,
        description: 'Dates of a month, comma-separated, as text: "1,15"; null or absent: every day.',
        examples: ['1,15'],
      },
    },
    [],
  ),
  type: ['object', 'null'],
  description: 'The dates on which a Continuous job runs; null or absent for Once.',
  examples: [{ StartDay: '2026-02-10', EndDay: '2026-12-31', DaysOfWeek: [], DaysOfMonth: null }],
};

/** A token of a trigger (R28). */
export const TRIGGER_PATTERN = '^[A-Za-z0-9._-]{1,64}$';

/** `Schedule`, complete. */
export const SCHEDULE: JsonObject = {
  ...mapping(
    {
      Type: {
        type: 'string',
        enum: ['Once', 'Continuous'],
        description: 'One run, or many.',
        examples: ['Continuous'],
      },
      Time: {
        type: 'string',
        pattern: TIME_PATTERN,
        description: 'The local time of day at which it runs, HH:MM:SS.',
        examples: ['22:00:00'],
      },
      Period: PERIOD,
      TimeZone: {
        type: 'string',
        minLength: 1,
        maxLength: 64,
        description: 'The IANA zone of Time and all dates; absent: TimeZone of bmcron.yaml, else UTC.',
        examples: ['Europe/Berlin'],
      },
      Day: {
        type: 'string',
        pattern: DATE_PATTERN,
        description: 'For Once: the date on which it runs; absent: the next time that Time comes round.',
        examples: ['2026-03-10'],
      },
      StartingDeadline: {
        ...DURATION,
        description: 'How late a missed run may still start; absent: StartingDeadline of bmcron.yaml.',
        examples: ['2h'],
      },
    },
    ['Type', 'Time'],
  ),
  description: 'When it runs.',
  examples: [{ Type: 'Once', Time: '14:00:00', Period: null }],
  allOf: [
    when(
      { properties: { Type: { const: 'Continuous' } }, required: ['Type'] },
      { required: ['Period'], properties: { Period: { type: 'object' }, Day: false } },
      { properties: { Period: { type: 'null' } } },
    ),
  ],
};

/** One entry of `Payload` for an action. An action of one field requires it; any other at least one. */
export function entrySchema(action: Action): JsonObject {
  const fields = Object.keys(action.payload);
  const { field } = ROOTS[action.root];
  const target = action.target ? { [action.target]: { ...RESOURCE_ID, ...MEMBERS[action.target] } } : {};
  return mapping(
    {
      [field]: { ...RESOURCE_ID, ...MEMBERS[field] },
      ...target,
      Payload: {
        ...mapping(action.payload, action.required ?? (fields.length === 1 ? fields : [])),
        ...(fields.length === 1 ? {} : { minProperties: 1 }),
        description: action.description,
        examples: [exampleEntry(action)],
      },
      OnlyIf: {
        type: 'object',
        minProperties: 1,
        description: 'Fields of Payload are set only where the BMC has these values now; absent: whatever it has.',
        examples: [exampleEntry(action)],
      },
      Pending: {
        type: 'boolean',
        description: 'true: what OnlyIf says may wait for a reset; what holds now is written over it.',
        examples: [true],
      },
    },
    [...(action.root === 'Managers' ? [field] : []), ...Object.keys(target), 'Payload'],
  );
}

function exampleEntry({ payload }: Action): JsonObject {
  const fields = Object.keys(payload).slice(0, 2);
  return Object.fromEntries(fields.map((name) => [name, exampleOf(payload[name])]));
}

function exampleOf(field: JsonObject | undefined): Json {
  const [example] = (field?.['examples'] ?? []) as readonly Json[];
  return example ?? null;
}

const MEMBERS = {
  ManagerID: { description: 'The manager, as the BMC calls it.', examples: ['bmc'] },
  SystemID: {
    description: 'The system, as the BMC calls it; absent: the one that has what is set.',
    examples: ['system'],
  },
  ChassisID: {
    description: 'The chassis, as the BMC calls it; absent: the one that has what is set.',
    examples: ['chassis'],
  },
  FanControllerID: { description: 'The fan controller, as the BMC calls it.', examples: ['cpu_fan_controller'] },
  FanZoneID: { description: 'The fan zone, as the BMC calls it.', examples: ['cpu_zone'] },
  PidControllerID: { description: 'The PID controller, as the BMC calls it.', examples: ['cpu_temp_controller'] },
};

/** The fields of a job beside Payload and Schedule. */
export const JOB_FIELDS: Readonly<Record<string, JsonObject>> = {
  Name: { ...NAME, description: 'What people call the job.', examples: ['Nightly PowerSaver Mode'] },
  Machines: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    minItems: 1,
    maxItems: 1000,
    description: 'IDs of machines in machines/, none twice.',
    examples: [['machine-1', 'machine-2']],
  },
  MachineSelector: {
    ...MACHINE_SELECTOR,
    description: 'Machines by their labels, in place of Machines: whichever fit when a run begins.',
  },
  AllowEmpty: {
    type: 'boolean',
    description: 'true: MachineSelector may fit no machine; absent: that is an error.',
    examples: [false],
  },
  Action: {
    type: 'string',
    enum: [...ACTIONS.keys()],
    description: [...ACTIONS.values()].map(({ name, description }) => `${name}: ${description}`).join('\n'),
    examples: ['PatchProfile'],
  },
  Confirm: {
    ...mapping(
      {
        Machines: {
          type: 'integer',
          minimum: 1,
          maximum: 1_000_000,
          description: 'How many machines it may reach at most.',
          examples: [40],
        },
      },
      ['Machines'],
    ),
    description: 'Says that somebody knows how many machines this concerns; a run on more is refused.',
    examples: [{ Machines: 40 }],
  },
  OnBlocked: {
    type: 'string',
    enum: ['Skip', 'Wait'],
    default: 'Skip',
    description: 'While windows keep it from running. Skip: what falls due is missed. Wait: it runs when it may.',
    examples: ['Wait'],
  },
  Rollout: ROLLOUT,
  OnFailure: {
    type: 'string',
    enum: ['Keep', 'Revert'],
    default: 'Keep',
    description: 'What becomes of a machine on which it fails. Revert: what it has set there is put back as it was.',
    examples: ['Revert'],
  },
  Suspend: { type: 'boolean', description: 'true: validated, but never due.', examples: [false] },
  Trigger: {
    type: 'string',
    pattern: TRIGGER_PATTERN,
    description: 'A token; each new value runs the job once, at once.',
    examples: ['2026-03-10-maintenance'],
  },
};

/** `Payload`; what an entry holds depends on the action. */
export const PAYLOAD: JsonObject = {
  type: ['object', 'array'],
  description: 'What each manager gets: one entry, or a list of at least one.',
  examples: [[{ ManagerID: 'bmc', Payload: { Profile: 'PowerSaver' } }]],
};

/** The fields that a job must have, but that it may have a MachineSelector in place of Machines. */
export const JOB_REQUIRED = ['Name', 'Machines', 'Action', 'Payload', 'Schedule'];

/** A job manifest, for editors and CI: everything that can be told without the inventory and the calendar. */
export function jobSchema(): JsonObject {
  const actions = [...ACTIONS.values()];
  const perAction = actions.map(({ name }) => {
    const entry = { $ref: `#/$defs/${name}` };
    return when(
      { properties: { Action: { const: name } }, required: ['Action'] },
      { properties: { Payload: { anyOf: [entry, { type: 'array', items: entry, minItems: 1 }] } } },
    );
  });
  return {
    ...mapping(
      {
        Name: JOB_FIELDS['Name'] ?? {},
        Machines: { ...JOB_FIELDS['Machines'], uniqueItems: true },
        MachineSelector: JOB_FIELDS['MachineSelector'] ?? {},
        AllowEmpty: JOB_FIELDS['AllowEmpty'] ?? {},
        Action: JOB_FIELDS['Action'] ?? {},
        Payload: PAYLOAD,
        Schedule: SCHEDULE,
        Confirm: JOB_FIELDS['Confirm'] ?? {},
        OnBlocked: JOB_FIELDS['OnBlocked'] ?? {},
        Rollout: JOB_FIELDS['Rollout'] ?? {},
        OnFailure: JOB_FIELDS['OnFailure'] ?? {},
        Suspend: JOB_FIELDS['Suspend'] ?? {},
        Trigger: JOB_FIELDS['Trigger'] ?? {},
      },
      JOB_REQUIRED.filter((field) => field !== 'Machines'),
    ),
    oneOf: [{ required: ['Machines'] }, { required: ['MachineSelector'] }],
    allOf: perAction,
    $defs: Object.fromEntries(actions.map((action) => [action.name, entrySchema(action)])),
  };
}
