import { defineAction } from './action.ts';
import { SYSTEM_FIELDS } from './fields/system-fields.ts';
import { INDICATOR_LED } from './fields/twin.ts';

/** Sets a chassis' own data. */
export const patchChassis = defineAction({
  name: 'PatchChassis',
  description: "Sets a chassis' asset tag and indicator light.",
  root: 'Chassis',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'None',
  payload: SYSTEM_FIELDS,
  fieldByField: true,
  twins: { LocationIndicatorActive: INDICATOR_LED },
  inventory: null,
  at: () => [],
});
