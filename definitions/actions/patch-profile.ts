import { defineAction } from './action.ts';

/** The profiles that any board may be asked for; others only where the inventory lists them for every machine. */
export const PROFILES = ['Performance', 'Balanced', 'PowerSaver', 'Custom'] as const;

/** Selects the power and fan profile of a manager. */
export const patchProfile = defineAction({
  name: 'PatchProfile',
  description: 'Selects the power and fan profile of a manager.',
  root: 'Managers',
  target: null,
  supports: ['Extend'],
  guard: 'None',
  payload: {
    Profile: {
      type: 'string',
      enum: PROFILES,
      description:
        'Performance, Balanced, PowerSaver or Custom. ' +
        '`bmcron validate` also takes one that the inventory lists for every machine of the job.',
      examples: ['PowerSaver'],
    },
  },
  inventory: 'Profiles',
  at: () => ['Oem', 'OpenBmc', 'Fan'],
});
