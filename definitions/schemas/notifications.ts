import { MACHINE_ID_PATTERN } from '../machine.ts';
import { NOTICE_EVENTS, RECEIVER_DEFAULTS, RECEIVER_FORMATS } from '../settings.ts';
import type { JsonObject } from '../values/json.ts';
import { DURATION, NAME, nullable } from './fields.ts';
import { mapping } from './unknown-fields.ts';

const meanings = (words: Readonly<Record<string, string>>) =>
  Object.entries(words)
    .map(([name, meaning]) => `${name}: ${meaning}`)
    .join('\n');

/** One address, with nothing that a header or a mail server could take for more. */
const ADDRESS: JsonObject = {
  type: 'string',
  pattern: "^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$",
};

const RECEIVER = mapping(
  {
    Name: {
      type: 'string',
      pattern: MACHINE_ID_PATTERN,
      description: 'What people and metrics call it; unique in the list.',
      examples: ['oncall'],
    },
    Format: {
      type: 'string',
      enum: Object.keys(RECEIVER_FORMATS),
      description: meanings(RECEIVER_FORMATS),
      examples: ['Webhook'],
    },
    SecretRef: {
      type: 'string',
      pattern: MACHINE_ID_PATTERN,
      description: 'The name of its secret, which holds its address; neither ever enters the repository.',
      examples: ['oncall'],
    },
    Sender: { ...ADDRESS, description: 'Email: whom it is from.', examples: ['bmcron@example.com'] },
    Recipients: {
      type: 'array',
      items: ADDRESS,
      minItems: 1,
      maxItems: 50,
      description: 'Email: whom it is to.',
      examples: [['oncall@example.com']],
    },
    On: {
      type: 'array',
      items: { type: 'string', enum: Object.keys(NOTICE_EVENTS) },
      minItems: 1,
      uniqueItems: true,
      description: `What it is told; left out: all of it. The end is told to whoever was told.\n${meanings(NOTICE_EVENTS)}`,
      examples: [['RunFailed', 'BreakerOpen', 'ControllerUnhealthy']],
    },
    JobSelector: {
      type: ['array', 'null'],
      items: NAME,
      minItems: 1,
      maxItems: 1_000,
      default: RECEIVER_DEFAULTS.JobSelector,
      description:
        'IDs of the jobs that it is told of, * for any characters; null: all. What is about no job it hears.',
      examples: [['prod.*']],
    },
    GroupWait: {
      ...DURATION,
      default: RECEIVER_DEFAULTS.GroupWait,
      description: 'What is alike and comes within this time is one notice.',
      examples: ['30s'],
    },
    Repeat: {
      ...nullable(DURATION),
      default: RECEIVER_DEFAULTS.Repeat,
      description: 'What lasts is told again after this time; null: it is not.',
      examples: ['12h'],
    },
  },
  ['Name', 'Format', 'SecretRef'],
);

/** `Notifications` of `bmcron.yaml`. */
export const NOTIFICATIONS: JsonObject = {
  type: 'array',
  items: RECEIVER,
  maxItems: 20,
  description: 'Who is told of what, without looking.',
  examples: [[{ Name: 'oncall', Format: 'Webhook', SecretRef: 'oncall', On: ['RunFailed', 'BreakerOpen'] }]],
};

/** `DeadMan` of `bmcron.yaml`. */
export const DEAD_MAN: JsonObject = {
  ...mapping(
    {
      SecretRef: {
        type: 'string',
        pattern: MACHINE_ID_PATTERN,
        description: 'The name of the secret that holds the address.',
        examples: ['deadman'],
      },
    },
    ['SecretRef'],
  ),
  type: ['object', 'null'],
  default: null,
  description: 'An address that is called after each look at the fleet that ended well; null: none.',
  examples: [{ SecretRef: 'deadman' }],
};
