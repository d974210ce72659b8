import type { Rollout } from '../job.ts';
import type { MachineID } from '../machine.ts';
import type { Halt, Promoted, RolloutFacts, Soak, Spent } from '../status.ts';
import { timestamp } from '../values/time.ts';

/** Flat runs over the budget in a row that halt a promoted version: one bad night is the network's fault (W15). */
const FLAT_RUNS_OVER_BUDGET = 3;

/** Machines that a halt names. */
const MOST_NAMED = 20;

const NOTHING_SPENT: Spent = { Failed: 0, Unreachable: 0 };

/** What a manifest in force rolls out, and by which waves: the digests of both. */
export interface RolledOut {
  readonly effect: string;
  readonly waves: string;
}

/**
 * The facts for the manifest in force: a new effect, and a job's first, starts at wave 1 (W01, W12). So does one that
 * is under way when it is edited whom the waves are for; what has halted stays so.
 */
export function beginEffect(facts: RolloutFacts | null, { effect, waves }: RolledOut): RolloutFacts {
  if (facts?.Effect === effect) {
    if (facts.Waves === waves) return facts;
    return { ...facts, Waves: waves, Wave: 0, Soak: null, Spent: NOTHING_SPENT };
  }
  return {
    Effect: effect,
    Waves: waves,
    Promoted: facts?.Promoted ?? null,
    Wave: 0,
    Soak: null,
    Halted: null,
    Resumed: facts?.Resumed ?? null,
    Spent: NOTHING_SPENT,
    FlatOverBudget: 0,
    Known: facts?.Known ?? [],
  };
}

/** The facts after a commit: a `Resume` that was not seen takes the halted wave again; any counts as seen (W14). */
export function resume(facts: RolloutFacts, { Resume }: Pick<Rollout, 'Resume'>): RolloutFacts {
  if (Resume === undefined || Resume === facts.Resumed) return facts;
  return { ...facts, Halted: null, Resumed: Resume, FlatOverBudget: facts.Halted ? 0 : facts.FlatOverBudget };
}

/** The facts once the rollout stands still, by the wave under way (W05). */
export function halt(facts: RolloutFacts, reason: Halt['Reason'], machines: readonly MachineID[], now: Date) {
  const Halted = { Since: timestamp(now), Reason: reason, Machines: machines.slice(0, MOST_NAMED) };
  return { ...facts, Soak: null, Halted } satisfies RolloutFacts;
}

/** The facts while a wave soaks: whoever starts anew finds when it ends, and what is to be looked at then. */
export function soak(facts: RolloutFacts, until: Date, soaking: Omit<Soak, 'End'>): RolloutFacts {
  const End = timestamp(new Date(Math.ceil(until.getTime() / 1000) * 1000));
  return { ...facts, Soak: { End, ...soaking } };
}

/** The facts once a wave has passed, and another one comes. */
export function pass(facts: RolloutFacts, spent: Spent, next: number): RolloutFacts {
  return { ...facts, Wave: next, Soak: null, Spent: spent };
}

/** The facts once the last wave has passed: the version is promoted, and all these machines know it. */
export function promote(
  facts: RolloutFacts,
  { Commit, File }: Omit<Promoted, 'Effect'>,
  machines: readonly MachineID[],
): RolloutFacts {
  return {
    ...facts,
    Promoted: { Effect: facts.Effect, Commit, File },
    Wave: 0,
    Soak: null,
    Spent: NOTHING_SPENT,
    FlatOverBudget: 0,
    Known: machines,
  };
}

/** The facts after a flat run (W15). */
export function afterFlat(facts: RolloutFacts, overBudget: readonly MachineID[] | null, now: Date): RolloutFacts {
  if (overBudget === null) return facts.FlatOverBudget === 0 ? facts : { ...facts, FlatOverBudget: 0 };
  const counted = { ...facts, FlatOverBudget: facts.FlatOverBudget + 1 };
  if (counted.FlatOverBudget < FLAT_RUNS_OVER_BUDGET) return counted;
  return halt(counted, 'BudgetExceeded', overBudget, now);
}

/** Why a frozen part of a rollout's run does not begin any more; null: it may (W05, W12). */
export function partSkipped(
  claimedEffect: string,
  facts: Pick<RolloutFacts, 'Halted'>,
  job: { readonly effect: string; readonly Suspend?: boolean } | null,
): 'Withdrawn' | 'RolloutHalted' | null {
  if (!job || job.Suspend || job.effect !== claimedEffect) return 'Withdrawn';
  return facts.Halted ? 'RolloutHalted' : null;
}
