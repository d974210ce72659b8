import type { Job, JobID } from '../../../definitions/job.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { MachineID, Machines } from '../../../definitions/machine.ts';
import { reasonsOf } from '../../../definitions/report/machine-list.ts';
import { type FailureReason, reasonOf } from '../../../definitions/report/trouble/reason.ts';
import { groupTroubles, type MachineTrouble, type TroubleGroup } from '../../../definitions/report/trouble/trouble.ts';
import type { Status } from '../../../definitions/status.ts';
import { equal, type Json } from '../../../definitions/values/json.ts';
import type { LastPartKnown, LastParts } from './last-parts.ts';

/** What fails in the fleet in force. */
export interface Troubles {
  readonly groups: readonly TroubleGroup[];
  /** How many they are: a machine counts for each job that failed there. */
  readonly total: number;
  /** Why jobs failed on a machine, for those on which one did. */
  readonly byMachine: ReadonlyMap<MachineID, string>;
}

/** The part of them that a page is told at once. */
export interface TroubleSummary {
  readonly total: number;
  readonly machines: number;
  /** At most 30, the one with the newest trouble first, each with its 12 newest. */
  readonly groups: readonly TroubleGroupSummary[];
  /** How many groups there are. */
  readonly reasons: number;
}

interface TroubleGroupSummary {
  readonly reason: string;
  readonly class: 'transient' | 'permanent' | null;
  readonly total: number;
  readonly troubles: readonly MachineTrouble[];
}

export interface TroublesOptions {
  readonly agenda: Pick<Agenda, 'jobs' | 'status'>;
  readonly inForce: { readonly machines: Machines };
  readonly last: Pick<LastParts, 'failing' | 'of' | 'changes'>;
}

const GROUPS_SHOWN = 30;
const TROUBLES_SHOWN = 12;
/** Characters of an error in a summary. */
const ERROR_SHOWN = 300;
const A_PAGE = 200;

/** Tells what fails; the very same object as long as nothing about it has changed. */
export function createTroubles(options: TroublesOptions): () => Troubles {
  const memory: Memory = { healed: new WeakSet(), reasons: new Map() };
  let known: { readonly inputs: readonly unknown[]; readonly troubles: Troubles } | null = null;
  return () => {
    const inputs = inputsOf(options);
    const isSame = known?.inputs.length === inputs.length && known.inputs.every((each, at) => each === inputs[at]);
    if (!known || !isSame) known = { inputs, troubles: troublesOf(options, memory) };
    return known.troubles;
  };
}

/** What the troubles follow from. */
function inputsOf({ agenda, inForce, last }: TroublesOptions): readonly unknown[] {
  const failing = new Set<JobID>();
  for (const { job } of last.failing()) failing.add(job);
  const inputs: unknown[] = [last.changes, inForce.machines];
  for (const job of failing) inputs.push(agenda.jobs.get(job));
  for (const status of failedStatuses(agenda)) inputs.push(status);
  return inputs;
}

function* failedStatuses({ jobs, status }: TroublesOptions['agenda']): Generator<Status, void> {
  for (const id of jobs.keys()) {
    const facts = status(id);
    if (facts?.Status === 'Failed') yield facts;
  }
}

/** What need not be found out again: with thousands of machines that fail, that would keep due runs waiting. */
interface Memory {
  /** Records of parts after which another job has done the same there, which may be gone by now. */
  readonly healed: WeakSet<object>;
  /** The reasons of the troubles that there were last, by machine and error. */
  reasons: ReadonlyMap<string, FailureReason>;
}

function troublesOf(options: TroublesOptions, memory: Memory): Troubles {
  const { healed } = memory;
  const troubles = [...partTroubles(options, healed), ...statusTroubles(options)];
  const reasons = new Map<string, FailureReason>();
  const groups = groupTroubles(troubles, (error, machine) => {
    const key = `${machine} ${error}`;
    const reason = memory.reasons.get(key) ?? reasonOf(error, machine);
    reasons.set(key, reason);
    return reason;
  });
  memory.reasons = reasons;
  const byMachine = new Map<MachineID, string>();
  for (const { reason, troubles: some } of groups) {
    for (const machine of new Set(some.map((each) => each.machine))) {
      const others = byMachine.get(machine);
      byMachine.set(machine, others === undefined ? reason.text : `${others}; ${reason.text}`);
    }
  }
  return { groups, total: troubles.length, byMachine };
}

/**
 * Parts that failed and that their job, as it is in force, would do again.
 * @param healed records of those after which another job has done the same there, which may be gone by now
 */
function* partTroubles(
  { agenda, inForce, last }: TroublesOptions,
  healed: WeakSet<object>,
): Generator<MachineTrouble, void> {
  const reached = new Map<Job, ReadonlySet<MachineID>>();
  for (const part of last.failing()) {
    const { machine, job: id, run, error, at, since } = part;
    const job = agenda.jobs.get(id);
    if (!job || !inForce.machines.has(machine)) continue;
    const machines = reached.get(job) ?? new Set(job.machines);
    reached.set(job, machines);
    if (!machines.has(machine) || isHealed(part, job, { agenda, last }, healed)) continue;
    yield { machine, job: id, run, error: error ?? '', at, since: since ?? at };
  }
}

/** Whether another job has done well since what this one would do: a retry. */
function isHealed(
  { machine, at, record }: LastPartKnown,
  { spec }: Job,
  { agenda, last }: Pick<TroublesOptions, 'agenda' | 'last'>,
  healed: WeakSet<object>,
): boolean {
  if (record && healed.has(record)) return true;
  const isSame = last.of(machine).some((other) => {
    if (other.error !== null || other.at <= at) return false;
    const job = agenda.jobs.get(other.job);
    return (
      job?.spec.Action === spec.Action && equal(job.spec.Payload as unknown as Json, spec.Payload as unknown as Json)
    );
  });
  if (isSame && record) healed.add(record);
  return isSame;
}

/** What only the facts of a job tell: its last run is older than what is remembered of parts. */
function* statusTroubles({ agenda, inForce, last }: TroublesOptions): Generator<MachineTrouble, void> {
  for (const { Id: job, LastRun: run } of failedStatuses(agenda)) {
    for (const [machine, error] of reasonsOf(run?.FailedMachines ?? [])) {
      const isKnown = last.of(machine).some((each) => each.job === job);
      if (!run || isKnown || !inForce.machines.has(machine)) continue;
      yield { machine, job, run: run.RunID, error, at: run.StartTime, since: run.StartTime };
    }
  }
}

/** What a page is told at once. */
export function summaryOf({ groups, total, byMachine }: Troubles): TroubleSummary {
  const shown = groups.slice(0, GROUPS_SHOWN).map(({ reason, troubles }) => ({
    reason: reason.text,
    class: reason.class,
    total: troubles.length,
    troubles: troubles.slice(0, TROUBLES_SHOWN).map((each) => ({ ...each, error: each.error.slice(0, ERROR_SHOWN) })),
  }));
  return { total, machines: byMachine.size, groups: shown, reasons: groups.length };
}

/** The troubles of one reason, at most 200 from a number on; null: there is none of it. */
export function troublesPage({ groups }: Troubles, reason: string, from: number) {
  const group = groups.find((each) => each.reason.text === reason);
  return group ? { total: group.troubles.length, troubles: group.troubles.slice(from, from + A_PAGE) } : null;
}
