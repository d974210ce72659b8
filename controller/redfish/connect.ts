import type { Machine } from '../../definitions/machine.ts';
import type { Context } from './conversation.ts';
import { createClient } from './http/client.ts';
import type { Login } from './login.ts';
import type { Quirks } from './quirks.ts';
import { openSession, type Session } from './session.ts';

/** What a machine's manifest only refers to. */
export interface Secrets {
  /** Absent for a BMC that asks nobody who they are. */
  readonly login?: Login;
  /** PEM certificates of its authority. */
  readonly ca?: string;
}

/** Opens a session with a machine's BMC; rejects with a Failure, and with nothing left open. */
export async function connect(machine: Machine, secrets: Secrets, context: Context, quirks: Quirks): Promise<Session> {
  const { Fingerprint, Insecure } = machine.TLS ?? {};
  const trust = {
    ...(secrets.ca === undefined ? {} : { ca: secrets.ca }),
    ...(Fingerprint === undefined ? {} : { fingerprint: Fingerprint }),
    ...(Insecure === undefined ? {} : { insecure: Insecure }),
  };
  if (secrets.login) {
    const { username, password } = secrets.login;
    context.secrets.add(password).add(Buffer.from(`${username}:${password}`).toString('base64'));
  }
  const client = createClient({ endpoint: machine.Endpoint, trust, clock: context.clock });
  try {
    return await openSession(client, secrets.login, context, quirks);
  } catch (error) {
    client.close();
    throw error;
  }
}
