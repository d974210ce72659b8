import type { Block } from '../block.ts';
import type { Job, JobSpec } from '../job.ts';
import type { Machine, Machines } from '../machine.ts';
import type { Claim } from '../run.ts';
import type { GuardFacts } from './guard-facts.ts';
import type { WindowContext } from './windows.ts';

/** A run that would be claimed now. The job is the version that would run; the claim names its machines. */
export interface AskedRun {
  readonly job: Job;
  readonly claim: Claim;
}

/** One machine's part of a claimed run that would begin now: its machine's turn has come. */
export interface AskedPart extends AskedRun {
  readonly machine: Machine;
  /** It puts back what was there before: that is never frozen, nor held (F15). */
  readonly isRestore?: true;
  /** Since when it waits; null: it is asked for the first time. */
  readonly waitsSince: Date | null;
}

/** What the gates go by besides what is asked for; it is read anew for each question. */
export interface GateContext extends WindowContext {
  readonly machines: Machines;
  readonly guards: GuardFacts;
  /** What promoted versions say, by their effects. */
  readonly versions: { get(effect: string): Pick<JobSpec, 'Action' | 'Payload'> | undefined };
  /** Whether the hold file exists. */
  readonly isHeld: boolean;
}

/** Whether a run begins. Who waits is asked again at `until`, and when something changes; null: only then. */
export type RunVerdict =
  | { readonly verdict: 'begin' }
  | { readonly verdict: 'missed'; readonly block: Block }
  | { readonly verdict: 'wait'; readonly block: Block; readonly until: Date | null };

/** Whether a part begins. Who waits holds neither its machine nor a connection nor a worker. */
export type PartVerdict =
  | { readonly verdict: 'begin' }
  | { readonly verdict: 'skip'; readonly block: Block }
  | { readonly verdict: 'wait'; readonly block: Block; readonly until: Date | null };

/** One gate of a run: pure, from what is asked for, now, and what the gates go by. */
export type RunGate = (asked: AskedRun, now: Date, context: GateContext) => RunVerdict;

/** One gate of a part. */
export type PartGate = (asked: AskedPart, now: Date, context: GateContext) => PartVerdict;

/** Nothing is in the way. */
export const BEGIN = { verdict: 'begin' } as const;
