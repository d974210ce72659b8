import { SITE_PATTERN } from '../engine/names.ts';
import { SITE_DEFAULTS } from '../settings.ts';
import type { JsonObject } from '../values/json.ts';
import { DURATION } from './fields.ts';
import { BREAKER, GUARDS } from './guards.ts';
import { DEAD_MAN, NOTIFICATIONS } from './notifications.ts';
import { mapping } from './unknown-fields.ts';

const METRICS = mapping(
  {
    PerJob: {
      type: 'integer',
      minimum: 0,
      maximum: 20_000,
      default: 2_000,
      description: 'The most jobs for which there are metrics a job; with more there are none, nor with 0.',
      examples: [5000],
    },
  },
  [],
);

/** `bmcron.yaml`. */
export function settingsSchema(): JsonObject {
  const count = { type: 'integer', minimum: 1, maximum: 10_000 };
  const logs = mapping(
    {
      KeepDays: {
        type: ['integer', 'null'],
        minimum: 1,
        maximum: 36_500,
        default: null,
        description: 'Days after which log files go; null: they stay.',
        examples: [90],
      },
      Layout: {
        type: 'string',
        enum: ['files', 'segments'],
        default: 'files',
        description: 'files: one for each machine of each run. segments: NDJSON, one a batch, for big fleets.',
        examples: ['files'],
      },
    },
    [],
  );
  const journal = mapping(
    {
      KeepDays: {
        type: 'integer',
        minimum: 1,
        maximum: 3_650,
        default: 30,
        description: 'Days for which records are kept beyond their publication, for a remote that is set back.',
        examples: [30],
      },
    },
    [],
  );
  return mapping(
    {
      WorkerPoolSize: { ...count, default: 5, description: 'Jobs running at once.', examples: [5] },
      MaxConnections: { ...count, default: 50, description: 'Machines being talked to at once.', examples: [50] },
      TimeZone: {
        type: 'string',
        minLength: 1,
        maxLength: 64,
        default: 'UTC',
        description: 'The IANA zone of schedules that name none.',
        examples: ['Europe/Berlin'],
      },
      StartingDeadline: {
        ...DURATION,
        type: ['string', 'null'],
        default: null,
        description: 'How late a missed run may still start; null: however late.',
        examples: ['2h'],
      },
      ShutdownTimeout: {
        ...DURATION,
        default: '30s',
        description: 'How long running jobs may finish on SIGTERM.',
        examples: ['30s'],
      },
      Logs: { ...logs, description: 'How logs are kept.', examples: [{ KeepDays: 90 }] },
      Journal: { ...journal, description: 'How the journal is kept.', examples: [{ KeepDays: 30 }] },
      Metrics: { ...METRICS, description: 'What /metrics shows.', examples: [{ PerJob: 5000 }] },
      Guards: GUARDS,
      Breaker: BREAKER,
      Notifications: NOTIFICATIONS,
      DeadMan: DEAD_MAN,
      Sites: sitesSchema(),
    },
    [],
  );
}

/** The places whose machines are reached by workers. */
function sitesSchema(): JsonObject {
  const { MaxConnections, StartWithin } = SITE_DEFAULTS;
  return {
    type: 'object',
    maxProperties: 1_000,
    propertyNames: { pattern: SITE_PATTERN },
    additionalProperties: mapping(
      {
        MaxConnections: {
          type: 'integer',
          minimum: 1,
          maximum: 10_000,
          default: MaxConnections,
          description: 'Machines of the site that are talked to at once, over all of its workers.',
          examples: [200],
        },
        StartWithin: {
          ...DURATION,
          default: StartWithin,
          description: 'How long a machine waits for a worker of its site before it counts as unreachable.',
          examples: ['60s'],
        },
      },
      [],
    ),
    description: 'Machines whose label site has one of these values are reached by the workers there.',
    examples: [{ fra1: { MaxConnections: 200 } }],
  };
}
