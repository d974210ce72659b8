import type { Machine, MachineIdentity } from '../../definitions/machine.ts';
import { identityToWrite } from '../../definitions/safety/identity.ts';
import { type ConversationOptions, withBmc } from '../redfish/conversation.ts';
import { failureText } from '../redfish/failure.ts';
import { inventoryOf, type ProbedManager, readIdentity } from '../redfish/inventory.ts';
import { listManagers, type Resource } from '../redfish/manager.ts';

/** What a BMC says that it has, or why it does not say. */
export interface Probed {
  readonly machine: string;
  readonly reachable: boolean;
  readonly managers: readonly ProbedManager[];
  /** Null where it says nothing that would tell it from others. */
  readonly identity: MachineIdentity | null;
  readonly error: string | null;
}

/** Asks one BMC what it has, and changes nothing. Never rejects. */
export function probeMachine(machine: Machine, options: ConversationOptions): Promise<Probed> {
  const { ID, Timeout } = machine;
  return withBmc<Probed>(
    machine,
    options,
    async (session) => {
      const managers = await listManagers(session);
      const inventory = (manager: Resource) => inventoryOf(manager, session.connection.secrets.scrub);
      const error = managers.length > 0 ? null : 'transient: it lists no managers; perhaps it is starting';
      const identity = identityToWrite(await readIdentity(session));
      return { machine: ID, reachable: true, managers: managers.map(inventory), identity, error };
    },
    ({ failure, timedOut, answered }) => {
      const late = `transient: no answer within the machine's Timeout of ${Timeout}`;
      const error = timedOut ? late : failureText(failure);
      return { machine: ID, reachable: answered, managers: [], identity: null, error };
    },
  );
}
