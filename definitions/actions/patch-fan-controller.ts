import { defineAction } from './action.ts';
import { CONTROLLER_FIELDS, CONTROLLER_ORDER } from './fields/controller-fields.ts';

/** Tunes one fan controller. */
export const patchFanController = defineAction({
  name: 'PatchFanController',
  description: 'Tunes one fan controller of a manager.',
  root: 'Managers',
  target: 'FanControllerID',
  supports: ['Extend'],
  guard: 'Thermal',
  payload: {
    Multiplier: { type: 'number', minimum: 0, maximum: 2, description: 'Scales the output.', examples: [1.2] },
    StepDown: { type: 'integer', minimum: 0, description: 'Largest fall of the output a step.', examples: [5] },
    StepUp: { type: 'integer', minimum: 0, description: 'Largest rise of the output a step.', examples: [10] },
    ...CONTROLLER_FIELDS,
    Outputs: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 256 },
      maxItems: 100,
      description: 'Names of the PWM outputs that it drives.',
      examples: [['Pwm 1']],
    },
  },
  ordered: CONTROLLER_ORDER,
  inventory: 'FanControllers',
  at: ({ FanControllerID }) => ['Oem', 'OpenBmc', 'Fan', 'FanControllers', FanControllerID ?? ''],
});
