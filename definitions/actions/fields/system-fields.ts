import type { JsonObject } from '../../values/json.ts';

/** The fields that systems and chassis share. @see https://redfish.dmtf.org/schemas/v1/Chassis.json */
export const SYSTEM_FIELDS: Readonly<Record<string, JsonObject>> = {
  AssetTag: {
    type: 'string',
    minLength: 1,
    maxLength: 63,
    pattern: '^[\\x20-\\x7e]*$',
    description: 'The tag that its owner has given it: printable ASCII.',
    examples: ['R7-U12'],
  },
  LocationIndicatorActive: {
    type: 'boolean',
    description: 'true: the light by which people find it is on; older BMCs get IndicatorLED.',
    examples: [true],
  },
};
