import type { Json } from '../../definitions/values/json.ts';
import { machine, text } from '../support/manifests.ts';
import { GUARDS } from './guards.ts';
import type { Random } from './random.ts';

export const NAMES = Array.from({ length: 8 }, (_, index) => `machine-${index + 1}`);
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'];

/** A manifest as JSON. */
export type Manifest = { readonly [key: string]: Json };

/** What the simulation knows of a job that it has written. */
export interface Planned {
  readonly id: string;
  /** Its path; files of several documents hold them in the order in which the simulation has them. */
  readonly file: string;
  readonly manifest: Manifest;
}

/** A file of one document: its job is called as the file is (R17). */
export function alone(name: string, manifest: Manifest): Planned {
  return { id: name, file: `jobs/${name}.yaml`, manifest };
}

/** A document among several: its job has the Name's slug as well (R17). */
export function among(file: string, manifest: Manifest): Planned {
  const slug = String(manifest['Name']).toLowerCase().replaceAll(' ', '-');
  return { id: `${file.slice('jobs/'.length, -'.yaml'.length)}.${slug}`, file, manifest };
}

/** The text of a file of these documents. */
export function fileText(documents: readonly Planned[]): string {
  return documents.map(({ manifest }) => text(manifest)).join('---\n');
}

/** The one file of machines. */
export const INVENTORY = 'machines/all.yaml';

export const RACKS = ['r1', 'r2', 'r3'];

/** What is in the inventory. */
export interface Stock {
  /** Machines that have left it. */
  readonly gone: ReadonlySet<string>;
  /** The rack of each machine by its label; none: it has no label. */
  readonly racks: ReadonlyMap<string, string>;
}

/** The inventory without the machines that have left it. */
export function inventory({ gone, racks }: Stock): string {
  return NAMES.filter((name) => !gone.has(name))
    .map((name) => machine(name, racks.has(name) ? { Labels: { rack: racks.get(name) ?? '' } } : {}))
    .join('---\n');
}

/** Every machine in a rack. */
export function firstRacks(): Map<string, string> {
  return new Map(NAMES.map((name, index) => [name, RACKS[index % RACKS.length] ?? '']));
}

export function settings(random: Random): string {
  return text({
    WorkerPoolSize: 1 + random.below(4),
    MaxConnections: 1 + random.below(5),
    TimeZone: random.pick(['UTC', ...ZONES]),
    StartingDeadline: random.pick([null, null, '30m', '6h']),
    ShutdownTimeout: '30s',
    Guards: GUARDS,
  });
}

export function firstFiles(): Readonly<Record<string, string>> {
  return {
    [INVENTORY]: inventory({ gone: new Set(), racks: firstRacks() }),
    'bmcron.yaml': text({ WorkerPoolSize: 3, MaxConnections: 4, Guards: GUARDS }),
  };
}

/** A zone, or none: then the service's governs. */
export function randomZone(random: Random): { readonly TimeZone?: string } {
  return random.chance(0.4) ? {} : { TimeZone: random.pick(ZONES) };
}

/** Machines by name, or by the label of their rack. */
function randomReach(random: Random): Manifest {
  if (random.chance(0.3)) {
    const rack = random.pick(RACKS);
    const MachineSelector = random.pick<Manifest>([
      { MatchLabels: { rack } },
      { MatchExpressions: [{ Key: 'rack', Operator: 'In', Values: [rack, random.pick(RACKS)] }] },
      {
        MatchExpressions: [
          { Key: 'rack', Operator: 'Exists' },
          { Key: 'rack', Operator: 'NotIn', Values: [rack] },
        ],
      },
    ]);
    return { MachineSelector, ...(random.chance(0.3) ? { AllowEmpty: true } : {}) };
  }
  const Machines = NAMES.filter(() => random.chance(0.3));
  return { Machines: Machines.length > 0 ? Machines : [random.pick(NAMES)] };
}

/** What all machines get, or each its own text. */
function randomAction(random: Random): Manifest {
  const payload = (Payload: Manifest) => [{ ManagerID: 'bmc', Payload }];
  if (random.chance(0.2))
    return { Action: 'PatchManager', Payload: payload({ ServiceIdentification: '{Labels.rack} {Machine.ID}' }) };
  if (random.chance(0.25)) {
    const fans = [{ ManagerID: 'bmc', FanZoneID: 'cpu', Payload: { MinThermalOutput: 20 + random.below(60) } }];
    return { Action: 'PatchFanZone', Payload: fans };
  }
  const Profile = random.pick(['Performance', 'Balanced', 'PowerSaver']);
  return { Action: 'PatchProfile', Payload: payload({ Profile }) };
}

/** A job of any kind, from the day of `now` on. */
export function randomManifest(random: Random, now: Date): Manifest {
  const day = (offset: number) => new Date(now.getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  const two = (value: number) => String(value).padStart(2, '0');
  const isOnce = random.chance(0.25);
  const Period = {
    StartDay: random.chance(0.2) ? day(random.below(4) - 1) : null,
    EndDay: random.chance(0.3) ? day(3 + random.below(7)) : null, // two days hold one of these weekdays (R09)
    DaysOfWeek: random.chance(0.3) ? ['Monday', 'Wednesday', 'Friday', 'Sunday'] : [],
    DaysOfMonth: null,
  };
  return {
    Name: `Job ${random.below(1e9)}`,
    ...randomReach(random),
    ...randomAction(random),
    ...(random.chance(0.3) && { OnBlocked: 'Wait' }),
    Schedule: {
      Type: isOnce ? 'Once' : 'Continuous',
      // few different times, so that many fall due at once
      Time: `${two(random.below(24))}:${random.pick(['00', '30'])}:${random.pick(['00', '00', '17'])}`,
      ...(isOnce ? (random.chance(0.3) ? { Day: day(random.below(5) - 1) } : {}) : { Period }),
      ...(random.chance(0.3) ? randomZone(random) : {}),
      ...(random.chance(0.15) ? { StartingDeadline: '1h' } : {}),
    },
  };
}
