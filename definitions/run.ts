import type { Block } from './block.ts';
import type { JobID, PayloadEntry } from './job.ts';
import type { Machine, MachineID, MachineIdentity } from './machine.ts';
import type { JsonObject } from './values/json.ts';
import type { Timestamp } from './values/time.ts';

/** `<job>@<nominal time>` or `<job>@<token>`: the name is the lock (R23). */
export type RunID = string;

/** Why a run begins: its time came, its time had passed (R22), or somebody asked (R28). */
export type RunTrigger = 'Schedule' | 'CatchUp' | 'Manual';

/** A wave as frozen at a claim: machines and numbers, no selectors and no percents. */
export interface FrozenWave {
  readonly name: string;
  /** In the order of the job's list; may be empty. */
  readonly machines: readonly MachineID[];
  readonly maxFailures: number;
  readonly soakMs: number;
  /** Null: no limit of its own. */
  readonly maxConcurrent: number | null;
}

/** The waves of one rollout, and how much of all of them may go wrong; null: only each wave's own limit holds. */
export interface FrozenRollout {
  readonly waves: readonly FrozenWave[];
  readonly maxFailed: number | null;
  readonly maxUnreachable: number | null;
}

/** What a run of a job with a Rollout does, frozen at its claim. */
export interface RolloutClaim {
  /** `wave`: one, or all from it on in turn; `flat`: the promoted version on all; `kept`: that, while halted. */
  readonly mode: 'wave' | 'flat' | 'kept';
  /** Digest of what the manifest in force did. */
  readonly effect: string;
  /** The file of the manifest in `commit`. */
  readonly file: string;
  readonly frozen: FrozenRollout;
  /** The wave with which it begins. */
  readonly wave: number;
  /** Whether the waves after it come in the same run. */
  readonly isInRun: boolean;
  /** Machines that have passed their waves and get the new effect again. */
  readonly again: readonly MachineID[];
  /** Machines that come last, one at a time (S07). */
  readonly joining: readonly MachineID[];
  /** The promoted version, for machines that must not get the new one. */
  readonly kept?: KeptVersion;
}

/** What some machines of a run get in place of the version in force. */
export interface KeptVersion {
  readonly effect: string;
  readonly commit: string;
  readonly action: string;
  readonly payload: readonly PayloadEntry[];
  readonly machines: readonly MachineID[];
  /** As `payloads` of the claim. */
  readonly payloads?: Readonly<Record<MachineID, readonly PayloadEntry[]>>;
}

/** The durable record that a run begins, and all that is needed to finish its bookkeeping after a crash (R23, R24). */
export interface Claim {
  readonly run: RunID;
  readonly job: JobID;
  readonly trigger: RunTrigger;
  /** The time for which it was scheduled; for a manual run, when it was asked for. */
  readonly nominal: Timestamp;
  /** The token of a manual run. */
  readonly token?: string;
  readonly start: Timestamp;
  readonly action: string;
  readonly machines: readonly MachineID[];
  /** What each machine gets, where the payload has placeholders: frozen with the machines. */
  readonly payloads?: Readonly<Record<MachineID, readonly PayloadEntry[]>>;
  /** Machines whose parts are skipped, since these jobs write all of theirs later (R22). */
  readonly superseded?: Readonly<Record<MachineID, readonly JobID[]>>;
  /** The commit of the version that runs. */
  readonly commit: string;
  /** Absent for a job without a Rollout. */
  readonly rollout?: RolloutClaim;
}

/** The machines of the job at its claim: also those that this run leaves alone, since their wave has not come. */
export function resolvedBy({ machines, rollout }: Claim): readonly MachineID[] {
  return rollout ? rollout.frozen.waves.flatMap((wave) => wave.machines) : machines;
}

/** The claim as it is for those of its machines that get the promoted version; null: there are none. */
export function keptClaim(claim: Claim): Claim | null {
  const kept = claim.rollout?.kept;
  if (!kept) return null;
  const { payloads: _, ...rest } = claim;
  const { action, commit, machines, payloads } = kept;
  return { ...rest, action, commit, machines, ...(payloads && { payloads }) };
}

