import type { Machine } from '../../../definitions/machine.ts';
import type { Clock } from '../../clock.ts';
import { type Credentials, CredentialsError } from '../../credentials.ts';
import { checkMachine, type MachineCheckup } from '../../executors/machine-checkup.ts';
import { createConnectionPool } from '../../redfish/http/pool.ts';
import { createFairLimit } from '../../runs/concurrency.ts';
import { type Check, failed, ok, warning } from './check.ts';

export interface MachineChecksOptions {
  readonly machines: readonly Machine[];
  readonly credentials: Credentials;
  /** Whether to talk to the BMCs. */
  readonly online: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
}

const MOST_AT_ONCE = 50;
/** Certificates are judged by the clock, and logs carry it. */
const SKEW_MS = 5 * 60_000;

/** The secrets of the machines, then the machines themselves. Never rejects. */
export async function machineChecks(options: MachineChecksOptions): Promise<readonly Check[]> {
  const { machines, online, credentials } = options;
  const secrets = await Promise.all(machines.map((machine) => secretError(machine, credentials)));
  const errors = new Map<string, string[]>();
  machines.forEach(({ ID }, index) => {
    const error = secrets[index];
    if (error) errors.set(error, [...(errors.get(error) ?? []), ID]);
  });
  const checks = [...errors].map(([error, ids]) => {
    const isThere = /among the endpoints|others may change/.test(error);
    const advice = isThere ? 'mend that file' : 'a folder for each CredentialsRef: username, password, endpoints';
    return failed(`secret of ${named(ids)}`, error, advice);
  });
  const refs = new Set(machines.flatMap(({ CredentialsRef }) => CredentialsRef ?? []));
  if (checks.length === 0 && refs.size > 0)
    checks.push(ok('secrets', `${[...refs].join(', ')}: there, for every endpoint`));
  const exposed = (await Promise.all([...refs].map((ref) => credentials.exposed(ref)))).flat();
  if (exposed.length > 0)
    checks.push(
      warning('secrets', `everybody on this host may read ${named(exposed)}`, 'chmod 0600, or 0640 for a group'),
    );
  if (!online) return checks;
  const usable = machines.filter((_, index) => !secrets[index]);
  return [...checks, ...(await talkToAll(usable, options))];
}

/** Why the secrets of a machine cannot be used; null when they can, or it has none. */
async function secretError(
  { CredentialsRef, Endpoint, TLS }: Machine,
  credentials: Credentials,
): Promise<string | null> {
  try {
    if (CredentialsRef !== undefined) await credentials.get(CredentialsRef, Endpoint);
    if (TLS?.CA !== undefined) await credentials.ca(TLS.CA);
    return null;
  } catch (error) {
    if (error instanceof CredentialsError) return error.message;
    throw error;
  }
}

async function talkToAll(machines: readonly Machine[], options: MachineChecksOptions): Promise<readonly Check[]> {
  const limit = createFairLimit(MOST_AT_ONCE);
  const conversation = { ...options, pool: createConnectionPool() };
  const checkups = await Promise.all(
    machines.map((machine) => limit.run(machine.ID, () => checkMachine(machine, conversation))),
  );
  const good = checkups.filter(({ error }) => error === null).length;
  const found = checkups.flatMap((checkup, index) => checkOf(checkup, machines[index]));
  const all = `${good} of ${machines.length} let a run in`;
  return machines.length === 0
    ? []
    : [...found, good === machines.length ? ok('machines', all) : failed('machines', all, 'see above')];
}

/** What deserves to be said of one machine. */
function checkOf({ machine, error, clockAheadMs }: MachineCheckup, entry: Machine | undefined): Check[] {
  const what = `machine ${machine}`;
  if (error !== null) return [failed(what, error, adviceOf(error))];
  const checks: Check[] = [];
  if (clockAheadMs !== null && Math.abs(clockAheadMs) > SKEW_MS) {
    const minutes = Math.round(Math.abs(clockAheadMs) / 60_000);
    const found = `its clock is ${minutes} min ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
    checks.push(warning(what, found, 'set NTP on the BMC: its own logs and certificates go by that clock'));
  }
  if (entry?.TLS?.Insecure) {
    checks.push(warning(what, 'any certificate will do (Insecure)', 'pin it: TLS: { Fingerprint: … }'));
  }
  return checks;
}

function adviceOf(error: string): string {
  if (/certificate|fingerprint/i.test(error))
    return 'bmcron probe --write --pin pins it; TLS.CA at the machine names an authority';
  if (/\b401\b|password|login/i.test(error)) return 'look at the secret before the account is locked';
  if (/refused|EHOST|ENET|timed? ?out|no answer|ENOTFOUND/i.test(error))
    return 'is it on, is the address right, does a firewall stand between?';
  return 'bmcron probe says more';
}

function named(ids: readonly string[]): string {
  return ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
}
