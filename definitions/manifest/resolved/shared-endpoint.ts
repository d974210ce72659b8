import type { Machine } from '../../machine.ts';
import type { Problem } from '../../problem.ts';
import { printable, show } from '../../values/text.ts';
import { error, type IdClaim } from '../unique-ids.ts';

/**
 * Machines that are one BMC by their Endpoint: what holds for a machine, that one part at a time is done on it (R26)
 * and that guards count it once, does not hold for them.
 */
export function sharedEndpointAdvice(claims: Iterable<IdClaim<Machine>>): readonly Problem[] {
  const first = new Map<string, IdClaim<Machine>>();
  const problems: Problem[] = [];
  for (const claim of claims) {
    if (claim.value === null) continue;
    const { host, protocol } = new URL(claim.value.Endpoint);
    const other = first.get(`${protocol}//${host}`);
    if (!other) first.set(`${protocol}//${host}`, claim);
    else if (other.id !== claim.id) {
      const where = `${printable(other.file)}:${other.at[0]}`;
      const why = 'jobs of both may reach it at one time, and guards count it twice';
      const message = `the BMC of this machine is that of ${show(other.id)} (${where}), by its Endpoint: ${why}`;
      const finding = { ...error('Endpoint', 'R26', message, claim.at), severity: 'warning' as const };
      problems.push({ file: claim.file, ...finding });
    }
  }
  return problems;
}
