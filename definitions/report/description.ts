import { type NextRun, nextRuns, whyNever } from '../calendar/upcoming.ts';
import type { Job, JobID } from '../job.ts';
import type { Machine, MachineID } from '../machine.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { Problem } from '../problem.ts';
import type { LogRecord } from '../run-log.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Status } from '../status.ts';

/** What a commit says of a fleet, manifests and results. */
export interface FleetAt {
  readonly fleet: Fleet;
  readonly statuses: readonly Status[];
  readonly now: Date;
}

/** One machine's part of a run, and where its log stands. */
export interface PlacedLog {
  readonly path: string;
  readonly log: LogRecord;
}

/** Everything that is known of a job. */
export interface JobDescription {
  readonly job: JobID;
  /** Null where no valid manifest has it. */
  readonly manifest: Pick<Job, 'spec' | 'source'> | null;
  /** Null where the service has published nothing of it. */
  readonly status: Status | null;
  readonly next: readonly NextRun[];
  /** Why no run is coming; null when one is. */
  readonly never: string | null;
  /** What is wrong with its manifest now. */
  readonly problems: readonly Problem[];
  /** Its last parts, the oldest first. */
  readonly logs: readonly PlacedLog[];
}

/** Everything that is known of a machine. */
export interface MachineDescription {
  readonly machine: MachineID;
  /** Null where no valid document of the inventory has it. */
  readonly inventory: Machine | null;
  /** The jobs that reach it, with their next run and what each last did there. */
  readonly jobs: readonly MachineJob[];
  readonly problems: readonly Problem[];
  readonly logs: readonly PlacedLog[];
}

export interface MachineJob {
  readonly job: JobID;
  readonly action: string;
  readonly next: NextRun | null;
  readonly last: PlacedLog | null;
}

const NEXT_RUNS = 3;

/** What is known of a job; null when neither a manifest nor a status has it. @param logs its last ones */
export function describeJob(job: JobID, { fleet, statuses, now }: FleetAt, logs: readonly PlacedLog[]) {
  const manifest = fleet.jobs.get(job) ?? null;
  const status = statuses.find(({ Id }) => Id === job) ?? null;
  const problems = fleet.problems.filter(({ file }) => isFileOf(job, file, manifest));
  if (!manifest && !status && problems.length === 0) return null;
  const next = manifest ? nextRuns(manifest, timeZoneOf(fleet), now, NEXT_RUNS) : [];
  const never = manifest ? whyNever(manifest, next) : 'its manifest is refused, or gone';
  const spec = manifest && { spec: manifest.spec, source: manifest.source };
  return { job, manifest: spec, status, next, never, problems, logs } satisfies JobDescription;
}

/** A refused job is known by its file: `nightly` stands in jobs/nightly.yaml, `a.b` in jobs/a/b.yaml. */
function isFileOf(job: JobID, file: string, manifest: Job | null): boolean {
  if (manifest) return file === manifest.source.file;
  const stem = /^jobs\/(.+)\.(?:yaml|yml|json)$/.exec(file)?.[1]?.replaceAll('/', '.');
  return stem !== undefined && (job === stem || job.startsWith(`${stem}.`));
}

/** What is known of a machine; null when the inventory does not name it. @param logs its last ones */
export function describeMachine(machine: MachineID, { fleet, now }: FleetAt, logs: readonly PlacedLog[]) {
  const inventory = fleet.machines.get(machine) ?? null;
  const problems = fleet.problems.filter(({ file, message }) => isAbout(machine, file, message));
  if (!inventory && problems.length === 0 && logs.length === 0) return null;
  const jobs = [...fleet.jobs.values()]
    .filter(({ machines }) => machines.includes(machine))
    .map((job): MachineJob => {
      const [next = null] = nextRuns(job, timeZoneOf(fleet), now, 1);
      return {
        job: job.id,
        action: job.spec.Action,
        next,
        last: logs.findLast(({ log }) => log.JobID === job.id) ?? null,
      };
    });
  return { machine, inventory, jobs, problems, logs } satisfies MachineDescription;
}

function isAbout(machine: MachineID, file: string, message: string): boolean {
  const [name] = /[^/]+$/.exec(file) ?? [''];
  return file.startsWith('machines/') && (message.includes(`"${machine}"`) || name.startsWith(`${machine}.`));
}

function timeZoneOf({ settings }: Fleet): string {
  return (settings ?? DEFAULT_SETTINGS).TimeZone;
}
