import { type NextRun, nextRuns, whyNever } from '../calendar/upcoming.ts';
import type { JobID, Jobs } from '../job.ts';
import { type Change, lastGood, plan, rearmed } from '../lifecycle/plan.ts';
import type { MachineID, Machines } from '../machine.ts';
import type { FleetEntry } from '../manifest/file.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { Problem } from '../problem.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { Json } from '../values/json.ts';
import { type Collision, collisions } from './collisions.ts';
import { type FieldChange, jobFieldChanges } from './field-diff.ts';
import { type MachineChange, machineChanges, type SettingChange, settingChanges } from './impact.ts';

/** What a change of manifests does to one job. */
export interface JobChange {
  readonly op: 'add' | 'change' | 'remove' | 'rename' | 'rearm';
  readonly job: JobID;
  /** The ID under which a renamed job was known. */
  readonly from?: JobID;
  readonly fields?: readonly FieldChange[];
  readonly machines: readonly MachineID[];
  readonly next: readonly NextRun[];
  /** Why it runs at once, or never; null when its next runs say it all. */
  readonly note: string | null;
  /** What the BMCs hold now, where they were asked. */
  readonly live?: readonly LiveValue[];
}

/** What a machine's field holds now, beside what the job would write there. */
export interface LiveValue {
  readonly machine: MachineID;
  /** `bmc Oem.OpenBmc.Fan.Profile` */
  readonly field: string;
  readonly now: Json;
  readonly wanted: Json;
  /** Why it is not known; null when it is. */
  readonly error: string | null;
}

/** A collision, and whether it is there only because of the changes. */
export interface ForeseenCollision extends Collision {
  readonly new: boolean;
}

/** What merging would change. */
export interface Preview {
  readonly changes: readonly JobChange[];
  readonly settings: readonly SettingChange[];
  readonly inventory: readonly MachineChange[];
  readonly collisions: readonly ForeseenCollision[];
  /** Collisions beyond those that are listed. */
  readonly moreCollisions: number;
  /** How many days ahead collisions were looked for. */
  readonly aheadDays: number;
  /** What is refused at the head, and therefore takes no effect (R21); warnings too. */
  readonly problems: readonly Problem[];
}

/** A fleet and the files that say so. */
export interface View {
  readonly fleet: Fleet;
  readonly files: ReadonlyMap<string, FleetEntry>;
}

/** From what a preview is made. */
export interface PreviewOptions {
  readonly base: View;
  readonly head: View;
  readonly now: Date;
  /** Next runs of each job. */
  readonly count: number;
  /** Jobs of the base that have no further run by their status. */
  readonly finished: ReadonlySet<JobID>;
}

/** What follows when the base is in force and the head takes its place. */
export function preview(options: PreviewOptions): Preview {
  const { base, head, now } = options;
  const before = base.fleet.settings ?? DEFAULT_SETTINGS;
  const settings = head.fleet.settings ?? before;
  const jobs = lastGood(base.fleet.jobs, head.fleet.jobs, (job) => head.fleet.refused.has(job.source.file));
  const machines = inventoryInForce(base, head);
  const planned = plan(base.fleet.jobs, jobs);
  const changes = [...planned, ...moved(jobs, before, settings, planned)];
  const told = changes.flatMap((change) => tell(change, options, before, settings)).sort(byJob);
  const inventory = machineChanges(base.fleet.machines, machines, jobs);
  const triggered = new Set(changes.filter(asksForRun).map(({ job }) => job.id));
  const look = { machines, timeZone: settings.TimeZone, now };
  const foreseen = collisions({ ...look, jobs, triggered });
  const touched = new Set([...told.filter(({ op }) => op !== 'remove').map(({ job }) => job), ...triggered]);
  const changedMachines = new Set(inventory.map(({ machine }) => machine));
  return {
    changes: told,
    settings: settingChanges(before, settings, jobs),
    inventory,
    collisions: foreseen.found.map((each) => {
      return { ...each, new: each.jobs.some((job) => touched.has(job)) || changedMachines.has(each.machine) };
    }),
    moreCollisions: foreseen.more,
    aheadDays: foreseen.aheadDays,
    problems: head.fleet.problems,
  };
}

/** A machine that is refused now stays in force as it was (R21). */
function inventoryInForce(base: View, head: View): Machines {
  const sources = new Map<MachineID, string>();
  for (const [path, file] of base.files) {
    if (!('reading' in file) || file.reading.kind !== 'machine') continue;
    for (const { machine } of file.reading.documents) if (machine) sources.set(machine.ID, path);
  }
  return lastGood(base.fleet.machines, head.fleet.machines, ({ ID }) => head.fleet.refused.has(sources.get(ID) ?? ''));
}

/** Jobs that a new zone of the service moves, beside those that are calculated anew anyway (R11). */
function moved(jobs: Jobs, before: Settings, settings: Settings, planned: readonly Change[]): readonly Change[] {
  const anew = new Set(
    planned.flatMap((change) => (change.op === 'add' || change.op === 'change' ? change.job.id : [])),
  );
  return rearmed(jobs, before.TimeZone, settings.TimeZone).filter(({ op, ...rest }) => {
    return op === 'rearm' && 'job' in rest && !anew.has(rest.job.id);
  });
}

function asksForRun(change: Change): change is Exclude<Change, { op: 'remove' }> {
  if (change.op === 'remove' || change.op === 'rearm') return false;
  const was = 'was' in change ? change.was.spec.Trigger : undefined;
  return change.job.spec.Trigger !== undefined && change.job.spec.Trigger !== was;
}

function tell(change: Change, options: PreviewOptions, before: Settings, settings: Settings): readonly JobChange[] {
  if (change.op === 'remove') {
    const { id, spec } = change.was;
    return [{ op: 'remove', job: id, machines: spec.Machines, next: [], note: 'runs no more; its logs stay' }];
  }
  const { job } = change;
  const was = 'was' in change ? change.was : null;
  const fields = was ? jobFieldChanges(was, job) : [];
  if (change.op === 'edit' && fields.length === 0) return []; // written otherwise, or another document of its file
  const zone = [{ path: 'TimeZone', old: before.TimeZone, new: settings.TimeZone }];
  const keepsState = change.op === 'edit' || change.op === 'rename' || change.op === 'rearm';
  const finished = keepsState && options.finished.has((was ?? job).id);
  const next = finished ? [] : nextRuns(job, settings.TimeZone, options.now, options.count);
  const why = finished ? 'it has run, and does not run again' : whyNever(job, next);
  const token = asksForRun(change) ? `runs at once: its Trigger is new (${job.spec.Trigger})` : null;
  const told = change.op === 'rearm' ? zone : change.op === 'add' ? undefined : fields;
  return [
    {
      op: change.op === 'edit' ? 'change' : change.op,
      job: job.id,
      ...(change.op === 'rename' && { from: change.was.id }),
      ...(told && told.length > 0 && { fields: told }),
      machines: job.spec.Machines,
      next,
      note: [token, why].filter((text) => text !== null).join('; ') || null,
    },
  ];
}

function byJob(a: JobChange, b: JobChange): number {
  if (a.job !== b.job) return a.job < b.job ? -1 : 1;
  return a.op < b.op ? -1 : 1;
}
