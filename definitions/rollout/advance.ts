import type { MachineID } from '../machine.ts';
import { type Claim, type Outcome, type RolloutClaim, succeeded } from '../run.ts';
import type { RolloutFacts } from '../status.ts';
import { afterFlat, halt, pass, promote, soak } from './facts.ts';
import { isOverBudget, judgeWave } from './progress.ts';
import { nextWave } from './waves.ts';

/** How the parts of a run have come out so far. */
export type Outcomes = ReadonlyMap<MachineID, Outcome>;

/** A claim of a job with a Rollout. */
export type ClaimInWaves = Claim & { readonly rollout: RolloutClaim };

/** Whether a run is one of a job with a Rollout. */
export function isInWaves(claim: Claim): claim is ClaimInWaves {
  return claim.rollout !== undefined;
}

/**
 * The facts after so many parts of a run: the same from memory and, after a crash, from the journal (W13). Whatever
 * was edited meanwhile leaves another effect, and that is not judged by this run (W12).
 * @param ended null: parts are open, and only a halt can follow
 */
export function afterParts(facts: RolloutFacts, claim: ClaimInWaves, all: Outcomes, ended: Date | null, now: Date) {
  const { rollout } = claim;
  if (facts.Effect !== rollout.effect || facts.Halted || rollout.mode === 'kept') return facts;
  const outcomes = ofNewEffect(rollout, all);
  return rollout.mode === 'flat'
    ? afterFlatRun(facts, claim, outcomes, ended)
    : afterWave(facts, claim, outcomes, { ended, now });
}

/** Of the version that is rolled out: what a machine keeps proves nothing. */
function ofNewEffect({ kept }: RolloutClaim, all: Outcomes): Outcomes {
  const others = new Set(kept?.machines);
  return new Map([...all].filter(([machine]) => !others.has(machine)));
}

function afterWave(
  facts: RolloutFacts,
  { run, rollout, commit }: ClaimInWaves,
  outcomes: Outcomes,
  { ended, now }: { readonly ended: Date | null; readonly now: Date },
): RolloutFacts {
  const { frozen, file, isInRun } = rollout;
  const index = nextWave(frozen.waves, facts.Wave);
  const wave = frozen.waves[index];
  if (!wave || facts.Soak || (isInRun ? index < rollout.wave : index !== rollout.wave)) return facts;
  // It has passed when the next one has begun.
  if (frozen.waves.slice(index + 1).some(({ machines }) => machines.some((id) => outcomes.has(id)))) return facts;
  const progress = { wave: index, spent: facts.Spent, results: outcomes, ended, reverted: null };
  const judged = judgeWave(frozen, progress, now);
  const following = nextWave(frozen.waves, index + 1);
  const next = following === frozen.waves.length ? null : following;
  switch (judged.verdict) {
    case 'halt':
      return halt(facts, judged.reason, judged.machines, now);
    case 'soak': {
      const done = wave.machines.filter((id) => isDone(outcomes.get(id)));
      const { maxFailed: MaxFailed, maxUnreachable: MaxUnreachable } = frozen;
      const soaking = { Machines: done, RunID: run, Wrong: wrongSince(facts, judged.spent), Next: next };
      return soak(facts, judged.until, { ...soaking, MaxFailures: wave.maxFailures, MaxFailed, MaxUnreachable });
    }
    case 'passed':
      if (next !== null) return pass(facts, judged.spent, next);
      return promote(facts, { Commit: commit, File: file }, everyone(rollout));
    default:
      return facts;
  }
}

function isDone(outcome: Outcome | undefined): boolean {
  return outcome === 'Unchanged' || outcome === 'Applied';
}

function wrongSince({ Spent: before }: RolloutFacts, spent: RolloutFacts['Spent']): RolloutFacts['Spent'] {
  return { Failed: spent.Failed - before.Failed, Unreachable: spent.Unreachable - before.Unreachable };
}

/** All that can still be told of a flat run is whether it has kept its budget; who joins is no part of that (S07). */
function afterFlatRun(
  facts: RolloutFacts,
  { rollout, commit }: ClaimInWaves,
  outcomes: Outcomes,
  ended: Date | null,
): RolloutFacts {
  if (ended === null) return facts;
  const { frozen, file } = rollout;
  const over = overBudget(rollout, outcomes);
  const all = everyone(rollout);
  if (facts.Promoted?.Effect !== facts.Effect && over === null)
    return promote(facts, { Commit: commit, File: file }, all);
  const joining = new Set(rollout.joining);
  const known = new Set(facts.Known);
  const isKnown = (id: MachineID) => (joining.has(id) ? isJoined(outcomes.get(id)) : known.has(id));
  const Known = all.filter(isKnown);
  const judged = frozen.waves.length === 0 ? facts : afterFlat(facts, over, ended);
  return Known.length === known.size && Known.every((id) => known.has(id)) ? judged : { ...judged, Known };
}

function isJoined(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && succeeded(outcome);
}

function everyone({ frozen }: RolloutClaim): readonly MachineID[] {
  return frozen.waves.flatMap(({ machines }) => machines);
}

/** The machines by which a flat run is over its budget; null: it is not (W15). */
export function overBudget(rollout: RolloutClaim, all: Outcomes): readonly MachineID[] | null {
  const joining = new Set(rollout.joining);
  const outcomes = [...ofNewEffect(rollout, all)].filter(([machine]) => !joining.has(machine));
  const known = outcomes.filter(([, outcome]) => outcome !== 'Interrupted');
  if (
    !isOverBudget(
      rollout.frozen,
      known.map(([, outcome]) => outcome),
    )
  )
    return null;
  return known.filter(([, outcome]) => !succeeded(outcome)).map(([machine]) => machine);
}

/** Why the rest of a run does not begin although nothing has halted the rollout; null: it goes on. */
export function restStopped(rollout: RolloutClaim, machine: MachineID, outcomes: Outcomes): string | null {
  const { joining, mode } = rollout;
  if (mode === 'flat' && !joining.includes(machine) && overBudget(rollout, outcomes) !== null)
    return 'this run has exceeded its FailureBudget';
  if (!joining.includes(machine)) return null;
  const failed = joining.find((id) => outcomes.has(id) && !isJoined(outcomes.get(id)));
  return failed === undefined ? null : `${failed}, which joins before it, has failed`;
}
