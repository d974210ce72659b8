import { defineAction } from './action.ts';

/** Sets how cool a fan zone is kept, and how fast its fans turn when a sensor fails. */
export const patchFanZone = defineAction({
  name: 'PatchFanZone',
  description: 'Sets how cool a fan zone is kept, and how fast its fans turn when a sensor fails.',
  root: 'Managers',
  target: 'FanZoneID',
  supports: ['Extend'],
  guard: 'Thermal',
  payload: {
    FailSafePercent: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      description: 'Fan speed in percent when a sensor fails.',
      examples: [100],
    },
    MinThermalOutput: {
      type: 'number',
      minimum: 0,
      description: 'Lowest thermal output; RPM on some boards, percent on others.',
      examples: [30],
    },
  },
  inventory: 'FanZones',
  at: ({ FanZoneID }) => ['Oem', 'OpenBmc', 'Fan', 'FanZones', FanZoneID ?? ''],
});
