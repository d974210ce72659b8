import type { GuardClass } from './guard-class.ts';

/** What keeps a mistake from reaching too many machines, for the actions of one class. Null: no such limit. */
export interface Guard {
  /** Machines that jobs of this class may reach within `Per`, all jobs together. */
  readonly MaxMachines: number | null;
  /** The same as a share of the inventory, such as `5%`; rounded down, and one machine at least. */
  readonly MaxPercent: string | null;
  /** A duration. */
  readonly Per: string;
  readonly MaxPerDomain: DomainLimit | null;
  /** A duration: how long a machine is left alone after its last part of this class. */
  readonly MinInterval: string | null;
  /** Whether a machine must be the one that the inventory names, by its serial number or UUID. */
  readonly Identity: 'Required' | 'Optional';
}

/** How many machines that have one value of a label are worked on at once. */
export interface DomainLimit {
  readonly Label: string;
  readonly Count: number;
  /** Machines without the label: together one domain of Count 1, or not limited. */
  readonly Unlabelled: 'OneDomain' | 'Unlimited';
}

/** The guard of each class. */
export type Guards = Readonly<Record<GuardClass, Guard>>;

/** A guard as `bmcron.yaml` writes it: what it leaves out is as it is built in. */
export interface WrittenGuard extends Partial<Omit<Guard, 'MaxPerDomain'>> {
  readonly Class: GuardClass;
  readonly MaxPerDomain?: (Omit<DomainLimit, 'Unlabelled'> & Partial<DomainLimit>) | null;
}

/** What stops classes of actions when too much fails at once. */
export interface Breaker {
  /** So many failed parts, of all jobs and classes, within this duration open it. */
  readonly Failures: number;
  readonly Within: string;
  /** What begins nothing while it is open. */
  readonly Classes: readonly GuardClass[];
  /** A token; each new value closes it. */
  readonly Resume?: string;
}

const NO_GUARD: Guard = {
  MaxMachines: null,
  MaxPercent: null,
  Per: '1h',
  MaxPerDomain: null,
  MinInterval: null,
  Identity: 'Optional',
};

/** What holds where `bmcron.yaml` says nothing else. */
export const BUILT_IN_GUARDS: Guards = {
  None: NO_GUARD,
  Access: { ...NO_GUARD, MaxMachines: 20, Per: '1d' },
  Thermal: { ...NO_GUARD, MaxMachines: 100 },
  Manager: { ...NO_GUARD, MaxMachines: 50 },
  Host: {
    ...NO_GUARD,
    MaxMachines: 10,
    MaxPerDomain: { Label: 'rack', Count: 1, Unlabelled: 'Unlimited' },
    Identity: 'Required',
  },
};

/** What holds where `bmcron.yaml` has no `Breaker`. */
export const BUILT_IN_BREAKER: Breaker = { Failures: 10, Within: '10m', Classes: ['Host', 'Manager', 'Access'] };

/** The guards in full: a class that is not written, and each field that its guard leaves out, is as it is built in. */
export function completeGuards(written: readonly WrittenGuard[]): Guards {
  const guards: Record<GuardClass, Guard> = { ...BUILT_IN_GUARDS };
  for (const { Class, MaxPerDomain, ...given } of written) {
    const domain = MaxPerDomain && { Unlabelled: 'OneDomain' as const, ...MaxPerDomain };
    guards[Class] = { ...guards[Class], ...given, ...(domain !== undefined && { MaxPerDomain: domain }) };
  }
  return guards;
}
