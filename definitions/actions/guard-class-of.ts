import type { GuardClass } from '../guard-class.ts';
import type { JobSpec } from '../job.ts';
import { own } from '../values/json.ts';
import { ACTIONS } from './index.ts';

/** The class of what a job does: that of its action, or None where its values endanger nothing; null: no such action. */
export function guardClassOf({ Action: name, Payload }: Pick<JobSpec, 'Action' | 'Payload'>): GuardClass | null {
  const action = ACTIONS.get(name);
  if (!action) return null;
  if (!action.harmless) return action.guard;
  const [field, value] = action.harmless;
  return Payload.every((entry) => own(entry.Payload, field) === value) ? 'None' : action.guard;
}
