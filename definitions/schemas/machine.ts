import { ACTIONS } from '../actions/index.ts';
import { LABEL_KEY_PATTERN, MACHINE_ID_PATTERN } from '../machine.ts';
import type { JsonObject } from '../values/json.ts';
import { DURATION, NAME, texts } from './fields.ts';
import { mapping } from './unknown-fields.ts';

const BASE_ACTIONS = [...ACTIONS.values()].filter(({ supports }) => supports.includes('Base')).map(({ name }) => name);

const INVENTORY = mapping(
  {
    Profiles: texts('The profiles that it offers.', ['Performance', 'Balanced']),
    FanControllers: texts('The IDs of its fan controllers.', ['cpu_fan_controller']),
    FanZones: texts('The IDs of its fan zones.', ['cpu_zone']),
    PidControllers: texts('The IDs of its PID controllers.', ['cpu_temp_controller']),
  },
  [],
);

const TLS = mapping(
  {
    CA: {
      type: 'string',
      pattern: MACHINE_ID_PATTERN,
      description: 'A file of PEM certificates beside the secrets.',
      examples: ['rack1-ca'],
    },
    Fingerprint: {
      type: 'string',
      pattern: '^sha256:[0-9a-f]{64}$',
      description: 'sha256: and 64 lower-case hex digits, of the DER certificate.',
      examples: [`sha256:${'0123456789abcdef'.repeat(4)}`],
    },
    Insecure: { type: 'boolean', description: 'true: any certificate will do.', examples: [false] },
  },
  [],
);

const IDENTITY: JsonObject = {
  ...mapping(
    {
      SerialNumber: { ...NAME, description: 'As its system or chassis says; it decides.', examples: ['CZ3A1234'] },
      UUID: {
        type: 'string',
        pattern: '^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$',
        description: 'As its system or manager says; it counts where a SerialNumber is missing.',
        examples: ['38a5cd3c-7a2c-4b1b-9d0d-6b1c66a4b2f5'],
      },
    },
    [],
  ),
  minProperties: 1,
};

/** The fields of a machine. */
const MACHINE_FIELDS: Readonly<Record<string, JsonObject>> = {
  ID: {
    type: 'string',
    pattern: MACHINE_ID_PATTERN,
    description: 'Its name in jobs, logs and status files; unique over the repository.',
    examples: ['machine-1'],
  },
  Name: { ...NAME, description: 'What people call it.', examples: ['Rack 1, node 1'] },
  Type: {
    type: 'string',
    enum: ['Extend', 'Base'],
    default: 'Extend',
    description: `Extend: OpenBMC with its fan OEM. Base: plain Redfish, ${BASE_ACTIONS.join(', ')} only.`,
    examples: ['Extend'],
  },
  Endpoint: {
    type: 'string',
    maxLength: 300,
    pattern: '^https?://(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$',
    description: 'Where its BMC answers: http or https, host, port if need be, nothing more.',
    examples: ['https://10.0.0.11'],
  },
  CredentialsRef: {
    type: 'string',
    pattern: MACHINE_ID_PATTERN,
    description: 'The name of its secret; the secret itself never enters the repository.',
    examples: ['rack1'],
  },
  TLS: { ...TLS, description: 'How its certificate is judged; absent: as usual.', examples: [{ CA: 'rack1-ca' }] },
  AllowPlaintext: {
    type: 'boolean',
    description: 'true: its login may be sent over http:, where whoever listens reads it.',
    examples: [false],
  },
  Labels: {
    type: 'object',
    maxProperties: 64,
    propertyNames: { pattern: LABEL_KEY_PATTERN },
    additionalProperties: NAME,
    description: 'Anything that helps to find it; selectors and placeholders go by it.',
    examples: [{ rack: 'r1', site: 'ams' }],
  },
  Identity: {
    ...IDENTITY,
    description: 'Who it is; guards compare it with what the BMC says. `bmcron probe --write` writes it.',
    examples: [{ SerialNumber: 'CZ3A1234' }],
  },
  Timeout: {
    ...DURATION,
    default: '60s',
    description: 'How long its part of a run may take, e.g. 60s or 2m.',
    examples: ['60s'],
  },
  Managers: {
    type: 'object',
    maxProperties: 1000,
    propertyNames: NAME,
    additionalProperties: INVENTORY,
    description: 'What it has, by manager, so that jobs can be checked without asking it.',
    examples: [{ bmc: { Profiles: ['Performance', 'Balanced'] } }],
  },
  Systems: texts('The IDs of its systems, so that jobs can be checked without asking it.', ['system']),
  Chassis: texts('The IDs of its chassis, so that jobs can be checked without asking it.', ['chassis']),
};

/** A Machine document of `machines/`. */
export function machineSchema(): JsonObject {
  return mapping(MACHINE_FIELDS, ['ID', 'Endpoint']);
}

/** What a folder's Defaults may hold: all but what one machine alone can be. */
const DEFAULTS_FIELDS = ['Type', 'CredentialsRef', 'TLS', 'AllowPlaintext', 'Labels', 'Timeout', 'Managers'] as const;

/** A document of `machines/**\/_*.yaml`. */
export function defaultsSchema(): JsonObject {
  const fields = DEFAULTS_FIELDS.map((name) => {
    const { default: _, ...field } = MACHINE_FIELDS[name] ?? {};
    return [name, field] as const;
  });
  const Defaults = {
    ...mapping(Object.fromEntries(fields), []),
    description: 'What the machines of this folder have where their manifests leave it out; Labels key by key.',
    examples: [{ Type: 'Base', CredentialsRef: 'rack7', Labels: { rack: 'r7' } }],
  };
  return mapping({ Defaults }, ['Defaults']);
}
