import type { Json } from '../../values/json.ts';

/** An older property that means the same as a field, in other values. */
export interface Twin {
  readonly property: string;
  /** The field's value that the property's shows. */
  read(value: Json): Json;
  /** The property's value for the field's. @param offered what the BMC takes; empty where it does not say */
  write(value: Json, offered: readonly Json[]): Json;
}

/**
 * `IndicatorLED`, deprecated in favour of `LocationIndicatorActive` and all that older BMCs have.
 * @see https://redfish.dmtf.org/schemas/v1/ComputerSystem.json
 */
export const INDICATOR_LED: Twin = {
  property: 'IndicatorLED',
  read: (value) => value === 'Lit' || value === 'Blinking',
  write: (value, offered) => {
    if (value !== true) return 'Off';
    return offered.length === 0 || offered.includes('Blinking') ? 'Blinking' : 'Lit';
  },
};
