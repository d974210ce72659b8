import { type NextRun, nextRuns, whyNever } from '../calendar/upcoming.ts';
import type { Job, JobID, Jobs } from '../job.ts';
import { type CurrentState, type Desired, type FleetFiles, follow, machineSources } from '../lifecycle/desired.ts';
import type { Change } from '../lifecycle/plan.ts';
import type { MachineID } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import type { Fleet } from '../manifest/fleet.ts';
import { folded } from '../manifest/resolved/consequences.ts';
import type { Problem } from '../problem.ts';
import { freezeWaves } from '../rollout/waves.ts';
import type { FrozenRollout } from '../run.ts';
import { matches } from '../selection/labels.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { Json } from '../values/json.ts';
import { type Collision, collisions } from './collisions.ts';
import { type FieldChange, jobFieldChanges } from './field-diff.ts';
import { type MachineChange, machineChanges, type SettingChange, settingChanges } from './impact.ts';
import {
  absentLabelNote,
  manyValuesNote,
  type ReachChange,
  reachChange,
  type ValueChange,
  valueChanges,
} from './reach.ts';
import { revertNote } from './revert-note.ts';
import { type RunsTaken, runsTaken, type WindowChange, windowChanges } from './windows.ts';

/** What a change of manifests does to one job. */
export interface JobChange {
  readonly op: 'add' | 'change' | 'remove' | 'rename' | 'rearm' | 'select';
  readonly job: JobID;
  /** The ID under which a renamed job was known. */
  readonly from?: JobID;
  readonly fields?: readonly FieldChange[];
  readonly machines: readonly MachineID[];
  /** What its selector fits besides, and no more. */
  readonly reach?: ReachChange;
  /** What an edit of labels or names changes in what it writes. */
  readonly values?: readonly ValueChange[];
  /** By which waves what is new reaches them, as it would be frozen now; absent: the job has no Rollout. */
  readonly waves?: FrozenRollout;
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
  /** The file of the machine whose labels made it, where no edit of a job did (S15). */
  readonly file?: string;
}

/** A problem, and whether the base does not have it. */
export interface ForeseenProblem extends Problem {
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
  readonly windows: readonly WindowChange[];
  /** Coming runs that the change of windows takes out, or gives back. */
  readonly taken: readonly RunsTaken[];
  /** What is refused at the head, and therefore takes no effect (R21); warnings too. */
  readonly problems: readonly ForeseenProblem[];
  /** Errors of the base that the head has no more. */
  readonly fixed: readonly Problem[];
  /** How many of the removed jobs stay in force until somebody confirms it (R47). */
  readonly unconfirmed: number;
}

/** A fleet and the files that say so. */
export interface View {
  readonly fleet: Fleet;
  readonly files: FleetFiles;
}

/** What to compare, and when. */
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
  const { head, now } = options;
  const current = inForceAt(options.base);
  const desired = follow(current, head.fleet, head.files, true);
  const { settings, jobs, machines, sources, changes } = desired;
  const removes = changes.some(({ op }) => op === 'remove');
  const unconfirmed = removes ? follow(current, head.fleet, head.files).kept.length : 0;
  const both = { before: current, after: desired };
  const jobChanges = [...changes, ...relabelled(both)]
    .map((change) => jobChangeOf(change, both, options))
    .filter((change) => change !== null)
    .sort(byJob);
  const inventory = machineChanges(current.machines, machines, jobs);
  const windows = windowChanges(current.windows, desired.windows);
  const hasBroken = desired.brokenWindows.size > 0;
  const triggered = new Set(changes.filter(asksForRun).map(({ job }) => job.id));
  const finished = finishedIn(jobs, options);
  const contending = finished.size === 0 ? jobs : new Map([...jobs].filter(([id]) => !finished.has(id)));
  const coming = collisions({ jobs: contending, machines, timeZone: settings.TimeZone, now, triggered });
  const changed = {
    jobs: new Set([...jobChanges.filter(isOfManifest).map(({ job }) => job), ...triggered]),
    machines: new Set(inventory.map(({ machine }) => machine)),
  };
  return {
    changes: jobChanges,
    settings: settingChanges(current.settings, settings, jobs),
    inventory,
    collisions: coming.found.map((each) => {
      const isOfJobs = each.jobs.some((job) => changed.jobs.has(job));
      const isOfMachine = !isOfJobs && changed.machines.has(each.machine);
      const isSelected = each.jobs.some((job) => jobs.get(job)?.spec.MachineSelector !== undefined);
      const file = isOfMachine && isSelected ? sources.get(each.machine) : undefined;
      return { ...each, new: isOfJobs || isOfMachine, ...(file !== undefined && { file }) };
    }),
    moreCollisions: coming.more,
    aheadDays: coming.aheadDays,
    windows,
    taken: windows.length === 0 && !hasBroken ? [] : runsTaken(jobs, current, desired, now),
    ...compared(options.base.fleet.problems, head.fleet.problems),
    unconfirmed,
  };
}

/** The jobs without a further run that no edit arms again and no token runs. */
function finishedIn(jobs: Jobs, { finished, base }: PreviewOptions): ReadonlySet<JobID> {
  const isAsItWas = ({ id, version, spec }: Job) => {
    const was = base.fleet.jobs.get(id);
    return was?.version === version && was.spec.Trigger === spec.Trigger;
  };
  return new Set([...jobs.values()].filter((job) => finished.has(job.id) && isAsItWas(job)).map(({ id }) => id));
}

