import type { Site } from '../../definitions/engine/names.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { Outcome, RunID } from '../../definitions/run.ts';

/** What happens between a controller, the engine and workers; no event holds a secret (R43). */
export type EngineEvent =
  | { readonly kind: 'Connected'; readonly version: string }
  /** It does not answer; it is tried again and again. */
  | { readonly kind: 'Away'; readonly reason: string }
  /** It is there, and not as it must be: a person must change something. */
  | { readonly kind: 'Unfit'; readonly reason: string }
  /** What it stores is on one server alone. */
  | { readonly kind: 'OneReplica' }
  /** No worker of a site is there, and so many machines wait for one. */
  | { readonly kind: 'NoWorker'; readonly site: Site; readonly machines: number }
  | { readonly kind: 'WorkersBack'; readonly site: Site }
  /** This worker takes the parts of its site. */
  | { readonly kind: 'Serving'; readonly site: Site; readonly places: number }
  /** No controller has told the engine of this worker's site yet. */
  | { readonly kind: 'SiteUnknown'; readonly site: Site }
  | {
      readonly kind: 'PartEnded';
      readonly run: RunID;
      readonly machine: MachineID;
      readonly outcome: Outcome;
      readonly elapsedMs: number;
      readonly error: string | null;
    }
  /** A part that was delivered, and is not carried out here. */
  | { readonly kind: 'PartLeft'; readonly run: RunID; readonly machine: MachineID; readonly reason: string }
  /** A text that no part can be read from. */
  | { readonly kind: 'Unreadable'; readonly subject: string; readonly reason: string }
  /** A result came when another stood already, and counts for nothing. */
  | { readonly kind: 'ResultLate'; readonly run: RunID; readonly machine: MachineID; readonly outcome: Outcome }
  /** A result is not on this worker's disk; it is kept in memory until the engine has it. */
  | { readonly kind: 'OutboxFailed'; readonly reason: string }
  /** Results of an earlier process wait to be passed on. */
  | { readonly kind: 'OutboxFound'; readonly results: number }
  | { readonly kind: 'Stopping'; readonly busy: number }
  /** This controller waits for the lease, which another one holds; null: nobody has said who. */
  | { readonly kind: 'StandingBy'; readonly holder: string | null }
  /** This controller has the lease: from now on it leads. */
  | { readonly kind: 'Leads' }
  /** It has given the lease up: another one leads at once. */
  | { readonly kind: 'GaveUp' }
  /** It does not lead any more, and ends at once: what it began goes on elsewhere. */
  | { readonly kind: 'Deposed'; readonly reason: string }
  /** Runs that another process claimed go on here, from what the engine holds of them. */
  | { readonly kind: 'TookOver'; readonly runs: number }
  /** The engine has forgotten what it had acknowledged: nothing that was open begins again, what was due is missed. */
  | { readonly kind: 'LostMemory'; readonly reason: string };
