import type { MachineID } from './machine.ts';
import type { MachineSelector } from './machine-selector.ts';
import type { JsonObject } from './values/json.ts';

/**
 * `jobs/nightly.yaml` is `nightly`; `jobs/a/b.yaml` is `a.b`; a file of several documents adds the Name's slug (R17).
 */
export type JobID = string;

/** A job reaches no more machines than these (S04). */
export const MOST_MACHINES = 1_000;

/** The dates on which a Continuous job runs (R14); null or absent narrows nothing. */
export interface Period {
  readonly StartDay?: string | null;
  readonly EndDay?: string | null;
  readonly DaysOfWeek?: readonly string[] | null;
  readonly DaysOfMonth?: string | null;
}

/** When a job runs (R11–R15). `StartingDeadline` is a duration such as `30m`. */
export interface Schedule {
  readonly Type: 'Once' | 'Continuous';
  readonly Time: string;
  readonly Period?: Period | null;
  readonly TimeZone?: string;
  readonly Day?: string;
  readonly StartingDeadline?: string;
}

/**
 * What one manager, system or chassis gets: fields of `Payload`, on it or on one of a manager's controllers or zones.
 * Which of the IDs it has follows from its action; a system or chassis may be left out.
 */
export interface PayloadEntry {
  readonly ManagerID?: string;
  readonly SystemID?: string;
  readonly ChassisID?: string;
  readonly FanControllerID?: string;
  readonly FanZoneID?: string;
  readonly PidControllerID?: string;
  readonly Payload: JsonObject;
  /** By field of Payload: it is set only where the BMC has this value; absent: whatever it has. */
  readonly OnlyIf?: JsonObject;
  /** True: what OnlyIf says may wait for a reset there, and what holds now is written over it. */
  readonly Pending?: boolean;
}

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

/** How what is new reaches a job's machines; `rolloutOf` tells what absent fields mean. */
export interface Rollout {
  readonly Scope?: 'NewEffect' | 'EveryRun';
  readonly Advance?: 'NextRun' | 'InRun';
  readonly Waves: readonly Wave[];
  /** How many of the whole rollout may fail; without Unreachable, who is not reached counts as failed (W07). */
  readonly FailureBudget?: { readonly Failed?: Share; readonly Unreachable?: Share };
  /** What a recurring job does while its rollout is halted. */
  readonly OnHalt?: 'Promoted' | 'Hold';
  /** A token: takes the halted wave again. */
  readonly Resume?: string;
}

/** A job manifest as accepted; Payload is always a list inside (R06). */
export interface JobSpec {
  readonly Name: string;
  /** By ID; absent with a MachineSelector. */
  readonly Machines?: readonly MachineID[];
  /** Machines by their labels, whichever have them when a run begins. */
  readonly MachineSelector?: MachineSelector;
  /** True: a selector may fit no machine at all (G05). */
  readonly AllowEmpty?: boolean;
  readonly Action: string;
  readonly Payload: readonly PayloadEntry[];
  readonly Schedule: Schedule;
  /** How many machines somebody knows that it may reach. */
  readonly Confirm?: { readonly Machines: number };
  /** What becomes of a run, or of a part of one, that windows keep from beginning; absent: Skip. */
  readonly OnBlocked?: 'Skip' | 'Wait';
  /** What becomes of a part that fails; Revert: what it has sent is put back. Absent: Keep. */
  readonly OnFailure?: 'Keep' | 'Revert';
  /** Absent: whatever is new reaches all machines at once. */
  readonly Rollout?: Rollout;
  readonly Suspend?: boolean;
  readonly Trigger?: string;
}

/** Where a manifest stands in the repository. */
export interface ManifestSource {
  /** Path below the fleet's root, `/` between folders. */
  readonly file: string;
  /** Which document of the file, from 0. */
  readonly document: number;
  /** Blob ID of the file, hex. */
  readonly blob: string;
}

/** A job in force, or one that a commit asks for. */
export interface Job {
  readonly id: JobID;
  readonly spec: JobSpec;
  /** The machines that it reaches: those that it names, or those that its selector fits in the inventory in force. */
  readonly machines: readonly MachineID[];
  /** @see version */
  readonly version: string;
  readonly source: ManifestSource;
  /** The commit whose manifest this is. */
  readonly commit: string;
}

/** Jobs by ID. */
export type Jobs = ReadonlyMap<JobID, Job>;