/** Which problems are new, and which errors are no more. Lines move: a problem is what it says of which field. */
function compared(base: readonly Problem[], head: readonly Problem[]): Pick<Preview, 'problems' | 'fixed'> {
  const before = new Map<string, Problem[]>();
  for (const problem of base) before.set(keyOf(problem), [...(before.get(keyOf(problem)) ?? []), problem]);
  const problems = head.map((problem) => ({ ...problem, new: before.get(keyOf(problem))?.shift() === undefined }));
  const fixed = [...before.values()].flat().filter(({ severity }) => severity === 'error');
  // What a change has refused by an old mistake is the change's all the same.
  const joins = (consequence: ForeseenProblem, cause: ForeseenProblem) => cause.new || !consequence.new;
  return { problems: folded(problems, joins), fixed: folded(fixed) };
}

function keyOf({ file, path, rule, message, severity }: Problem): string {
  return JSON.stringify([file, path, rule, message, severity]);
}

/** What is in force when a service has followed the base from its first start. */
export function inForceAt({ fleet, files }: View): CurrentState {
  return {
    settings: fleet.settings ?? DEFAULT_SETTINGS,
    jobs: fleet.jobs,
    machines: fleet.machines,
    sources: machineSources(files),
    windows: fleet.windows.accepted,
    brokenWindows: new Set(fleet.windows.refused.keys()),
    fleet,
    held: new Map(),
  };
}

/** Whether a token in the manifest is new, so that the job runs at once (R28). */
function asksForRun(change: Change): change is Exclude<Change, { op: 'remove' }> {
  if (change.op === 'remove' || change.op === 'rearm' || change.op === 'select') return false;
  const was = 'was' in change ? change.was.spec.Trigger : undefined;
  return change.job.spec.Trigger !== undefined && change.job.spec.Trigger !== was;
}

/** What is in force, and what is to be. */
interface Both {
  readonly before: Pick<CurrentState, 'settings' | 'jobs' | 'machines'>;
  readonly after: Pick<Desired, 'settings' | 'jobs' | 'machines' | 'changes'>;
}

/** Jobs of which only what their placeholders stand for changes: nothing that a service would have to plan (S13). */
function relabelled({ before, after }: Both): readonly Change[] {
  const changed = new Set(after.changes.flatMap((change) => (change.op === 'remove' ? [] : change.job.id)));
  return [...after.jobs.values()].flatMap((job): readonly Change[] => {
    const was = before.jobs.get(job.id);
    if (!was || changed.has(job.id)) return [];
    const values = valueChanges(was, job, before.machines, after.machines);
    return values.length === 0 ? [] : [{ op: 'select', job, was }];
  });
}

/** Whether a job's own manifest makes the change, and no machine's. */
function isOfManifest({ op }: JobChange): boolean {
  return op !== 'remove' && op !== 'select';
}

/** What a reader is shown of a change; null when it changes nothing that they could see. */
function wavesOf({ spec, machines }: Job, inventory: Desired['machines']): Pick<JobChange, 'waves'> {
  if (!spec.Rollout) return {};
  const fitting = (selector: MachineSelector) => machines.filter((id) => matches(selector, inventory.get(id)?.Labels));
  return { waves: freezeWaves(spec.Rollout, machines, fitting) };
}

function jobChangeOf(change: Change, both: Both, options: PreviewOptions): JobChange | null {
  if (change.op === 'remove') {
    const { id, machines } = change.was;
    return { op: 'remove', job: id, machines, next: [], note: 'runs no more; its logs stay' };
  }
  const { job } = change;
  const { before, after } = both;
  const zone = after.settings.TimeZone;
  const fields = fieldsOf(change, before.settings.TimeZone, zone);
  const known = 'was' in change ? change.was : undefined;
  const reach = reachChange(known, job);
  const values = valueChanges(known, job, before.machines, after.machines);
  if (change.op === 'edit' && fields.length === 0 && !reach && values.length === 0) return null; // written otherwise
  const was = known ?? job;
  const keepsState = change.op === 'edit' || change.op === 'rename' || change.op === 'rearm' || change.op === 'select';
  const finished = keepsState && options.finished.has(was.id);
  const next = finished ? [] : nextRuns(job, zone, options.now, options.count);
  const why = finished ? finishedNote(reach) : whyNever(job, next);
  const undo = change.op === 'add' || change.op === 'change' || change.op === 'edit' ? revertNote(job) : null;
  const token = asksForRun(change) ? `runs at once: its Trigger is new (${job.spec.Trigger})` : null;
  return {
    op: change.op === 'edit' ? 'change' : change.op,
    job: job.id,
    ...(change.op === 'rename' && { from: change.was.id }),
    ...(fields.length > 0 && { fields }),
    machines: job.machines,
    ...(reach && { reach }),
    ...(values.length > 0 && { values }),
    ...wavesOf(job, after.machines),
    next,
    note:
      [token, absentLabelNote(job, after.machines), manyValuesNote(job, values), undo, why]
        .filter((text) => text !== null)
        .join('; ') || null,
  };
}

/** A Once job that has run takes nobody any more (S08). */
function finishedNote(reach: ReachChange | null): string {
  const ran = 'it has run, and does not run again';
  if (!reach || reach.joined.length === 0) return ran;
  return `${ran}: nothing is done on the machines that joined; write a new job, or make it Continuous`;
}

function fieldsOf(change: Exclude<Change, { op: 'remove' }>, from: string, to: string): readonly FieldChange[] {
  if (change.op === 'add') return [];
  if (change.op === 'rearm') return [{ path: 'TimeZone', old: from, new: to }];
  return jobFieldChanges(change.was, change.job);
}

function byJob(a: JobChange, b: JobChange): number {
  if (a.job !== b.job) return a.job < b.job ? -1 : 1;
  return a.op < b.op ? -1 : 1;
}
