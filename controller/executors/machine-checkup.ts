import type { Machine } from '../../definitions/machine.ts';
import { own } from '../../definitions/values/json.ts';
import { type ConversationOptions, withBmc } from '../redfish/conversation.ts';
import { failureText } from '../redfish/failure.ts';
import { listManagers } from '../redfish/manager.ts';

/** Whether a run could talk to a BMC. */
export interface MachineCheckup {
  readonly machine: string;
  /** Why it could not; null when it could. */
  readonly error: string | null;
  /** How far its clock is ahead of this one's, in ms; null where it does not tell. */
  readonly clockAheadMs: number | null;
}

/** Connects, logs in, reads the managers and logs out, as a run does; changes nothing. Never rejects. */
export function checkMachine(machine: Machine, options: ConversationOptions): Promise<MachineCheckup> {
  const { ID, Timeout } = machine;
  return withBmc<MachineCheckup>(
    machine,
    options,
    async (session) => {
      const managers = await listManagers(session);
      const times = managers.map(({ body }) => Date.parse(String(own(body, 'DateTime')))).filter(Number.isFinite);
      const [time] = times;
      const clockAheadMs = time === undefined ? null : time - options.clock.now().getTime();
      const error = managers.length > 0 ? null : 'it lists no managers; perhaps it is starting (transient)';
      return { machine: ID, error, clockAheadMs };
    },
    ({ failure, timedOut }) => {
      const late = `no answer within the machine's Timeout of ${Timeout} (transient)`;
      return { machine: ID, error: timedOut ? late : failureText(failure), clockAheadMs: null };
    },
  );
}
