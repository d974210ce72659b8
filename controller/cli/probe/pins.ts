import { createInterface } from 'node:readline/promises';
import type { Machine, MachineID } from '../../../definitions/machine.ts';
import { counted, printable } from '../../../definitions/values/text.ts';
import type { Probed } from '../../executors/prober.ts';
import type { SeenCertificate } from '../../redfish/http/certificate.ts';
import { UsageError } from '../exit-code.ts';
import type { Output } from '../report.ts';
import { table } from '../table.ts';

/** A certificate that may be pinned at a machine. */
export interface Pin {
  readonly machine: Machine;
  readonly certificate: SeenCertificate;
}

/** Asks a person a question on a terminal; true for yes. */
export type Ask = (question: string) => Promise<boolean>;

/**
 * The certificates that a person may accept. A pin that another certificate contradicts is only replaced where its
 * machine was named: it may be somebody in between. Who names an authority wants that one.
 */
export function pinnable(
  machines: ReadonlyMap<MachineID, Machine>,
  probed: readonly Probed[],
  named: readonly MachineID[],
): readonly Pin[] {
  return probed.flatMap(({ machine: id, certificate }) => {
    const machine = machines.get(id);
    if (!machine || certificate === null || machine.TLS?.CA !== undefined) return [];
    return machine.TLS?.Fingerprint === undefined || named.includes(id) ? [{ machine, certificate }] : [];
  });
}

/** Shows the certificates and takes an answer for all of them. */
export async function accepted(pins: readonly Pin[], yes: boolean, ask: Ask, err: Output): Promise<boolean> {
  const rows = pins.map(({ machine, certificate }) => {
    const instead = machine.TLS?.Fingerprint === undefined ? '' : ' INSTEAD OF THE PINNED ONE';
    return [machine.ID, `${certificate.fingerprint}${instead}`, certificate.subject].map(printable);
  });
  err.write(`${counted(pins.length, 'certificate')} to pin:\n${table(['MACHINE', 'FINGERPRINT', 'SUBJECT'], rows)}`);
  return yes || (await ask('Are these the BMCs? Compare with what their own pages show. Pin them [y/N] '));
}

/** Whoever is asked must be there. @throws UsageError where nobody is, and `--yes` was not said */
export function checkPinning(options: { readonly pin: boolean; readonly write: boolean; readonly yes: boolean }): void {
  if (options.yes && !options.pin) throw new UsageError('--yes answers the question of --pin: say --write --pin --yes');
  if (options.pin && !options.write) throw new UsageError('--pin is written to the inventory: say --write --pin');
  if (options.pin && !options.yes && !process.stdin.isTTY)
    throw new UsageError('--pin asks before it writes, and nobody can be asked here: add --yes');
}

/** Asks on the terminal; no when the signal ends it, or the input. */
export function askOnTerminal(signal: AbortSignal): Ask {
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim());
    } catch {
      return false;
    } finally {
      terminal.close();
    }
  };
}
