import type { Job, Jobs } from '../job.ts';
import type { Machine, MachineID, Machines } from '../machine.ts';
import type { Settings } from '../settings.ts';
import type { Json } from '../values/json.ts';
import { counted } from '../values/text.ts';
import { type FieldChange, fieldChanges } from './field-diff.ts';

/** A field of `bmcron.yaml` that changes, and what follows from it. */
export interface SettingChange extends FieldChange {
  readonly follows: string;
}

/** What becomes of a machine of the inventory. */
export interface MachineChange {
  readonly op: 'add' | 'change' | 'remove';
  readonly machine: MachineID;
  readonly fields: readonly FieldChange[];
  /** How many jobs write to it. */
  readonly jobs: number;
}

/** What changes in `bmcron.yaml`, and what follows for these jobs. */
export function settingChanges(before: Settings, settings: Settings, jobs: Jobs): readonly SettingChange[] {
  const all = [...jobs.values()];
  const number = (of: (job: Job) => boolean) => counted(all.filter(of).length, 'job');
  const follows: Readonly<Record<string, string>> = {
    TimeZone: `moves ${number(({ spec }) => !spec.Schedule.TimeZone)} that name no zone of their own`,
    StartingDeadline: `how late a run may start, for ${number(({ spec }) => !spec.Schedule.StartingDeadline)} that do not say it themselves`,
    WorkerPoolSize: 'how many jobs run at once; those that run now finish',
    MaxConnections: 'how many machines are talked to at once, over all jobs',
    ShutdownTimeout: 'how long running jobs may go on when the service stops',
    'Logs.KeepDays': 'log files that are older leave the branch; null keeps all',
    'Journal.KeepDays': 'how far a remote may be set back and get all results again',
    'Metrics.PerJob': 'up to how many jobs /metrics has metrics a job; with more it has none',
    'Logs.Layout': 'how new logs are written; those that are there stay',
  };
  const changed = fieldChanges(before as unknown as Json, settings as unknown as Json);
  return changed.map((field) => ({ ...field, follows: follows[field.path] ?? '' }));
}

/** What changes in the inventory, and how many of these jobs it concerns. */
export function machineChanges(before: Machines, machines: Machines, jobs: Jobs): readonly MachineChange[] {
  const users = new Map<MachineID, number>();
  for (const job of jobs.values()) for (const id of job.machines) users.set(id, (users.get(id) ?? 0) + 1);
  const changes: MachineChange[] = [];
  const add = (op: MachineChange['op'], machine: MachineID, fields: readonly FieldChange[] = []) =>
    changes.push({ op, machine, fields, jobs: users.get(machine) ?? 0 });
  const json = (machine: Machine) => machine as unknown as Json;
  for (const machine of machines.values()) {
    const was = before.get(machine.ID);
    const fields = was ? fieldChanges(json(was), json(machine)) : [];
    if (!was) add('add', machine.ID);
    else if (fields.length > 0) add('change', machine.ID, fields);
  }
  for (const id of before.keys()) if (!machines.has(id)) add('remove', id);
  return changes.sort((a, b) => (a.machine < b.machine ? -1 : 1));
}
