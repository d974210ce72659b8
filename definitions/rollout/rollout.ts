import type { MachineID } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import type { Timestamp } from '../values/time.ts';

/** A count of machines, or a percent such as `2%` of those that were frozen at the claim, of all waves (W06). */
export type Share = number | `${number}%`;

/** Some of a job's machines; which they are by exactly one of Machines, MachineSelector and Rest. */
export interface Wave {
  readonly Name: string;
  readonly Machines?: readonly MachineID[];
  readonly MachineSelector?: MachineSelector;
  /** All that no wave before has: the last wave, and only it (W10). */
  readonly Rest?: true;
  /** The rollout halts when more have failed; absent: at the first. */
  readonly MaxFailures?: Share;
  /** How long it is left alone before its values are read once more; absent: not at all. */
  readonly Soak?: string;
  /** How many of its machines are written at once; absent: as many as the controller can. */
  readonly MaxConcurrent?: Share;
}

/** How what is new reaches a job's machines. */
export interface Rollout {
  readonly Scope: 'NewEffect' | 'EveryRun';
  readonly Advance: 'NextRun' | 'InRun';
  readonly Waves: readonly Wave[];
  /** How many of the whole rollout may fail; without Unreachable, who is not reached counts as failed (W07). */
  readonly FailureBudget?: { readonly Failed?: Share; readonly Unreachable?: Share };
  /** What a recurring job does while its rollout is halted. */
  readonly OnHalt: 'Promoted' | 'Hold';
  /** A token: takes the halted wave again. */
  readonly Resume?: string;
}

/** A version that has passed its waves. */
export interface Promoted {
  /** Digest of what it does. */
  readonly effect: string;
  /** The commit of its manifest. */
  readonly commit: string;
}

/** Why a rollout stands still, and by which machines. */
export interface Halt {
  readonly since: Timestamp;
  readonly reason: 'WaveFailed' | 'BudgetExceeded' | 'NothingProved';
  readonly machines: readonly MachineID[];
}

/** What must not be forgotten of a rollout: it outlives a crash, the host and the clone. */
export interface RolloutFacts {
  /** What is rolled out; once it is promoted the same as `promoted.effect`. */
  readonly effect: string;
  readonly promoted: Promoted | null;
  /** The wave that comes next, or is under way, from 0. */
  readonly wave: number;
  /** No wave begins before; null: none soaks. */
  readonly soakEnd: Timestamp | null;
  readonly halted: Halt | null;
  /** The Resume that was seen last, so that no token resumes twice. */
  readonly resumed: string | null;
  /** What the waves that have passed took of the budget. */
  readonly spent: Spent;
  /** How many flat runs in a row have exceeded the budget (W15). */
  readonly flatOverBudget: number;
}

/** Parts of a rollout that went wrong. */
export interface Spent {
  readonly failed: number;
  readonly unreachable: number;
}
