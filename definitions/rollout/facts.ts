import type { MachineID } from '../machine.ts';
import { timestamp } from '../values/time.ts';
import type { Halt, Rollout, RolloutFacts, Spent } from './rollout.ts';

/** Flat runs over the budget in a row that halt a promoted version: one bad night is the network's fault (W15). */
const FLAT_RUNS_OVER_BUDGET = 3;

const NOTHING_SPENT: Spent = { failed: 0, unreachable: 0 };

/** The facts for the effect of the manifest in force: a new one, and a job's first, starts at wave 1 (W01, W12). */
export function beginEffect(facts: RolloutFacts | null, effect: string): RolloutFacts {
  if (facts?.effect === effect) return facts;
  return {
    effect,
    promoted: facts?.promoted ?? null,
    wave: 0,
    soakEnd: null,
    halted: null,
    resumed: facts?.resumed ?? null,
    spent: NOTHING_SPENT,
    flatOverBudget: 0,
  };
}

/** The facts after a commit: a `Resume` that was not seen takes the halted wave again; any counts as seen (W14). */
export function resume(facts: RolloutFacts, { Resume }: Pick<Rollout, 'Resume'>): RolloutFacts {
  if (Resume === undefined || Resume === facts.resumed) return facts;
  return { ...facts, halted: null, resumed: Resume, flatOverBudget: facts.halted ? 0 : facts.flatOverBudget };
}

/** The facts once the rollout stands still, by the wave under way (W05). */
export function halt(facts: RolloutFacts, reason: Halt['reason'], machines: readonly MachineID[], now: Date) {
  return { ...facts, soakEnd: null, halted: { since: timestamp(now), reason, machines } } satisfies RolloutFacts;
}

/** The facts while a wave soaks: whoever starts anew finds when it ends. */
export function soak(facts: RolloutFacts, until: Date): RolloutFacts {
  return { ...facts, soakEnd: timestamp(new Date(Math.ceil(until.getTime() / 1000) * 1000)) };
}

/** The facts once a wave has passed; `next` is the one that comes, null after the last: the version is promoted. */
export function pass(facts: RolloutFacts, spent: Spent, next: number | null, commit: string): RolloutFacts {
  if (next !== null) return { ...facts, wave: next, soakEnd: null, spent };
  return {
    ...facts,
    promoted: { effect: facts.effect, commit },
    wave: 0,
    soakEnd: null,
    spent: NOTHING_SPENT,
    flatOverBudget: 0,
  };
}

/** The facts after a flat run (W15). */
export function afterFlat(facts: RolloutFacts, overBudget: readonly MachineID[] | null, now: Date): RolloutFacts {
  if (overBudget === null) return facts.flatOverBudget === 0 ? facts : { ...facts, flatOverBudget: 0 };
  const counted = { ...facts, flatOverBudget: facts.flatOverBudget + 1 };
  if (counted.flatOverBudget < FLAT_RUNS_OVER_BUDGET) return counted;
  return halt(counted, 'BudgetExceeded', overBudget, now);
}

/** Why a frozen part of a rollout's run does not begin any more; null: it may (W05, W12). */
export function partSkipped(
  claimedEffect: string,
  facts: RolloutFacts,
  job: { readonly effect: string; readonly Suspend?: boolean } | null,
): 'Withdrawn' | 'RolloutHalted' | null {
  if (!job || job.Suspend || job.effect !== claimedEffect) return 'Withdrawn';
  return facts.halted ? 'RolloutHalted' : null;
}
