import { defineAction } from './action.ts';
import { durationField } from './course/parameter.ts';
import { CONSUMPTION } from './fields/consumption.ts';
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
    Verify: {
      type: 'string',
      enum: ['Consumption'],
      description: 'Consumption: it must also draw no more than 1.05 times the limit, within Within.',
      examples: ['Consumption'],
    },
    Within: durationField('How long until it draws no more, with Verify; 5m.', '5m'),
  },
  required: ['LimitInWatts'],
  longest: { Within: '2h' },
  options: ['Target', 'AllowLow', 'AllowHardPowerOff', 'Verify', 'Within'],
  unset: { LimitInWatts: 'None' },
  restoring: { AllowLow: true, AllowHardPowerOff: true },
  tolerances: { LimitInWatts: 1 },
  readBackMs: 30_000,
  view: POWER_LIMIT,
  witness: CONSUMPTION,
  sources: [
    { link: 'Controls', member: { has: { ControlType: 'Power' }, named: 'PowerLimit' } },
    { link: 'EnvironmentMetrics', property: 'PowerLimitWatts', original: 'DataSourceUri' },
    { link: 'Power', property: 'PowerControl' },
  ],
  inventory: null,
  at: () => [],
});
