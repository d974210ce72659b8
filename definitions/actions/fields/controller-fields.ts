import type { JsonObject } from '../../values/json.ts';

function coefficient(description: string, example: number): JsonObject {
  return { type: 'number', description, examples: [example] };
}

/** The fields that OpenBMC's fan and PID controllers share, from bmcweb's `createPidInterface`. */
export const CONTROLLER_FIELDS: Readonly<Record<string, JsonObject>> = {
  FFGainCoefficient: coefficient('Feed-forward gain.', 1),
  FFOffCoefficient: coefficient('Feed-forward offset.', 0),
  ICoefficient: coefficient('Integral coefficient.', -4.64),
  ILimitMax: coefficient('Upper limit of the integral term.', 100),
  ILimitMin: coefficient('Lower limit of the integral term.', 30),
  NegativeHysteresis: { ...coefficient('How far the input must fall before it counts.', 5), minimum: 0 },
  OutLimitMax: coefficient('Upper limit of the output.', 100),
  OutLimitMin: coefficient('Lower limit of the output.', 30),
  PCoefficient: coefficient('Proportional coefficient.', -0.15),
  PositiveHysteresis: { ...coefficient('How far the input must rise before it counts.', 0), minimum: 0 },
  SlewNeg: coefficient('Fastest fall of the output.', -1),
  SlewPos: coefficient('Fastest rise of the output.', 0),
  Inputs: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 256 },
    maxItems: 100,
    description: 'Names of the sensors that it reads.',
    examples: [['Fan 1a', 'Fan 1b']],
  },
  Zones: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        '@odata.id': {
          type: 'string',
          minLength: 1,
          maxLength: 1024,
          description: 'The path of the zone.',
          examples: ['/redfish/v1/Managers/bmc#/Oem/OpenBmc/Fan/FanZones/Left'],
        },
      },
      required: ['@odata.id'],
      additionalProperties: false,
    },
    maxItems: 100,
    description: 'References to the zones that it serves.',
    examples: [[{ '@odata.id': '/redfish/v1/Managers/bmc#/Oem/OpenBmc/Fan/FanZones/Left' }]],
  },
};

/** What must be in order between them: each first at most its second. */
export const CONTROLLER_ORDER: readonly (readonly [string, string])[] = [
  ['ILimitMin', 'ILimitMax'],
  ['OutLimitMin', 'OutLimitMax'],
];