/** The claim as it is for one of its machines: what it does there. */
export function claimOn(claim: Claim, machine: MachineID): Claim {
  const kept = claim.rollout?.kept?.machines.includes(machine) ? keptClaim(claim) : null;
  return kept ?? claim;
}

/** What a machine gets by a claim; undefined: nobody could tell, since the inventory did not have it then. */
export function payloadOf(
  { payloads }: Claim,
  machine: MachineID,
  payload: readonly PayloadEntry[],
): readonly PayloadEntry[] | undefined {
  if (payloads === undefined) return payload;
  return Object.hasOwn(payloads, machine) ? payloads[machine] : undefined;
}

/** One machine's part of a run. Plain JSON, so that it travels; it holds a reference to a secret, never one (R42). */
export interface Part {
  readonly run: RunID;
  readonly job: JobID;
  readonly action: string;
  readonly machine: Machine;
  /** Whom the BMC must prove to be before anything is sent to it; absent: nobody asks. */
  readonly identity?: MachineIdentity;
  readonly payload: readonly PayloadEntry[];
  /** Revert: where one of its fields fails, those that were sent are put back as they were before. */
  readonly onFailure?: 'Revert';
}

/** A part that a crash cut off once something may have been sent: what it had read by then is known. */
export interface CutOffPart extends Part {
  /** As in its result: the entries that it had come to, their values as read before anything was sent. */
  readonly seen: readonly JsonObject[];
}

/** How one machine's part can end, in a word. */
export const OUTCOMES = [
  'Unchanged',
  'Applied',
  // accepted, and pending: it takes effect at the next reset
  'Staged',
  'PartlyApplied',
  'NotApplied',
  'Unsupported',
  'Unreachable',
  'Refused',
  'Interrupted',
  // left alone: it is neither as it was nor as it was set, so somebody else was here since
  'Conflict',
  // it failed, and what had been sent is as it was before
  'Reverted',
  // it failed, and what had been sent could not be put back
  'RestoreFailed',
] as const;

/** How one machine's part ended. */
export type Outcome = (typeof OUTCOMES)[number];

/** Success is what was read back (R35, R36). */
export function succeeded(outcome: Outcome): boolean {
  return outcome === 'Unchanged' || outcome === 'Applied' || outcome === 'Staged';
}

/** How one machine's part of a run ended. */
export interface Result {
  readonly machine: MachineID;
  readonly outcome: Outcome;
  /**
   * An object for each payload entry that got as far as being read: ManagerID (and controller or zone ID), then
   * `Old<Field>` and `New<Field>` for each field of the payload, as read from the BMC (R34).
   */
  readonly entries: readonly JsonObject[];
  /** Null on success; else what failed, with the word `transient` or `permanent` (or `interrupted`), and where. */
  readonly error: string | null;
  /** When it was carried out, and for how long, where that was not here; absent: who asked for it has seen it. */
  readonly carriedOut?: { readonly began: Timestamp; readonly elapsedMs: number };
}

/** A part that was frozen at the claim and never begun: it has no result and no log file (R33). */
export interface Skip extends Block {
  readonly machine: MachineID;
}

/** The result of a part that somebody stopped, or that a crash cut off: what the BMC holds is not known (R24). */
export function interrupted(machine: MachineID): Result {
  const error = 'interrupted (transient: what the BMC holds now is told by the next run)';
  return { machine, outcome: 'Interrupted', entries: [], error };
}

/** The result of a part that was cut off before its second look: what it had `seen` stands, unconfirmed (R24). */
export function unconfirmed(seen: Result): Result {
  return { ...seen, outcome: 'Interrupted', error: unconfirmedError(seen.error) };
}

/** Why a part counts as interrupted whose values were read back; `error` is what had failed in it by then. */
export function unconfirmedError(error: string | null): string {
  const cutOff = 'interrupted (transient: read back, not confirmed; what the BMC holds now is told by the next run)';
  return error === null ? cutOff : `${cutOff}; ${error}`;
}

/** The result of a part that was not carried out; `error` says why and names itself permanent or transient. */
export function refused(machine: MachineID, error: string): Result {
  return { machine, outcome: 'Refused', entries: [], error };
}
