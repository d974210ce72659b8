import type { Guard } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import type { Machine, MachineID } from '../machine.ts';
import { durationMs } from '../values/duration.ts';
import { counted, some } from '../values/text.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import type { GuardCounts } from './guard-counts.ts';
import type { Identities } from './identity.ts';

/** Says `true` at a machine that loses more than itself when its host or its BMC is away. */
export const NO_RESTART_LABEL = 'bmcron/no-restart';

/** What kept something from beginning, by the field that says so; metrics count by it. */
export const GUARD_NAMES = [
  'MaxMachines',
  'MaxPercent',
  'Confirm',
  'Identity',
  'Counts',
  'Breaker',
  'Domain',
  'MinInterval',
  'NoRestart',
  'NoCanary',
] as const;

export type GuardName = (typeof GUARD_NAMES)[number];

/** Why something does not begin. */
export interface GuardRefusal {
  readonly guard: GuardName;
  /** One sentence, without the guard's name. */
  readonly message: string;
}

/** A run that wants to begin, its machines resolved for good. */
export interface GuardedRun {
  readonly guard: GuardClass;
  readonly machines: readonly MachineID[];
  /** `Confirm.Machines` of the job. */
  readonly confirmed?: number | undefined;
}

/** What a run is judged by. */
export interface GuardContext {
  readonly limits: Guard;
  readonly inventory: ReadonlyMap<MachineID, Machine>;
  readonly identities: Identities;
  /** Null: what was reached lately is not known. */
  readonly counts: Pick<GuardCounts, 'since'> | null;
  readonly now: Date;
}

/** Why a run is refused as a whole; null when no guard is against it. Of several reasons the first counts. */
export function judgeGuards(run: GuardedRun, context: GuardContext): GuardRefusal | null {
  return judgeSize(run, context) ?? judgeIdentity(run, context) ?? judgeCounts(run, context);
}

/** What is known of a run before its time: its size, by itself. */
export function judgeSize(
  { guard, machines, confirmed }: GuardedRun,
  { limits, inventory }: Pick<GuardContext, 'limits' | 'inventory'>,
): GuardRefusal | null {
  if (confirmed !== undefined && machines.length > confirmed) {
    const message = `would reach ${counted(machines.length, 'machine')}, its Confirm allows ${confirmed}: look at what has grown`;
    return { guard: 'Confirm', message };
  }
  const limit = limitOf(limits, inventory.size);
  if (limit === null || machines.length <= limit.most) return null;
  return { guard: limit.guard, message: `would reach ${machines.length}, ${guard} allows ${limit.text}` };
}

/** Whether a run reaches fewer than half of the machines that its job confirms: the selector may have lost some. */
export function isFarBelow({ machines, confirmed }: GuardedRun): boolean {
  return confirmed !== undefined && machines.length * 2 < confirmed;
}

/** Whether all machines have the identity that is required of them, by the inventory. */
export function judgeIdentity(
  { guard, machines }: GuardedRun,
  { limits, inventory, identities }: Pick<GuardContext, 'limits' | 'inventory' | 'identities'>,
): GuardRefusal | null {
  if (limits.Identity !== 'Required') return null;
  const without = machines.filter((id) => {
    const machine = inventory.get(id);
    return machine && !identities(machine);
  });
  return without.length === 0 ? null : { guard: 'Identity', message: `${guard} needs ${lacksIdentity(without)}` };
}

/** What is missing, and how to get it. */
export function lacksIdentity(machines: readonly MachineID[]): string {
  return `an Identity of its own for ${some(machines)}: bmcron probe --write reads it`;
}

function judgeCounts(
  { guard, machines }: GuardedRun,
  { limits, inventory, counts, now }: GuardContext,
): GuardRefusal | null {
  const limit = limitOf(limits, inventory.size);
  if (limit === null) return null;
  if (counts === null)
    return { guard: 'Counts', message: `what ${guard} reached lately is not known, and so over the limit` };
  const reached = counts.since(guard, now.getTime() - limit.perMs);
  const added = machines.filter((id) => !reached.has(id)).length;
  if (reached.size + added <= limit.most) return null;
  const message = `would reach ${reached.size + added} with the ${reached.size} of other runs, ${guard} allows ${limit.text}`;
  return { guard: limit.guard, message };
}

