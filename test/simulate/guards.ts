import type { Result } from '../../definitions/run.ts';
import type { Carried } from '../support/bmcs.ts';
import { holds } from './invariant.ts';
import type { Simulation } from './simulate.ts';

/** Machines whose fans may be changed within an hour. */
const MOST_FANS = 4;
const HOUR = 3_600_000;

/** The guard of every `bmcron.yaml`. */
export const GUARDS = [{ Class: 'Thermal', MaxMachines: MOST_FANS, Per: '1h' }];

/**
 * No more machines were changed in any hour than the guard allows, whatever crashed, moved or was set in between: found
 * from what BMCs were told, by counting. One counts from its part's beginning until an hour after its end.
 */
export function withinLimit({ bmcs, limited, lives }: Simulation): void {
  const parts = bmcs.carried.filter(({ part }) => part.action === 'PatchFanZone');
  for (; limited.seen < parts.length; limited.seen += 1) {
    const start = parts[limited.seen]?.start.getTime() ?? 0;
    // of a part in which a process died is known that it had begun
    const endOf = (each: Carried) => (each.end ?? (each.life === lives ? new Date(start) : each.start)).getTime();
    const hour = parts
      .slice(0, limited.seen + 1)
      .filter((each) => isCounted(each.result) && endOf(each) > start - HOUR);
    const machines = new Set(hour.map(({ part }) => part.machine.ID));
    const told = `${[...machines].join(', ')} within an hour, at ${new Date(start).toISOString()}`;
    holds(machines.size <= MOST_FANS, `G01 ${told}`);
  }
}

/** What is known to have had its value already is not counted: nothing is sent to it (G14). */
function isCounted(result: Result | null): boolean {
  if (result === null || result.outcome !== 'Applied') return result?.outcome !== 'Unchanged';
  return result.entries.some((entry) => entry['OldMinThermalOutput'] !== entry['NewMinThermalOutput']);
}
