import { type Block, meaningOf } from '../../definitions/block.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import type { GuardState } from '../../definitions/lifecycle/guard-state.ts';
import type { RunStart } from '../../definitions/lifecycle/next-start.ts';
import { notWaitedFor } from '../../definitions/lifecycle/recovery.ts';
import type { Machine, MachineID, Machines } from '../../definitions/machine.ts';
import type { Skip } from '../../definitions/run.ts';
import type { GateContext, PartVerdict } from '../../definitions/safety/gate.ts';
import { partVerdict } from '../../definitions/safety/gates.ts';
import { guardOf } from '../../definitions/safety/guard-gates.ts';
import { givenUp, givenUpAt, type WaitingPart } from '../../definitions/safety/part-wait.ts';
import { spreadMs } from '../../definitions/safety/spread.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { GateWaits } from './gate-waits.ts';
import type { NotYet } from './on-machine.ts';
import { type RecordResultsOptions, recordResults } from './record-results.ts';

export interface PartGatesOptions extends RecordResultsOptions {
  readonly agenda: Agenda;
  readonly inForce: { readonly settings: () => Settings; readonly machines: () => Machines };
  /** What the gates go by now. */
  readonly gates: () => GateContext;
  readonly waits: GateWaits;
  /** Who works where: a domain has room for so many. */
  readonly guards: Pick<GuardState, 'begin' | 'end' | 'limits' | 'identities'>;
}

/** A part that wants to begin, and since when it waits. */
export interface GatedPart {
  readonly start: RunStart;
  readonly machine: MachineID;
  readonly waiting: { since: Date | null; message: string | null };
}

/**
 * Asks the gates when the turn of a part's machine has come: null, it may begin. Nothing of it has reached the BMC: it
 * is skipped for good, or gives its places back and is asked again.
 */
export async function passGates(options: PartGatesOptions, part: GatedPart): Promise<Skip | NotYet | null> {
  const { start, machine: id, waiting } = part;
  const machine = options.inForce.machines().get(id);
  if (!machine) return isSelected(start) ? skipped(options, part, removed(id)) : null; // whoever carries it out says so
  let judged = judge(options, part, machine);
  if (judged.verdict === 'begin' && waiting.message !== null) {
    await recordResults(options, start.job, [{ kind: 'begin', run: start.claim.run, machine: id }]);
    waiting.message = null;
    judged = judge(options, part, machine); // a full disk may have kept it for hours
  }
  if (judged.verdict === 'begin') {
    options.guards.begin(start.claim.run, guardOf(start.job), machine); // at once: others are judged by it
    return null;
  }
  const skip: Skip = { machine: id, ...judged.block };
  if (judged.verdict === 'skip') return skipped(options, part, skip);
  if (options.waits.hasEnded) return skipped(options, part, notWaitedFor(skip));
  if (waiting.message !== judged.block.message) await recordWait(options, part, skip, judged.until);
  waiting.since ??= options.deps.clock.now();
  return { notYet: () => waitFor(options, part, machine, judged.block) };
}

/** Whether the inventory had each of its machines when it was claimed: a list may name others. */
function isSelected({ job }: RunStart): boolean {
  return job.spec.MachineSelector !== undefined;
}

function removed(machine: MachineID): Skip {
  return { machine, reason: 'Removed', message: 'Removed from the inventory after the run was claimed' };
}

function judge({ deps, inForce, gates, agenda }: PartGatesOptions, part: GatedPart, machine: Machine): PartVerdict {
  const now = deps.clock.now();
  const { start, waiting } = part;
  const block = waiting.since === null ? null : givenUp(waitingPart(agenda, start), now, inForce.settings());
  if (block) return { verdict: 'skip', block };
  return partVerdict({ ...start, machine, waitsSince: waiting.since }, now, gates());
}

function waitingPart(agenda: Agenda, { job: ran, claim }: RunStart): WaitingPart {
  const job = agenda.jobs.get(agenda.successor(ran.id));
  const status = job && agenda.status(job.id);
  return { ran, claim, current: job && status ? { job, status } : undefined };
}

/** Waits, without any place, until the answer is another one. */
async function waitFor(options: PartGatesOptions, part: GatedPart, machine: Machine, first: Block): Promise<void> {
  const { agenda, inForce, waits } = options;
  let judged = judge(options, part, machine);
  for (; judged.verdict === 'wait' && !waits.hasEnded; judged = judge(options, part, machine)) {
    const end = givenUpAt(waitingPart(agenda, part.start), inForce.settings());
    const moments = [judged.until, end].filter((each) => each !== null).map(Number);
    await waits.wait(moments.length === 0 ? null : new Date(Math.min(...moments)));
  }
  if (judged.verdict === 'begin' && meaningOf(first.reason).isCrowd) await waits.pause(spreadMs(machine.ID));
}

async function recordWait(options: PartGatesOptions, part: GatedPart, skip: Skip, until: Date | null): Promise<void> {
  const { start, machine, waiting } = part;
  const { job, run, nominal } = start.claim;
  await recordResults(options, start.job, [{ kind: 'wait', run, skip }]);
  waiting.message = skip.message;
  options.deps.observe({ event: 'waiting', job, nominal, machine, reason: skip.message, until });
}

/** A part is skipped for good: durably, and told. */
export async function skipped(options: PartGatesOptions, { start, machine }: GatedPart, block: Block): Promise<Skip> {
  const { job, run } = start.claim;
  const skip: Skip = { ...block, machine };
  await recordResults(options, start.job, [{ kind: 'skip', run, skip }]);
  options.deps.observe({ event: 'skipped', job, run, ...skip });
  return skip;
}
