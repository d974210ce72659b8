import type { Job, Jobs } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import type { FleetEntry } from '../manifest/file.ts';
import type { Fleet } from '../manifest/fleet.ts';
import type { Settings } from '../settings.ts';
import type { InForce } from './in-force.ts';
import { lastGood, unconfirmed } from './last-good.ts';
import { type Change, plan } from './plan.ts';

/** The files of a fleet, as `readFleet` takes them. */
export type FleetFiles = ReadonlyMap<string, FleetEntry>;

/** What is in force when a fleet is followed: in a service, or for a preview what a commit would have put in force. */
export interface CurrentState extends Pick<InForce, 'settings' | 'machines' | 'sources' | 'fleet' | 'held'> {
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
  const asked = lastGood(current.jobs, fleet.jobs, (job) => fleet.refused.has(job.source.file));
  const all = plan(current.jobs, asked);
  const gone = all.flatMap((change) => (change.op === 'remove' ? [change.was] : []));
  const kept = confirmed ? [] : unconfirmed({ gone, inForce: current.jobs.size, isEmpty }, current.held);
  const settings = (isEmpty && kept.length > 0 ? null : fleet.settings) ?? current.settings;
  const jobs = kept.length === 0 ? asked : new Map([...asked, ...kept.map((job) => [job.id, job] as const)]);
  const stays = new Set(kept);
  const planned = kept.length === 0 ? all : all.filter((change) => change.op !== 'remove' || !stays.has(change.was));
  const changes = [...planned, ...zoneChanges(jobs, current.settings.TimeZone, settings.TimeZone, planned)];
  return { settings, jobs, changes, kept, ...inventory(current, fleet, files, kept.length > 0) };
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
