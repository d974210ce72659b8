import { classFor } from '../actions/action.ts';
import { ACTIONS } from '../actions/index.ts';
import type { Block } from '../block.ts';
import type { Guard } from '../guard.ts';
import type { GuardClass } from '../guard-class.ts';
import type { Job } from '../job.ts';
import type { Machine, MachineID, Machines } from '../machine.ts';
import { durationMs } from '../values/duration.ts';
import { breakerStops } from './breaker.ts';
import { type AskedPart, BEGIN, type PartGate, type RunGate } from './gate.ts';
import type { GuardFacts } from './guard-facts.ts';
import {
  type Domain,
  domainOf,
  domainRefusal,
  type GuardRefusal,
  judgeGuards,
  judgePart,
  lacksIdentity,
} from './guards.ts';

/** The class of what a job does; of an action that is not known: None. */
export function guardOf({ spec }: Pick<Job, 'spec'>): GuardClass {
  const action = ACTIONS.get(spec.Action);
  return action ? classFor(action, spec.Payload) : 'None';
}

/** `GuardRefused MaxMachines: would reach 37, Host allows 10 an hour`. */
function blockOf({ guard, message }: GuardRefusal): Block {
  return { reason: 'GuardRefused', message: `GuardRefused ${guard}: ${message}` };
}

/** The guard that a sentence names; null when it is of none. */
export function guardNamed(message: string): string | null {
  return /^GuardRefused ([A-Za-z]+): /.exec(message)?.[1] ?? null;
}

/** Whether the breaker and the guards let a run begin; a trigger is judged the same (G13). */
export const runGuards: RunGate = ({ job, claim }, now, { machines: inventory, guards }) => {
  const guard = guardOf(job);
  const run = { guard, machines: claim.machines, confirmed: job.spec.Confirm?.Machines };
  const context = { limits: guards.limits(guard, now), inventory, counts: guards.counts, now };
  const refusal =
    stopped(guards, guard) ?? judgeGuards(run, { ...context, identities: (one) => guards.identities(inventory)(one) });
  return refusal === null ? BEGIN : { verdict: 'missed', block: blockOf(refusal) };
};

/** Whether they let a part of it begin. */
export const partGuards: PartGate = (asked, now, { machines, guards }) => {
  const { job, claim, machine } = asked;
  const guard = guardOf(job);
  const limits = guards.limits(guard, now, claim.run);
  const refusal =
    stopped(guards, guard) ??
    (limits.Identity === 'Required' && !guards.identities(machines)(machine)
      ? { guard: 'Identity' as const, message: `${guard} needs ${lacksIdentity([machine.ID])}` }
      : judgePart({ guard, machine, last: guards.counts?.last(guard, machine.ID) ?? null }, limits, now));
  if (refusal) return { verdict: 'skip', block: blockOf(refusal) };
  const domain = domainOf(machine, limits);
  if (domain === null || guards.working(guard, domain) < domain.count) return BEGIN;
  const until = turnEnds(asked, domain, limits, machines);
  const block = blockOf(domainRefusal(domain, until !== null && now >= until));
  return until !== null && now >= until ? { verdict: 'skip', block } : { verdict: 'wait', block, until };
};

/** What a person must do before the breaker lets anything of these jobs begin; null: it stops none of them. */
export function breakerAlert({ breaker: { state, settings } }: GuardFacts, jobs: Iterable<Job>): string | null {
  for (const job of jobs) {
    const message = breakerStops(state, settings, guardOf(job));
    if (message !== null) return `${settings.Classes.join(', ')} begin nothing: ${message}`;
  }
  return null;
}

function stopped({ breaker }: GuardFacts, guard: GuardClass): GuardRefusal | null {
  const message = breakerStops(breaker.state, breaker.settings, guard);
  return message === null ? null : { guard: 'Breaker', message };
}

/**
 * Until when a part waits for its domain: as long as the machines of the run that share it may take one after the
 * other, each its Timeout and what its action takes. Null before it waits.
 */
function turnEnds(asked: AskedPart, domain: Domain, limits: Guard, machines: Machines): Date | null {
  const { claim, machine, waitsSince } = asked;
  if (waitsSince === null) return null;
  const isNeighbour = (one: Machine | undefined) => one !== undefined && sameDomain(domainOf(one, limits), domain);
  const neighbours = claim.machines.filter((id: MachineID) => isNeighbour(machines.get(id))).length;
  const turns = Math.max(1, Math.ceil(neighbours / domain.count));
  return new Date(waitsSince.getTime() + turns * turnMs(asked, machine));
}

/** Power and resets take minutes beside the Timeout; or longer, where the payload says so. */
const COURSE_MS = 15 * 60_000;

function turnMs({ job: { spec } }: AskedPart, { Timeout }: Machine): number {
  const timeoutMs = durationMs(Timeout) ?? 0;
  const action = ACTIONS.get(spec.Action);
  if (!action?.course) return timeoutMs;
  const options = spec.Payload.flatMap(({ Payload }) => (action.options ?? []).map((name) => Payload[name]));
  const declaredMs = options.map((text) => (typeof text === 'string' ? (durationMs(text) ?? 0) : 0));
  return (
    timeoutMs +
    Math.max(
      COURSE_MS,
      declaredMs.reduce((sum, ms) => sum + ms, 0),
    )
  );
}

function sameDomain(a: Domain | null, b: Domain): boolean {
  return a !== null && a.label === b.label && a.value === b.value;
}
