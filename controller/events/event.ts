import type { JobID } from '../../definitions/job.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { Problem } from '../../definitions/problem.ts';
import type { Outcome, RunID, RunTrigger } from '../../definitions/run.ts';
import type { Timestamp } from '../../definitions/values/time.ts';
import type { Clock } from '../clock.ts';
import type { PublishOutcome } from '../publish/publisher.ts';
import type { GitEvent } from './git-event.ts';

/** What the runner tells of its work; logger, metrics and tests listen. No event holds a secret (R43). */
export type RunnerEvent =
  | {
      readonly event: 'started';
      readonly job: JobID;
      readonly run: RunID;
      readonly trigger: RunTrigger;
      readonly nominal: Timestamp;
      readonly start: Timestamp;
      readonly machines: number;
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
      readonly elapsedMs: number;
      readonly error: string | null;
      /** Its log file. */
      readonly path: string;
    }
  | {
      readonly event: 'finished';
      readonly job: JobID;
      readonly run: RunID;
      readonly succeeded: number;
      readonly failed: number;
      readonly elapsedMs: number;
    }
  | { readonly event: 'missed'; readonly job: JobID; readonly nominal: Timestamp; readonly reason: string }
  /** A trigger that was not carried out (R28). */
  | { readonly event: 'refused'; readonly job: JobID; readonly token: string; readonly reason: string }
  /** Something could not be made durable. */
  | { readonly event: 'unrecorded'; readonly job: JobID; readonly error: unknown }
  | { readonly event: 'diskFull'; readonly job: JobID };

/** What a reconcile pass tells. */
export type ReconcileEvent =
  | {
      readonly event: 'reconciled';
      readonly commit: string;
      readonly changes: Readonly<Record<string, number>>;
      readonly jobs: number;
      readonly machines: number;
      readonly problems: number;
    }
  | { readonly event: 'problem'; readonly commit: string; readonly problem: Problem }
  | { readonly event: 'unreadable'; readonly file: string; readonly reason: string }
  /** A pass has ended well, whether there was anything new or not. */
  | { readonly event: 'passed'; readonly commit: string; readonly elapsedMs: number }
  | { readonly event: 'reconcileFailed'; readonly error: unknown };

/** What writing back tells. */
export type WritebackEvent =
  | ({ readonly event: 'published' } & PublishOutcome)
  | { readonly event: 'publishFailed'; readonly error: unknown };

/** What the controller tells of its own life. */
export type LifeEvent =
  /** The first pass is over; `cpuMs` is what the process has used for it. */
  | { readonly event: 'ready'; readonly jobs: number; readonly machines: number; readonly cpuMs: number }
  | { readonly event: 'recovered'; readonly runs: number }
  /** Other controllers carried the jobs on while this one was away; so many status files told newer facts. */
  | { readonly event: 'joined'; readonly controllers: readonly string[]; readonly files: number }
  | { readonly event: 'stopping'; readonly running: number }
  /** The page, the metrics and the API are at this address. */
  | { readonly event: 'serving'; readonly origin: string }
  | { readonly event: 'serveFailed'; readonly error: unknown }
  /** Changes are not heard of at once: the host's limit of watches, say. The periodic look remains. */
  | { readonly event: 'watchFailed'; readonly error: unknown }
  | { readonly event: 'git'; readonly detail: GitEvent };

/** Everything that a controller tells. */
export type ControllerEvent = RunnerEvent | ReconcileEvent | WritebackEvent | LifeEvent;

/** What nearly everything is given: the time, and who hears of its events. */
export interface Deps<Event = ControllerEvent> {
  readonly clock: Clock;
  readonly observe: (event: Event) => void;
}
