import type { Job, JobSpec, Jobs } from '../job.ts';
import { version } from '../job-version.ts';
import { type Status, statusPath } from '../status.ts';
import { equal } from '../values/json.ts';
import { unarmed } from './conditions.ts';
import { refusedTrigger } from './trigger.ts';

/** A job as its status file has it: in force until the manifests at the tip say otherwise. */
export interface Restored {
  readonly job: Job;
  readonly status: Status;
}

/** What the status files say: jobs, and the files that cannot be read (R41). */
export interface Restoration {
  readonly jobs: readonly Restored[];
  readonly unreadable: readonly string[];
}

/**
 * The jobs that were in force, from the facts of each status file (null: not readable). `manifests` are the manifest
 * paths at the tip: a status file belongs to the one beside it. A job that says the same at the tip is the tip's, so
 * that it is no change.
 */
export function restore(
  files: ReadonlyMap<string, readonly (Status | null)[]>,
  manifests: Iterable<string>,
  tip: Jobs = new Map(),
): Restoration {
  const beside = new Map([...manifests].map((file) => [statusPath(file), file]));
  const intern = createInterning();
  const jobs: Restored[] = [];
  const unreadable: string[] = [];
  for (const [path, statuses] of files) {
    if (statuses.includes(null)) unreadable.push(path);
    const file = beside.get(path) ?? manifestOf(path);
    for (const [document, status] of statuses.entries())
      if (status) jobs.push(restored(status, file, document, tip, intern));
  }
  return { jobs, unreadable };
}

/** Where the manifest of a status file was that has none beside it any more. */
export function manifestOf(path: string): string {
  return path.replace(/\.status\.yaml$/, '.yaml');
}

/** What the tip's manifest and the facts both say is kept in memory once, where it prints alike. */
function restored(status: Status, file: string, document: number, tip: Jobs, intern: Interning): Restored {
  const job = atTip(status, file, document, tip);
  if (!job) return { job: jobOf(status, file, document), status: { ...status, ...intern(status) } };
  const { Name, Machines = status.Machines, MachineSelector, Action, Payload, Schedule } = job.spec;
  return {
    job,
    status: {
      ...status,
      ...intern(status),
      Name,
      Machines,
      ...(MachineSelector && { MachineSelector }),
      Action,
      Payload: equal(Payload, status.Payload, true) ? Payload : status.Payload,
      Schedule: equal(Schedule, status.Schedule, true) ? Schedule : status.Schedule,
    },
  };
}

type Interning = (status: Status) => Pick<Status, 'CreatedTime' | 'ObservedCommit' | 'AppliedCommit' | 'Conditions'>;

/** Interns what most jobs have in common: thousands were accepted in one moment and have the same conditions. */
function createInterning(): Interning {
  const texts = new Map<string, string>();
  const same = new Map<Status['Conditions'], Status['Conditions']>();
  const alike = new Map<string, Status['Conditions']>();
  const text = (found: string) => known(texts, found, found);
  return ({ CreatedTime, ObservedCommit, AppliedCommit, Conditions }) => ({
    CreatedTime: text(CreatedTime),
    ObservedCommit: text(ObservedCommit),
    AppliedCommit: text(AppliedCommit),
    Conditions: same.get(Conditions) ?? known(same, Conditions, known(alike, JSON.stringify(Conditions), Conditions)),
  });
}

/** The value under a key; where there is none, from now on the one that was found. */
function known<Key, Value>(values: Map<Key, Value>, key: Key, found: Value): Value {
  const value = values.get(key);
  if (value === undefined) values.set(key, found);
  return value ?? found;
}

/** The job of the tip where the facts say the same of it, in force since the commit that they name. */
function atTip(status: Status, file: string, document: number, tip: Jobs): Job | null {
  const job = tip.get(status.Id);
  if (!job || job.source.file !== file || job.source.document !== document) return null;
  const { Name, Machines, MachineSelector, Action, Payload, Schedule, Suspend = false } = job.spec;
  const same =
    Name === status.Name &&
    Action === status.Action &&
    Suspend === status.Suspended &&
    equal(MachineSelector, status.MachineSelector) &&
    (MachineSelector !== undefined || equal(Machines, status.Machines)) &&
    equal(Schedule, status.Schedule) &&
    equal(Payload, status.Payload);
  return same ? { ...job, commit: status.AppliedCommit } : null;
}

/** What the facts say that the job does and when. */
export function specOf({ Name, Machines, MachineSelector, Action, Payload, Schedule, Suspended }: Status): JobSpec {
  const machines = MachineSelector ? { MachineSelector } : { Machines };
  return { Name, ...machines, Action, Payload, Schedule, ...(Suspended && { Suspend: true }) };
}

function jobOf(status: Status, file: string, document: number): Job {
  const spec = specOf(status);
  return {
    id: status.Id,
    spec,
    machines: status.Machines,
    version: version(spec),
    source: { file, document, blob: '' },
    commit: status.AppliedCommit,
  };
}

/** The facts of a job whose status file cannot be read: what was asked for may have been done already (R41). */
export function unknownState(status: Status, job: Job, now: Date): Status {
  const token = job.spec.Trigger;
  const facts = token ? refusedTrigger(status, token, now, 'taken as used: the status could not be read') : status;
  return job.spec.Schedule.Type === 'Once' ? unarmed(facts, now) : facts;
}
