import type { Json } from '../../definitions/json.ts';
import { machines as inventory, text } from '../scenario/manifests.ts';
import type { Random } from './random.ts';

export const MACHINES = 8;
const NAMES = Array.from({ length: MACHINES }, (_, index) => `machine-${index + 1}`);

/** What the simulation knows of a job that it has written. */
export interface Planned {
  readonly id: string;
  manifest: { [key: string]: Json };
}

/** The paths and texts of a fleet's jobs, and of its settings. */
export function manifestPath(id: string): string {
  return `jobs/${id}.yaml`;
}

export function settings(random: Random): string {
  return text({
    WorkerPoolSize: 1 + random.below(4),
    MaxConnections: 1 + random.below(5),
    StartingDeadline: random.pick([null, null, '30m', '6h']),
    ShutdownTimeout: '30s',
  });
}

export function firstFiles(): Readonly<Record<string, string>> {
  return { ...inventory(MACHINES), 'bmcron.yaml': text({ WorkerPoolSize: 3, MaxConnections: 4 }) };
}

/** A job of any kind, from the day of `now` on. */
export function randomManifest(random: Random, now: Date): { [key: string]: Json } {
  const day = (offset: number) => new Date(now.getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  const two = (value: number) => String(value).padStart(2, '0');
  const isOnce = random.chance(0.25);
  const Machines = NAMES.filter(() => random.chance(0.3));
  const Period = {
    StartDay: random.chance(0.2) ? day(random.below(4) - 1) : null,
    EndDay: random.chance(0.3) ? day(2 + random.below(8)) : null,
    DaysOfWeek: random.chance(0.3) ? ['Monday', 'Wednesday', 'Friday', 'Sunday'] : [],
    DaysOfMonth: null,
  };
  return {
    Name: `Job ${random.below(1000)}`,
    Machines: Machines.length > 0 ? Machines : [random.pick(NAMES)],
    Action: 'PatchProfile',
    Payload: [{ ManagerID: 'bmc', Payload: { Profile: random.pick(['Performance', 'Balanced', 'PowerSaver']) } }],
    Schedule: {
      Type: isOnce ? 'Once' : 'Continuous',
      // few different times, so that many fall due at once
      Time: `${two(random.below(24))}:${random.pick(['00', '30'])}:${random.pick(['00', '00', '17'])}`,
      ...(isOnce ? {} : { Period }),
      ...(random.chance(0.15) ? { StartingDeadline: '1h' } : {}),
    },
  };
}
