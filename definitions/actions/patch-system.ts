import { defineAction } from './action.ts';
import { SYSTEM_FIELDS } from './fields/system-fields.ts';
import { INDICATOR_LED } from './fields/twin.ts';

/** Sets a server's own data. */
export const patchSystem = defineAction({
  name: 'PatchSystem',
  description: "Sets a server's asset tag, indicator light, power mode, and what it does when power returns.",
  root: 'Systems',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'None',
  payload: {
    ...SYSTEM_FIELDS,
    PowerRestorePolicy: {
      type: 'string',
      enum: ['AlwaysOn', 'AlwaysOff', 'LastState'],
      description: 'What the host does when power returns after an outage.',
      examples: ['LastState'],
    },
    PowerMode: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'The power mode, of those that the BMC offers.',
      examples: ['BalancedPerformance'],
    },
  },
  fieldByField: true,
  twins: { LocationIndicatorActive: INDICATOR_LED },
  inventory: null,
  at: () => [],
});