/** A limit as a number of machines. */
interface MachineLimit {
  readonly guard: 'MaxMachines' | 'MaxPercent';
  readonly most: number;
  readonly perMs: number;
  /** `10 an hour`, `5% of 200 machines (10) an hour`. */
  readonly text: string;
}

/** The stricter of MaxMachines and MaxPercent; null when there is neither. */
function limitOf({ MaxMachines, MaxPercent, Per }: Guard, inventory: number): MachineLimit | null {
  const perMs = durationMs(Per) ?? 0;
  const share = MaxPercent === null ? null : Math.max(1, Math.floor((inventory * Number.parseFloat(MaxPercent)) / 100));
  if (share !== null && (MaxMachines === null || share < MaxMachines)) {
    const text = `${MaxPercent} of ${counted(inventory, 'machine')} (${share}) ${periodText(Per)}`;
    return { guard: 'MaxPercent', most: share, perMs, text };
  }
  if (MaxMachines === null) return null;
  return { guard: 'MaxMachines', most: MaxMachines, perMs, text: `${MaxMachines} ${periodText(Per)}` };
}

/** `an hour`, `a day`, `in 30m`. */
export function periodText(per: string): string {
  return { '1h': 'an hour', '1d': 'a day', '24h': 'a day', '1m': 'a minute' }[per] ?? `in ${per}`;
}

/** A part that is about to begin. */
export interface GuardedPart {
  readonly guard: GuardClass;
  readonly machine: Machine;
  /** When a part of its class reached this machine last, in milliseconds since the epoch; null: not lately. */
  readonly last: number | null;
}

/** Why a part is skipped; null when no guard is against it. */
export function judgePart({ guard, machine, last }: GuardedPart, limits: Guard, now: Date): GuardRefusal | null {
  const isRestart = guard === 'Host' || guard === 'Manager';
  if (isRestart && machine.Labels?.[NO_RESTART_LABEL] === 'true') {
    return { guard: 'NoRestart', message: `the machine is labelled ${NO_RESTART_LABEL}` };
  }
  return last === null ? null : judgeInterval(guard, timestamp(new Date(last)), limits, now);
}

/** Why it is too early after what happened to a machine at a time; null when it is not. */
export function judgeInterval(guard: GuardClass, last: Timestamp, limits: Guard, now: Date): GuardRefusal | null {
  const { MinInterval } = limits;
  if (MinInterval === null || now.getTime() - Date.parse(last) >= (durationMs(MinInterval) ?? 0)) return null;
  return { guard: 'MinInterval', message: `its last of class ${guard} was at ${last}, ${MinInterval} must pass` };
}

/** Machines of which only so many are worked on at once. */
export interface Domain {
  readonly label: string;
  /** `` for the machines without the label. */
  readonly value: string;
  readonly count: number;
}

/** The domain of a machine for a class; null: it is not limited. */
export function domainOf({ Labels }: Machine, { MaxPerDomain }: Guard): Domain | null {
  if (MaxPerDomain === null) return null;
  const { Label, Count, Unlabelled } = MaxPerDomain;
  const value = Labels && Object.hasOwn(Labels, Label) ? Labels[Label] : undefined;
  if (value !== undefined) return { label: Label, value, count: Count };
  return Unlabelled === 'Unlimited' ? null : { label: Label, value: '', count: 1 };
}

/** Why a part waits for its domain, or has waited too long. */
export function domainRefusal({ label, value, count }: Domain, isOver: boolean): GuardRefusal {
  const where = value === '' ? `without the label ${label}` : `of ${label} ${value}`;
  const what = isOver ? 'its turn did not come in time' : 'it waits for its turn';
  return { guard: 'Domain', message: `${counted(count, 'machine')} ${where} at once, ${what}` };
}
