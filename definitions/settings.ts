import { type Breaker, BUILT_IN_BREAKER, BUILT_IN_GUARDS, type Guards } from './guard.ts';

/** `bmcron.yaml`, complete: the fields that a fleet leaves out have their defaults. */
export interface Settings {
  /** Jobs running at once. */
  readonly WorkerPoolSize: number;
  /** Machines being talked to at once, over all jobs. */
  readonly MaxConnections: number;
  /** An IANA zone (R11). */
  readonly TimeZone: string;
  /** A duration, or null: a missed run is made up however late it is (R22). */
  readonly StartingDeadline: string | null;
  /** A duration (R30). */
  readonly ShutdownTimeout: string;
  readonly Logs: {
    /** Null: for ever. */
    readonly KeepDays: number | null;
    readonly Layout: 'files' | 'segments';
  };
  readonly Journal: {
    /** How long a record is kept after it became public, so that a remote that lost it gets it again. */
    readonly KeepDays: number;
  };
  readonly Metrics: {
    /** With more jobs than this, no metric has a job as its label. */
    readonly PerJob: number;
  };
  /** What keeps a mistake from reaching too many machines. */
  readonly Guards: Guards;
  readonly Breaker: Breaker;
}

/** The settings of a fleet without `bmcron.yaml`. */
export const DEFAULT_SETTINGS: Settings = {
  WorkerPoolSize: 5,
  MaxConnections: 50,
  TimeZone: 'UTC',
  StartingDeadline: null,
  ShutdownTimeout: '30s',
  Logs: { KeepDays: null, Layout: 'files' },
  Journal: { KeepDays: 30 },
  Metrics: { PerJob: 2000 },
  Guards: BUILT_IN_GUARDS,
  Breaker: BUILT_IN_BREAKER,
};
