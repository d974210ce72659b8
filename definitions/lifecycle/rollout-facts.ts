import { meaningOf } from '../block.ts';
import type { Job } from '../job.ts';
import { afterParts, type ClaimInWaves, isInWaves, type Outcomes } from '../rollout/advance.ts';
import { effectOf } from '../rollout/effect.ts';
import { beginEffect, resume } from '../rollout/facts.ts';
import { wavesDigest } from '../rollout/waves.ts';
import type { Claim, Result, Skip } from '../run.ts';
import type { RolloutFacts, Status } from '../status.ts';
import { withCondition } from './conditions.ts';
import { specOf } from './restore.ts';
import { haltedBy } from './rollout-start.ts';

/**
 * The facts with what they say of a rollout, for the manifest in force: a new effect begins, a new Resume goes on. The
 * very same facts where nothing follows.
 * @param before the facts under the manifest before, and its file
 */
export function withRollout(
  status: Status,
  { spec }: Job,
  before: { readonly status: Status; readonly file: string },
): Status {
  const { Rollout: facts, ...rest } = status;
  if (!spec.Rollout) return facts ? rest : status;
  const rolledOut = { effect: effectOf(spec), waves: wavesDigest(spec.Rollout) };
  const known = facts ?? standing(before);
  const begun = resume(beginEffect(known, rolledOut), spec.Rollout);
  return begun === facts ? status : { ...status, Rollout: begun };
}

/** What ran well on all machines before its job had a Rollout counts as promoted; null: nothing did. */
function standing({ status, file }: { readonly status: Status; readonly file: string }): RolloutFacts | null {
  const { Status, Machines, AppliedCommit } = status;
  if (status.Rollout) return status.Rollout;
  if (Status !== 'Completed') return null;
  const effect = effectOf(specOf(status));
  const none = beginEffect(null, { effect, waves: '' });
  return { ...none, Promoted: { Effect: effect, Commit: AppliedCommit, File: file }, Known: Machines };
}

/**
 * The token of a run in which a job that has no next one takes its wave again, since a new Resume says so (W13, W14);
 * null: none.
 */
export function takesAgain({ Rollout: was }: Status, { Rollout: facts, NextRunTime, ExecutionCount }: Status) {
  const { Effect, Promoted, Resumed } = facts ?? {};
  if (!was || !Resumed || Resumed === was.Resumed || NextRunTime !== null || ExecutionCount === 0) return null;
  const isOpen = was.Effect === Effect && (was.Halted !== null || Promoted?.Effect !== Effect);
  return isOpen ? Resumed.replace(/[^A-Za-z0-9._-]/g, '-') : null;
}

/** The facts after so many parts of a run of a job with a Rollout; of other runs the very same. */
export function withParts(status: Status, claim: Claim, outcomes: Outcomes, ended: Date | null, now: Date): Status {
  if (!isInWaves(claim) || !status.Rollout) return status;
  const facts = afterParts(status.Rollout, claim satisfies ClaimInWaves, outcomes, ended, now);
  return facts === status.Rollout ? status : { ...status, Rollout: facts };
}

/** What a wave is judged by: a part that a guard kept from beginning, or an identity, is one that was refused. */
export function outcomesOf(ends: Iterable<Result | Skip>): Outcomes {
  return new Map(
    [...ends].flatMap((end) => {
      if ('outcome' in end) return [[end.machine, end.outcome] as const];
      const isRefused = meaningOf(end.reason).fails && end.reason === 'GuardRefused';
      return isRefused ? [[end.machine, 'Refused'] as const] : [];
    }),
  );
}

/** The facts with what they say of the rollout's progress (W05); a job without a Rollout has no such condition. */
export function withProgress(status: Status, now: Date): Status {
  const { Rollout: facts, Conditions } = status;
  if (!facts) {
    const others = Conditions.filter(({ Type }) => Type !== 'Progressing');
    return others.length === Conditions.length ? status : { ...status, Conditions: others };
  }
  const { Halted, Promoted, Effect, Wave } = facts;
  const Type = 'Progressing';
  if (Halted) {
    return withCondition(status, { Type, Status: 'False', Reason: Halted.Reason, Message: haltedBy(Halted) }, now);
  }
  if (Promoted?.Effect === Effect && Wave === 0) {
    const Message = 'what is in force has passed its waves';
    return withCondition(status, { Type, Status: 'True', Reason: 'Promoted', Message }, now);
  }
  const Message = `wave ${Wave + 1} comes next, or is under way`;
  return withCondition(status, { Type, Status: 'True', Reason: 'InWaves', Message }, now);
}
