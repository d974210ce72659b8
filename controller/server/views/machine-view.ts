import type { JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import { type Machine, type MachineID, type Machines, originOf } from '../../../definitions/machine.ts';
import type { Problem } from '../../../definitions/problem.ts';
import { createTimeSlice } from '../../time-slice.ts';
import type { LastPartKnown, LastParts } from './last-parts.ts';

export interface MachineViewOptions {
  readonly agenda: Pick<Agenda, 'jobs' | 'status'>;
  readonly inForce: {
    readonly machines: Machines;
    readonly sources: ReadonlyMap<MachineID, string>;
    readonly problems: readonly Problem[];
  };
  readonly last: Pick<LastParts, 'of'>;
  /** What keeps whole classes of jobs, or all of them, from beginning at this moment. */
  readonly holds: () => readonly string[];
}

/** A machine, and what the jobs that reach it last did there. */
export interface MachineView {
  readonly id: MachineID;
  /** Null: the inventory does not have it any more. */
  readonly inventory: MachineFacts | null;
  readonly holds: readonly string[];
  /** By what is worst: failing first, then the latest. At most 200. */
  readonly jobs: readonly MachineViewJob[];
  readonly total: number;
  /** What jobs that reach it no more did there. */
  readonly former: readonly LastPartKnown[];
  readonly problems: readonly Problem[];
}

interface MachineFacts extends Pick<Machine, 'Name' | 'Type' | 'Timeout' | 'Labels' | 'Identity'> {
  /** `10.0.0.11:8443`; the login is no part of it. */
  readonly host: string;
  /** The label of this name. */
  readonly site: string | null;
  /** Path below the fleet's root. */
  readonly file: string | null;
}

interface MachineViewJob {
  readonly id: JobID;
  readonly last: LastPartKnown | null;
}

const MOST_JOBS = 200;
const MOST_PROBLEMS = 20;

/** What is known of a machine; null: nothing. Made in slices of time, since a fleet may have many jobs. */
export async function machineView(id: MachineID, options: MachineViewOptions): Promise<MachineView | null> {
  const { agenda, inForce, last, holds } = options;
  const machine = inForce.machines.get(id);
  const parts = new Map(last.of(id).map((part) => [part.job, part]));
  if (!machine && parts.size === 0) return null;
  const pace = createTimeSlice();
  const jobs: MachineViewJob[] = [];
  for (const job of [...agenda.jobs.values()]) {
    if (job.machines.includes(id)) jobs.push({ id: job.id, last: parts.get(job.id) ?? null });
    await pace();
  }
  jobs.sort(worstFirst);
  const reaching = new Set(jobs.map((job) => job.id));
  const file = inForce.sources.get(id);
  return {
    id,
    inventory: machine ? factsOf(machine, file ?? null) : null,
    holds: holds(),
    jobs: jobs.slice(0, MOST_JOBS),
    total: jobs.length,
    former: [...parts.values()].filter(({ job }) => !reaching.has(job)),
    problems: inForce.problems.filter((problem) => problem.file === file).slice(0, MOST_PROBLEMS),
  };
}

function worstFirst({ id: a, last: one }: MachineViewJob, { id: b, last: other }: MachineViewJob): number {
  const failing = Number((other?.since ?? null) !== null) - Number((one?.since ?? null) !== null);
  if (failing !== 0) return failing;
  const [at, otherAt] = [one?.at ?? '', other?.at ?? ''];
  return at === otherAt ? (a < b ? -1 : 1) : at < otherAt ? 1 : -1;
}

function factsOf(machine: Machine, file: string | null): MachineFacts {
  const { Name, Type, Timeout, Labels, Identity } = machine;
  const site = Object.entries(Labels ?? {}).find(([key]) => key.toLowerCase() === 'site')?.[1] ?? null;
  return {
    ...(Name !== undefined && { Name }),
    ...(Labels && { Labels }),
    ...(Identity && { Identity }),
    Type,
    Timeout,
    host: hostOf(machine),
    site,
    file,
  };
}

function hostOf(machine: Machine): string {
  const origin = originOf(machine);
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
