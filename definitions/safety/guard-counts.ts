// Memory: which machines were reached by actions of each class, and when; all of it can be read from the journal again.
import type { GuardClass } from '../guard-class.ts';
import type { MachineID } from '../machine.ts';
import type { RunID } from '../run.ts';

/** No limit looks further back. */
export const LONGEST_PER_MS = 30 * 86_400_000;

/**
 * The machines that actions of a class reach, over all jobs: from the moment at which a run takes them until they have
 * been left alone for as long as is asked.
 */
export interface GuardCounts {
  /** A run takes machines: each counts from now on, whatever may come. */
  take(run: RunID, guard: GuardClass, machines: Iterable<MachineID>): void;
  /** A part of it has ended, or will not begin: from now on the machine counts by when it was reached alone. */
  ended(run: RunID, machine: MachineID): void;
  /** The run has ended at a time: what of it is open was cut off by then. */
  finish(run: RunID, at: number): void;
  /** The run has not begun: its machines count no more. */
  release(run: RunID): void;
  /** A machine was reached, at a time in milliseconds since the epoch. */
  reached(guard: GuardClass, machine: MachineID, at: number): void;
  /** The machines that are being worked on, or were since a time. */
  since(guard: GuardClass, at: number): ReadonlySet<MachineID>;
  /** When a machine was reached last; null: not within memory. */
  last(guard: GuardClass, machine: MachineID): number | null;
}

interface CountsState {
  /** By class: when each machine was reached last, in the order of these times. */
  readonly reached: Map<GuardClass, Map<MachineID, number>>;
  /** By run and class: the machines that it has taken. */
  readonly taken: Map<RunID, Map<GuardClass, Set<MachineID>>>;
}

/** Nothing was reached so far. */
export function createGuardCounts(): GuardCounts {
  const state: CountsState = { reached: new Map(), taken: new Map() };
  const { reached, taken } = state;
  return {
    take(run, guard, machines) {
      const classes = taken.get(run) ?? new Map<GuardClass, Set<MachineID>>();
      taken.set(run, classes.set(guard, new Set(machines)));
    },
    ended(run, machine) {
      for (const machines of taken.get(run)?.values() ?? []) machines.delete(machine);
    },
    finish(run, at) {
      const open = taken.get(run);
      taken.delete(run);
      for (const [guard, machines] of open ?? []) for (const machine of machines) note(state, guard, machine, at);
    },
    release: (run) => void taken.delete(run),
    reached: (guard, machine, at) => note(state, guard, machine, at),
    since(guard, at) {
      const found = new Set<MachineID>();
      for (const [machine, time] of reached.get(guard) ?? []) if (time > at) found.add(machine);
      for (const classes of taken.values()) for (const machine of classes.get(guard) ?? []) found.add(machine);
      return found;
    },
    last: (guard, machine) => reached.get(guard)?.get(machine) ?? null,
  };
}

function note({ reached }: CountsState, guard: GuardClass, machine: MachineID, at: number): void {
  const times = reached.get(guard) ?? new Map<MachineID, number>();
  reached.set(guard, times);
  const latest = Math.max(at, times.get(machine) ?? 0);
  times.delete(machine);
  times.set(machine, latest);
  for (const [first, time] of times) {
    if (latest - time <= LONGEST_PER_MS) break;
    times.delete(first);
  }
}
