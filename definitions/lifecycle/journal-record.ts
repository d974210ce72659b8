import type { Guards } from '../guard.ts';
import type { JobID } from '../job.ts';
import type { MachineID } from '../machine.ts';
import type { Claim, Outcome, Part, RunID, Skip } from '../run.ts';
import type { LogRecord } from '../run-log.ts';
import type { BreakerState } from '../safety/breaker.ts';
import type { Status } from '../status.ts';
import type { Timestamp } from '../values/time.ts';

/**
 * What the journal keeps: everything that must survive a crash before Git has it. Git is a projection of these, so each
 * names what it changes there or nothing at all.
 */
export type JournalRecord =
  /** A run begins. On disk before any BMC hears of it (R23). Changes no file. */
  | { readonly kind: 'claim'; readonly claim: Claim }
  /**
   * What one machine's part has read, right before it sends: on disk before its BMC hears of a change (R61). The first
   * of a part has what a start needs to look at it again, and to put it back where that is owed. No file.
   */
  | {
      readonly kind: 'before';
      readonly run: RunID;
      readonly log: LogRecord;
      readonly part?: Pick<Part, 'payload' | 'identity' | 'onFailure'>;
    }
  /** What one machine's part has read back and not looked at once more; its result takes its place. No file. */
  | { readonly kind: 'readBack'; readonly run: RunID; readonly log: LogRecord }
  /** One machine's part ended. Adds the file `path`, which is chosen when it is recorded and never again. */
  | {
      readonly kind: 'result';
      readonly run: RunID;
      readonly outcome: Outcome;
      readonly path: string;
      readonly log: LogRecord;
    }
  /** One machine's part was never begun and never will be. No file. */
  | { readonly kind: 'skip'; readonly run: RunID; readonly skip: Skip }
  /**
   * A part that has not begun waits for a gate: where the service ends in the meantime, it is skipped and not
   * interrupted. No file.
   */
  | { readonly kind: 'wait'; readonly run: RunID; readonly skip: Skip }
  /** A part that has waited begins. On disk before its BMC hears of it. No file. */
  | { readonly kind: 'begin'; readonly run: RunID; readonly machine: MachineID }
  /** All parts of a run are recorded; what is claimed and not finished was interrupted (R24). Changes no file. */
  | {
      readonly kind: 'finish';
      readonly run: RunID;
      readonly job: JobID;
      readonly end: Timestamp;
      readonly succeeded: number;
      /** A line per failed machine, bounded. */
      readonly failed: readonly string[];
      readonly failures: number;
      /** A line per skipped machine, bounded, and how many they are; absent where there is none. */
      readonly skipped?: readonly string[];
      readonly skips?: number;
      /** How the run counts: a part that a guard skipped makes it `Failed`; absent with them. */
      readonly status?: 'Completed' | 'Failed';
    }
  /** Another controller has seen the run to its end and made it public: here it is no longer open. No file. */
  | { readonly kind: 'left'; readonly run: RunID }
  /** The facts of the jobs of one manifest file, in document order; none: the status file goes. The latest counts. */
  | { readonly kind: 'status'; readonly path: string; readonly documents: readonly Status[] }
  /** The breaker and the limits in force have changed: the latest counts. Changes the breaker's file. */
  | {
      readonly kind: 'safety';
      readonly breaker: Omit<BreakerState, 'failures'>;
      /** Null: those that are built in. */
      readonly guards: Guards | null;
      /** When published logs told what the journal did not know; absent: they have not been asked. */
      readonly recalled?: Timestamp;
    }
  /** STATUS.md says something else than before: it is written as it is when this is published. */
  | { readonly kind: 'overview' };

/** A record with the number that the journal gave it; numbers rise by one and are never used again. */
export interface JournalEntry {
  readonly seq: number;
  readonly record: JournalRecord;
}
