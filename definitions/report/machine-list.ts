import type { JobID } from '../job.ts';
import type { Machine, MachineID } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import type { Fleet } from '../manifest/fleet.ts';
import { matches } from '../selection/labels.ts';
import type { LastRun, Status } from '../status.ts';
import type { Timestamp } from '../values/time.ts';

/** What became of a machine in the last run that reached it, as far as the status files tell. */
export interface LastOutcome {
  readonly job: JobID;
  /** The start of that run. */
  readonly time: Timestamp;
  /** Unknown: more failed, or were skipped, than the status file names. */
  readonly outcome: 'done' | 'failed' | 'skipped' | 'running' | 'unknown';
  /** Why it failed or was skipped; null else. */
  readonly reason: string | null;
}

/** A machine of the inventory, the jobs that reach it, and what became of it last. */
export interface ListedMachine {
  readonly machine: Machine;
  readonly jobs: readonly JobID[];
  /** Null: no run that the status files tell of has reached it. */
  readonly last: LastOutcome | null;
}

/** The machines that a selector fits (null: all), by ID. */
export function listMachines(
  { machines, jobs }: Pick<Fleet, 'machines' | 'jobs'>,
  statuses: readonly Status[],
  selector: MachineSelector | null,
): readonly ListedMachine[] {
  const reached = new Map<MachineID, JobID[]>();
  for (const job of jobs.values()) {
    for (const id of job.machines) {
      const known = reached.get(id);
      if (known) known.push(job.id);
      else reached.set(id, [job.id]);
    }
  }
  const outcomes = lastOutcomes(statuses);
  return [...machines.values()]
    .filter(({ Labels }) => selector === null || matches(selector, Labels))
    .sort((a, b) => (a.ID < b.ID ? -1 : 1))
    .map((machine) => ({
      machine,
      jobs: (reached.get(machine.ID) ?? []).sort(),
      last: outcomes.get(machine.ID) ?? null,
    }));
}

/** What became of each machine in the last run that reached it. */
function lastOutcomes(statuses: readonly Status[]): ReadonlyMap<MachineID, LastOutcome> {
  const outcomes = new Map<MachineID, LastOutcome>();
  for (const { Id, LastRun: run, Machines } of statuses) {
    if (!run) continue;
    const failed = reasonsOf(run.FailedMachines);
    const skipped = reasonsOf(run.SkippedMachines ?? []);
    const isCut = run.Failed > failed.size || (run.Skipped ?? 0) > skipped.size;
    for (const machine of Machines) {
      const known = outcomes.get(machine);
      if (known && known.time >= run.StartTime) continue;
      outcomes.set(machine, { job: Id, time: run.StartTime, ...outcomeOf(machine, run, { failed, skipped, isCut }) });
    }
  }
  return outcomes;
}

interface Named {
  readonly failed: ReadonlyMap<MachineID, string>;
  readonly skipped: ReadonlyMap<MachineID, string>;
  /** More failed, or were skipped, than are named. */
  readonly isCut: boolean;
}

function outcomeOf(
  machine: MachineID,
  { EndTime }: LastRun,
  { failed, skipped, isCut }: Named,
): Pick<LastOutcome, 'outcome' | 'reason'> {
  const [error, why] = [failed.get(machine), skipped.get(machine)];
  if (EndTime === null) return { outcome: 'running', reason: null };
  if (error !== undefined) return { outcome: 'failed', reason: error };
  if (why !== undefined) return { outcome: 'skipped', reason: why };
  return { outcome: isCut ? 'unknown' : 'done', reason: null };
}

/** `m1: why` → m1, why; a line `and 7 more` names nobody. */
export function reasonsOf(lines: readonly string[]): ReadonlyMap<MachineID, string> {
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(': ');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)] as const];
    }),
  );
}
