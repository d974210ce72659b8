import { createHash } from 'node:crypto';
import { canonical, type Json, type JsonObject } from './values/json.ts';

/**
 * `jobs/nightly.yaml` is `nightly`; `jobs/a/b.yaml` is `a.b`; a file of several documents adds the Name's slug (R17).
 */
export type JobID = string;

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

/** What one manager gets: fields of `Payload`, on the manager or on one of its controllers or zones. */
export interface PayloadEntry {
  readonly ManagerID: string;
  readonly FanControllerID?: string;
  readonly FanZoneID?: string;
  readonly PidControllerID?: string;
  readonly Payload: JsonObject;
}

/** A job manifest as accepted; Payload is always a list inside (R06). */
export interface JobSpec {
  readonly Name: string;
  readonly Machines: readonly string[];
  readonly Action: string;
  readonly Payload: readonly PayloadEntry[];
  readonly Schedule: Schedule;
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
  /** @see version */
  readonly version: string;
  readonly source: ManifestSource;
  /** The commit whose manifest this is. */
  readonly commit: string;
}

/** Jobs by ID. */
export type Jobs = ReadonlyMap<JobID, Job>;

/**
 * Digest of what a job does and when: equal for manifests that mean the same (R19). Name, Suspend and Trigger are
 * no part of it, nor are the order of keys and machines, or how a list of days is written.
 */
export function version(spec: JobSpec): string {
  const { Machines, Action, Payload, Schedule } = spec;
  const meaning = canonical({
    Machines: [...Machines].sort(),
    Action,
    Payload: Payload as unknown as Json,
    Schedule: scheduleMeaning(Schedule),
  });
  return createHash('sha256').update(meaning).digest('hex').slice(0, 16);
}

function scheduleMeaning(schedule: Schedule): Json {
  const { Period: period, ...rest } = schedule;
  if (schedule.Type === 'Once' || !period) return { ...rest };
  const days = [...new Set(period.DaysOfWeek ?? [])].sort();
  const dates = [...new Set((period.DaysOfMonth ?? '').split(',').map((day) => day.trim() && Number(day)))];
  return {
    ...rest,
    Period: {
      StartDay: period.StartDay ?? null,
      EndDay: period.EndDay ?? null,
      DaysOfWeek: days,
      DaysOfMonth: dates.sort((a, b) => Number(a) - Number(b)),
    },
  };
}
