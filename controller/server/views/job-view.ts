import { nextRuns } from '../../../definitions/calendar/upcoming.ts';
import type { Job, JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { MachineID, Machines } from '../../../definitions/machine.ts';
import type { Problem } from '../../../definitions/problem.ts';
import type { Settings } from '../../../definitions/settings.ts';
import type { LastPartKnown, LastParts } from './last-parts.ts';
import { rolloutView } from './rollout-view.ts';

export interface JobViewOptions {
  readonly agenda: Pick<Agenda, 'jobs' | 'status'>;
  readonly inForce: {
    readonly machines: Machines;
    readonly settings: Pick<Settings, 'TimeZone'>;
    readonly problems: readonly Problem[];
  };
  readonly last: Pick<LastParts, 'of'>;
  readonly now: () => Date;
}

const MACHINES_A_PAGE = 200;
const NEXT_RUNS = 5;
const MOST_PROBLEMS = 20;

/** A job as its manifest and its facts say, and what it last did on its machines. */
export type JobView = NonNullable<ReturnType<typeof jobView>>;

/** What is known of a job, with its machines from a number on: failing ones first, at most 200. Null: no such job. */
export function jobView(id: JobID, from: number, { agenda, inForce, last, now }: JobViewOptions) {
  const [job, status] = [agenda.jobs.get(id), agenda.status(id)];
  if (!job || !status) return null;
  const { spec, source, machines } = job;
  const parts = machines.map((machine) => partOn(job, machine, last)).sort(failingFirst);
  return {
    id,
    payload: spec.Payload,
    selector: spec.MachineSelector ?? null,
    rollout: rolloutView(job, status, inForce.machines),
    onBlocked: spec.OnBlocked ?? null,
    onFailure: spec.OnFailure ?? null,
    confirm: spec.Confirm?.Machines ?? null,
    next: nextRuns(job, inForce.settings.TimeZone, now(), NEXT_RUNS),
    conditions: status.Conditions,
    lastTrigger: status.LastTrigger && { ...status.LastTrigger, Before: undefined },
    missed: status.Missed,
    document: source.document,
    machines: parts.slice(from, from + MACHINES_A_PAGE),
    total: parts.length,
    failing: parts.filter((part) => part.last?.since).map((part) => part.machine),
    problems: inForce.problems.filter(({ file }) => file === source.file).slice(0, MOST_PROBLEMS),
  };
}

interface JobPart {
  readonly machine: MachineID;
  readonly last: LastPartKnown | null;
}

function partOn({ id }: Job, machine: MachineID, last: JobViewOptions['last']): JobPart {
  return { machine, last: last.of(machine).find(({ job }) => job === id) ?? null };
}

function failingFirst({ machine: a, last: one }: JobPart, { machine: b, last: other }: JobPart): number {
  return Number(Boolean(other?.since)) - Number(Boolean(one?.since)) || (a < b ? -1 : 1);
}
