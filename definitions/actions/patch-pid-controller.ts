import { defineAction } from './action.ts';
import { CONTROLLER_FIELDS, CONTROLLER_ORDER } from './fields/controller-fields.ts';

/** Tunes one PID controller. */
export const patchPidController = defineAction({
  name: 'PatchPidController',
  description: 'Tunes one PID controller of a manager.',
  root: 'Managers',
  target: 'PidControllerID',
  supports: ['Extend'],
  guard: 'Thermal',
  payload: {
    ...CONTROLLER_FIELDS,
    SetPoint: { type: 'number', description: 'The value that the controller aims at.', examples: [60] },
  },
  ordered: CONTROLLER_ORDER,
  inventory: 'PidControllers',
  at: ({ PidControllerID }) => ['Oem', 'OpenBmc', 'Fan', 'PidControllers', PidControllerID ?? ''],
});
