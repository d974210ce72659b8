import type { Job, JobID, Jobs } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import type { FleetEntry } from '../manifest/file.ts';
import type { Fleet } from '../manifest/fleet.ts';
import { createSelection, machinesOf, type Selection } from '../selection/selection.ts';
import type { Settings } from '../settings.ts';
import { equal } from '../values/json.ts';
import { type InForce, type WindowsInForce, windowsInForce } from './in-force.ts';
import { lastGood, unconfirmed } from './last-good.ts';
import { type Change, plan } from './plan.ts';

/** The files of a fleet, as `readFleet` takes them. */
export type FleetFiles = ReadonlyMap<string, FleetEntry>;

/** What is in force when a fleet is followed: in a service, or for a preview what a commit would have put in force. */
export interface CurrentState
  extends Pick<InForce, 'settings' | 'machines' | 'sources' | 'fleet' | 'held'>,
    WindowsInForce {
  readonly jobs: Jobs;
}

/** What is to be in force, and the changes of jobs that lead there. */
export interface Desired extends WindowsInForce {
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly machines: Machines;
  /** The file of each machine. */
  readonly sources: ReadonlyMap<MachineID, string>;
  readonly changes: readonly Change[];
  /** Jobs that stay in force though the fleet has them no more, until somebody confirms it (R47). */
  readonly kept: readonly Job[];
}

/**
 * What follows from a fleet, given what is in force. A pass applies it and a preview prints it: a dry run is the same
 * road, left earlier. Of what the fleet refuses, the last good version stays (R21).
 * @param confirmed whether somebody has confirmed that jobs go, however many (R47)
 */
export function follow(current: CurrentState, fleet: Fleet, files: FleetFiles, confirmed = false): Desired {
  const isEmpty = files.size === 0;
  const written = lastGood(current.jobs, fleet.jobs, (job) => fleet.refused.has(job.source.file));
  const planned = plan(current.jobs, written);
  const gone = planned.flatMap((change) => (change.op === 'remove' ? [change.was] : []));
  const kept = confirmed ? [] : unconfirmed({ gone, inForce: current.jobs.size, isEmpty }, current.held);
  const settings = (isEmpty && kept.length > 0 ? null : fleet.settings) ?? current.settings;
  const { machines, sources } = inventory(current, fleet, files, kept.length > 0);
  const all = kept.length === 0 ? written : new Map([...written, ...kept.map((job) => [job.id, job] as const)]);
  const jobs = selected(all, current.jobs, createSelection(machines, fleet.selection));
  const changed = jobs === written ? planned : plan(current.jobs, jobs);
  const changes = [...changed, ...zoneChanges(jobs, current.settings.TimeZone, settings.TimeZone, changed)];
  const windows = isEmpty && kept.length > 0 ? current : windowsInForce(current, fleet.windows);
  const { brokenWindows } = windows;
  return { settings, jobs, machines, sources, changes, kept, windows: windows.windows, brokenWindows };
}

/** The jobs with the machines that their selectors fit in the inventory in force (S05); unchanged ones stay. */
function selected(jobs: Jobs, current: Jobs, selection: Selection): Jobs {
  let changed: Map<JobID, Job> | undefined;
  for (const job of jobs.values()) {
    if (!job.spec.MachineSelector) continue;
    const machines = machinesOf(job.spec, selection);
    const was = current.get(job.id);
    const isSame = was?.spec === job.spec && was.source.blob === job.source.blob && equal(was.machines, machines);
    const now = isSame ? was : equal(job.machines, machines) ? job : { ...job, machines };
    if (now === job) continue;
    changed ??= new Map(jobs);
    changed.set(job.id, now);
  }
  return changed ?? jobs;
}

/** The machines to have in force: those that are refused now stay as they were (R21), all that held jobs may need. */
function inventory(
  current: CurrentState,
  fleet: Fleet,
  files: FleetFiles,
  keepsAll: boolean,
): Pick<Desired, 'machines' | 'sources'> {
  const { machines, sources } = current;
  if (fleet.machines === current.fleet?.machines && current.held.size === 0) return { machines, sources };
  return {
    machines: lastGood(machines, fleet.machines, ({ ID }) => keepsAll || fleet.refused.has(sources.get(ID) ?? '')),
    sources: new Map([...sources, ...machineSources(files)]),
  };
}

/** The file of each machine that these files define. */
export function machineSources(files: FleetFiles): ReadonlyMap<MachineID, string> {
  const sources = new Map<MachineID, string>();
  for (const [path, file] of files) {
    if (!('reading' in file) || file.reading.kind !== 'machine') continue;
    for (const { machine } of file.reading.documents) if (machine) sources.set(machine.ID, path);
  }
  return sources;
}

/**
 * The jobs that another zone of the service moves: those that name no zone of their own (R11). Left out are those whose
 * next run is calculated anyway.
 */
function zoneChanges(jobs: Jobs, from: string, to: string, planned: readonly Change[]): readonly Change[] {
  if (from === to) return [];
  const calculated = new Set(
    planned.flatMap((change) => (change.op === 'add' || change.op === 'change' ? change.job.id : [])),
  );
  const moved = [...jobs.values()].filter(({ id, spec }) => !spec.Schedule.TimeZone && !calculated.has(id));
  return moved.map((job) => ({ op: 'rearm', job }));
}
