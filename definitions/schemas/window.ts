import { TIME_PATTERN } from '../calendar/formats.ts';
import { GUARD_CLASSES } from '../guard-class.ts';
import type { JsonObject } from '../values/json.ts';
import { WINDOW_DEFAULTS } from '../window.ts';
import { NAME } from './fields.ts';
import { PERIOD } from './job.ts';
import { MACHINE_SELECTOR } from './selector.ts';
import { mapping } from './unknown-fields.ts';

/** `2026-12-18T18:00:00`, without a zone: the clocks of `TimeZone` show it. */
export const LOCAL_MOMENT_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$';

const MOMENT: JsonObject = { type: 'string', pattern: LOCAL_MOMENT_PATTERN };
const TIME: JsonObject = { type: 'string', pattern: TIME_PATTERN };

const SCOPE: JsonObject = {
  ...mapping(
    {
      Classes: {
        type: 'array',
        items: { type: 'string', enum: Object.keys(GUARD_CLASSES) },
        minItems: 1,
        maxItems: 100,
        description: 'Guard classes of actions; absent: any.',
        examples: [['Host', 'Manager']],
      },
      MachineSelector: { ...MACHINE_SELECTOR, description: 'Machines by their labels; absent: any.' },
      Jobs: {
        type: 'array',
        items: { type: 'string', pattern: '^[A-Za-z0-9*][A-Za-z0-9._*-]{0,127}$' },
        minItems: 1,
        maxItems: 1000,
        description: 'Job IDs, in which * stands for any characters; absent: any.',
        examples: [['rollout.*']],
      },
    },
    [],
  ),
  description: 'What it is about: all that is given must fit; absent: everything.',
  examples: [{ Classes: ['Host'], MachineSelector: { MatchLabels: { site: 'ams' } } }],
};

/** A Window document of `windows/`. */
export function windowSchema(): JsonObject {
  return mapping(
    {
      Name: { ...NAME, description: 'What people call it; no other window has it.', examples: ['Year end'] },
      Kind: {
        type: 'string',
        enum: ['Freeze', 'Allow'],
        description: 'Freeze: nothing begins while it is active. Allow: only while one that applies is active.',
        examples: ['Freeze'],
      },
      Suspend: { type: 'boolean', description: 'true: validated, and without effect.', examples: [false] },
      Applies: SCOPE,
      From: {
        ...MOMENT,
        description: 'Once: when it begins, local time; absent beside To: it has begun.',
        examples: ['2026-12-18T18:00:00'],
      },
      To: {
        ...MOMENT,
        description: 'Once: when it ends, local time; absent beside From: when it is taken out.',
        examples: ['2027-01-04T06:00:00'],
      },
      Time: { ...TIME, description: 'Recurring: the local time at which it begins.', examples: ['22:00:00'] },
      Until: {
        ...TIME,
        description: 'Recurring: the local time at which it ends, on the next day where that is not after Time.',
        examples: ['06:00:00'],
      },
      Period: {
        ...PERIOD,
        description: 'Recurring: the dates on which it begins; absent: every day.',
        examples: [{ DaysOfWeek: ['Friday'] }],
      },
      TimeZone: {
        type: 'string',
        minLength: 1,
        maxLength: 64,
        description: 'The IANA zone of its times; absent: TimeZone of bmcron.yaml, else UTC.',
        examples: ['Europe/Berlin'],
      },
      Manual: {
        type: 'string',
        enum: ['Deny', 'Allow'],
        default: WINDOW_DEFAULTS.Manual,
        description: 'Whether a trigger may run a job in spite of it.',
        examples: ['Deny'],
      },
      Overrun: {
        type: 'string',
        enum: ['Finish', 'Stop'],
        default: WINDOW_DEFAULTS.Overrun,
        description: 'Finish: a run that began before goes on. Stop: no new part of it begins.',
        examples: ['Finish'],
      },
    },
    ['Name', 'Kind'],
  );
}
