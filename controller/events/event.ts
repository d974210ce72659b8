import type { BlockReason } from '../../definitions/block.ts';
import type { JobID } from '../../definitions/job.ts';
import type { MissedCause } from '../../definitions/lifecycle/next-start.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { PublishOutcome } from '../../definitions/publication.ts';
import type { Outcome, RunID, RunTrigger } from '../../definitions/run.ts';
import type { Timestamp } from '../../definitions/values/time.ts';
import type { EngineEvent } from './engine-event.ts';
import type { GitEvent } from './git-event.ts';

/** What happens to runs. Loggers, metrics and tests listen; no event holds a secret (R43). */
export type RunnerEvent =
  | {
      readonly event: 'started';
      readonly job: JobID;
      readonly run: RunID;
      readonly trigger: RunTrigger;
      readonly nominal: Timestamp;
      readonly start: Timestamp;
      readonly machines: number;
      readonly action: string;
      /** The commit of the version that runs. */
      readonly commit: string;
      /** How long after its nominal time the run was claimed. */
      readonly delayMs: number;
    }
  | {
      readonly event: 'machine';
      readonly job: JobID;
      readonly run: RunID;
      readonly machine: MachineID;
      readonly action: string;
      readonly outcome: Outcome;
      readonly began: Date;
      readonly elapsedMs: number;
      readonly error: string | null;
      /** Its log file. */
      readonly path: string;
    }
  /** A start has put back what a part owed that a crash or a stop had cut off, or could not. */
  | {
      readonly event: 'restored';
      readonly job: JobID;
      readonly run: RunID;
      readonly machine: MachineID;
      readonly outcome: Outcome;
      readonly error: string | null;
    }
  | {
      readonly event: 'finished';
      readonly job: JobID;
      readonly run: RunID;
      readonly succeeded: number;
      readonly failed: number;
      /** Parts that were never begun. */
      readonly skipped: number;
      /** How the run counts: a part that a guard skipped makes it `Failed`. */
      readonly status: 'Completed' | 'Failed';
      readonly elapsedMs: number;
    }
  | {
      readonly event: 'missed';
      readonly job: JobID;
      readonly nominal: Timestamp;
      readonly reason: string;
      /** The reason in a word. */
      readonly cause: MissedCause;
      /** The time before was missed for the same: one freeze is told once. */
      readonly isAgain: boolean;
    }
  /** A due run, or with `machine` a part of one that goes on, that a gate lets wait; `until` null: nobody knows. */
  | {
      readonly event: 'waiting';
      readonly job: JobID;
      readonly nominal: Timestamp;
      readonly machine?: MachineID;
      readonly reason: string;
      readonly until: Date | null;
    }
  /** A part of a run that was never begun. */
  | {
      readonly event: 'skipped';
      readonly job: JobID;
      readonly run: RunID;
      readonly machine: MachineID;
      readonly reason: BlockReason;
      readonly message: string;
    }
  /** A Trigger that was not carried out (R28). */
  | { readonly event: 'refused'; readonly job: JobID; readonly token: string; readonly reason: string }
  /** The breaker has opened: its classes begin nothing. Null: a commit has closed it. */
  | { readonly event: 'breaker'; readonly opened: Timestamp | null }
  /** The hold file is there, or is gone: while it is, nothing begins. */
  | { readonly event: 'hold'; readonly path: string; readonly isHeld: boolean }
  /** Something of a job could not be made durable; it is tried again (R40). */
  | { readonly event: 'unrecorded'; readonly job: JobID; readonly error: unknown }
  /** The job is due and does not start: its records would not fit on the disk (R40). */
  | { readonly event: 'diskFull'; readonly job: JobID }
  /** The job is due and does not start: this process may open no more files, so it could reach no BMC (R40). */
  | { readonly event: 'filesShort'; readonly job: JobID };

/** What happens in a reconcile pass. */
export type ReconcileEvent =
  | {
      readonly event: 'reconciled';
      readonly commit: string;
      /** How many changes there are of each `op`. */
      readonly changes: Readonly<Record<string, number>>;
      readonly jobs: number;
      readonly machines: number;
      readonly problems: number;
    }
  /** A token of this commit asks for a run. */
  | { readonly event: 'asked'; readonly run: RunID; readonly commit: string | null }
  | { readonly event: 'problem'; readonly commit: string; readonly problem: Problem }
  | { readonly event: 'unreadable'; readonly file: string; readonly reason: string }
  /** Machines in force whose logins go over `http:`; those that were not told yet. */
  | { readonly event: 'secretMissing'; readonly machines: readonly MachineID[]; readonly reason: string }
  | { readonly event: 'plaintext'; readonly machines: readonly MachineID[] }
  /** A pass has ended without an error, whether there was anything new or not. */
  | { readonly event: 'passed'; readonly commit: string; readonly elapsedMs: number }
  | { readonly event: 'reconcileFailed'; readonly error: unknown };

/** What happens when results are written back to Git. */
export type WritebackEvent =
  | ({ readonly event: 'published' } & PublishOutcome)
  | { readonly event: 'publishFailed'; readonly error: unknown };

/** What happens to the controller as a whole. */
export type LifeEvent =
  /** The first pass is over; `cpuMs` is the CPU time that the process has used until then. */
  | { readonly event: 'ready'; readonly jobs: number; readonly machines: number; readonly cpuMs: number }
  | { readonly event: 'recovered'; readonly runs: number }
  /** Other controllers carried the jobs on while this one was away; `files` is how many status files were newer. */
  | { readonly event: 'joined'; readonly controllers: readonly string[]; readonly files: number }
  | { readonly event: 'stopping'; readonly running: number }
  /** The page, the metrics and the API are served at this address. */
  | { readonly event: 'serving'; readonly origin: string }
  /** A session may stay on a BMC. */
  | { readonly event: 'sessionLeft'; readonly machine: MachineID; readonly reason: string }
  | { readonly event: 'serveFailed'; readonly error: unknown }
  /** The environment asks for traces, and there are none. */
  | { readonly event: 'tracesOff'; readonly reason: string }
  /** Spans could not be sent, and are lost; told once, until some arrive again. */
  | { readonly event: 'tracesFailed'; readonly error: unknown }
  /** There are more jobs than `Metrics.PerJob` allows metrics for. */
  | { readonly event: 'jobMetricsLeftOut'; readonly jobs: number; readonly most: number }
  /** Changes are not noticed at once, because of the host's limit of watches, say. The periodic pull remains. */
  | { readonly event: 'watchFailed'; readonly error: unknown }
  | NoticesEvent
  | { readonly event: 'git'; readonly detail: GitEvent }
  | { readonly event: 'engine'; readonly detail: EngineEvent };

/** What becomes of notices; no event holds an address or a secret of a receiver. */
export type NoticesEvent =
  | {
      readonly event: 'notice';
      readonly receiver: string;
      /** `dropped`: given up, it is not told any more. */
      readonly outcome: 'sent' | 'failed' | 'dropped';
      /** Why it was not sent; null: it was. */
      readonly reason: string | null;
      readonly count: number;
      /** Notices that wait for this receiver now. */
      readonly waiting: number;
    }
  /** What was told cannot be kept: after a crash it may be told again. It is tried again. */
  | { readonly event: 'noticesUnsaved'; readonly error: unknown }
  /** The address of `DeadMan` was called; null: it answered. */
  | { readonly event: 'deadManCalled'; readonly reason: string | null };

export type ControllerEvent = RunnerEvent | ReconcileEvent | WritebackEvent | LifeEvent;
