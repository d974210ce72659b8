import type { Machine, MachineID } from '../../definitions/machine.ts';
import { type Credentials, CredentialsError } from '../credentials.ts';

/** A secret that cannot be used, and the machines that name it. */
export interface MissingSecret {
  readonly machines: readonly MachineID[];
  /** What is wrong, and what to do. Nothing secret. */
  readonly reason: string;
}

/** Reads every secret that machines refer to, and tells those that a run could not use; asks no BMC. */
export async function missingSecrets(
  machines: Iterable<Machine>,
  credentials: Credentials,
): Promise<readonly MissingSecret[]> {
  const found = new Map<string, MachineID[]>();
  for (const { ID, CredentialsRef, Endpoint, TLS } of machines) {
    const reasons = [
      CredentialsRef === undefined ? null : await whyNot(() => credentials.get(CredentialsRef, Endpoint)),
      TLS?.CA === undefined ? null : await whyNot(() => credentials.ca(TLS.CA ?? '')),
    ];
    for (const reason of reasons) if (reason !== null) found.set(reason, [...(found.get(reason) ?? []), ID]);
  }
  return [...found].map(([reason, ids]) => ({ reason, machines: ids }));
}

async function whyNot(read: () => Promise<unknown>): Promise<string | null> {
  try {
    await read();
    return null;
  } catch (error) {
    return error instanceof CredentialsError ? error.message : null; // what else went wrong may pass
  }
}
