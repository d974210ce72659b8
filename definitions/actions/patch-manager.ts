import { defineAction } from './action.ts';

/** Sets a manager's own data. */
export const patchManager = defineAction({
  name: 'PatchManager',
  description: "Sets a manager's own data.",
  root: 'Managers',
  target: null,
  supports: ['Extend', 'Base'],
  guard: 'None',
  payload: {
    ServiceIdentification: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      // As a job's Name: something to see, and nothing that a terminal would act on (R44).
      pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$',
      description: 'What the manager calls its service; stock OpenBMC takes at most 99 of A-Z a-z 0-9 blank _ -.',
      examples: ['Production BMC'],
    },
  },
  inventory: null,
  at: () => [],
});
