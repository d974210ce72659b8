import type { Action } from '../../definitions/actions/action.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import type { Part } from '../../definitions/run.ts';
import { Failure } from '../redfish/failure.ts';
import { guardPayload } from '../redfish/payload-guard.ts';

/** The action of a part, when it may be sent to the machine as it stands; no BMC is asked. @throws Failure */
export function sendableAction({
  action: name,
  machine,
  payload,
}: Pick<Part, 'action' | 'machine' | 'payload'>): Action {
  const action = ACTIONS.get(name);
  if (!action?.supports.includes(machine.Type)) {
    const why = action ? `a machine of Type ${machine.Type} cannot ${name}` : `no action ${name}`;
    throw new Failure('Unsupported', 'permanent', why);
  }
  for (const entry of payload) guardPayload(action, entry);
  return action;
}
