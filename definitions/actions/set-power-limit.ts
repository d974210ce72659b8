import { defineAction } from './action.ts';
import { POWER_LIMIT } from './fields/power-limit.ts';

/** Caps what a machine draws. */
export const setPowerLimit = defineAction({
  name: 'SetPowerLimit',
  description: 'Caps the power that a machine, or a part of it, draws.',
  root: 'Chassis',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'Thermal',
  payload: {
    LimitInWatts: {
      anyOf: [
        { type: 'number', minimum: 1, maximum: 1_000_000 },
        { type: 'string', enum: ['None'] },
      ],
      description: 'The most that it draws, in watts; None: nothing is capped.',
      examples: [450],
    },
    Target: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      pattern: '^[A-Za-z0-9._:-]+$',
      description: 'The control or processor that is meant, as the BMC calls it; absent: the whole chassis.',
      examples: ['GPU_0'],
    },
    AllowLow: {
      type: 'boolean',
      description: 'true: less than 30 % of what the supply can give, where only the deprecated Power has the limit.',
      examples: [false],
    },
    AllowHardPowerOff: {
      type: 'boolean',
      description: 'true: also where the BMC switches a host off that needs more.',
      examples: [false],
    },
  },
  required: ['LimitInWatts'],
  options: ['Target', 'AllowLow', 'AllowHardPowerOff'],
  tolerances: { LimitInWatts: 1 },
  readBackMs: 30_000,
  view: POWER_LIMIT,
  sources: [
    { link: 'Controls', member: { has: { ControlType: 'Power' }, named: 'PowerLimit' } },
    { link: 'EnvironmentMetrics', property: 'PowerLimitWatts', original: 'DataSourceUri' },
    { link: 'Power', property: 'PowerControl' },
  ],
  inventory: null,
  at: () => [],
});
