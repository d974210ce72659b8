import type { Machine } from '../../definitions/machine.ts';
import type { Clock } from '../clock.ts';
import { type Credentials, CredentialsError } from '../credentials.ts';
import { connect } from '../redfish/connect.ts';
import { converse } from '../redfish/conversation.ts';
import { asFailure } from '../redfish/failure.ts';
import { inventoryOf, type ProbedManager } from '../redfish/inventory.ts';
import { listManagers } from '../redfish/manager.ts';
import { createQuirks } from '../redfish/quirks.ts';
import { redact } from '../redfish/redact.ts';
import { secretsOf } from './local.ts';

/** What a BMC says that it has, or why it does not say. */
export interface Probed {
  readonly machine: string;
  readonly reachable: boolean;
  readonly managers: readonly ProbedManager[];
  readonly error: string | null;
}

/** Asks one BMC what it has, and changes nothing. Never rejects. */
export async function probeMachine(
  machine: Machine,
  credentials: Credentials,
  clock: Clock,
  signal: AbortSignal,
): Promise<Probed> {
  const { context, late, end } = converse(machine, { clock, signal });
  try {
    const secrets = await secretsOf(credentials, machine);
    const session = await connect(machine, secrets, context, createQuirks().of(machine.Endpoint));
    try {
      const managers = await listManagers(session, context);
      const told = { machine: machine.ID, reachable: true, managers: managers.map(inventoryOf), error: null };
      return redact(told, context.secrets);
    } finally {
      await session.close();
    }
  } catch (error) {
    const reachable = context.met.answered;
    const told = reason(error, late(), machine);
    return { machine: machine.ID, reachable, managers: [], error: redact(told, context.secrets) };
  } finally {
    end();
  }
}

function reason(error: unknown, late: boolean, { Timeout }: Machine): string {
  if (late) return `transient: no answer within the machine's Timeout of ${Timeout}`;
  if (error instanceof CredentialsError) return `permanent: ${error.message}`;
  const failure = asFailure(error);
  return `${failure.class}: ${failure.message}`;
}
