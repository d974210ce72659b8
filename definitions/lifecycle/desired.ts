import type { Jobs } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import type { FleetEntry } from '../manifest/file.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { Settings } from '../settings.ts';
import type { InForce } from './in-force.ts';
import { lastGood } from './last-good.ts';
import { type Change, plan } from './plan.ts';

/** The files of a fleet, as `readFleet` takes them. */
export type FleetFiles = ReadonlyMap<string, FleetEntry>;

/** What is in force when a fleet is followed: in a service, or for a preview what a commit would have put in force. */
export interface CurrentState extends Pick<InForce, 'settings' | 'machines' | 'sources' | 'fleet'> {
  readonly jobs: Jobs;
}

/** What is to be in force, and the changes of jobs that lead there. */
export interface Desired {
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly machines: Machines;
  /** The file of each machine. */
  readonly sources: ReadonlyMap<MachineID, string>;
  readonly changes: readonly Change[];
}

/**
 * What follows from a fleet, given what is in force. A pass applies it and a preview prints it: a dry run is the same
 * road, left earlier. Of what the fleet refuses, the last good version stays (R21).
 */
export function follow(current: CurrentState, fleet: Fleet, files: FleetFiles): Desired {
  const settings = fleet.settings ?? current.settings;
  const jobs = lastGood(current.jobs, fleet.jobs, (job) => fleet.refused.has(job.source.file));
  const planned = plan(current.jobs, jobs);
  const changes = [...planned, ...zoneChanges(jobs, current.settings.TimeZone, settings.TimeZone, planned)];
  return { settings, jobs, changes, ...inventory(current, fleet, files) };
}

/** The machines to have in force: those that are refused now stay as they were (R21). */
function inventory(current: CurrentState, fleet: Fleet, files: FleetFiles): Pick<Desired, 'machines' | 'sources'> {
  const { machines, sources } = current;
  if (fleet.machines === current.fleet?.machines) return { machines, sources };
  return {
    machines: lastGood(machines, fleet.machines, ({ ID }) => fleet.refused.has(sources.get(ID) ?? '')),
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
