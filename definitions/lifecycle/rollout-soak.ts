import type { Job } from '../job.ts';
import type { MachineID } from '../machine.ts';
import { halt, pass, promote } from '../rollout/facts.ts';
import type { RolloutFacts, Status } from '../status.ts';

/** What a second look has found. */
export interface SecondLook {
  /** Whose values have gone back. */
  readonly reverted: readonly MachineID[];
  /** Who could not be asked: that is no proof that they have stayed. */
  readonly unread: readonly MachineID[];
}

/** The facts once the values of a wave that soaked have been read once more (W04): it passes, or the rollout halts. */
export function afterLook(status: Status, job: Job, look: SecondLook, now: Date): Status {
  const { Rollout: facts } = status;
  return facts?.Soak ? { ...status, Rollout: judged(facts, job, look, now) } : status;
}

function judged(facts: RolloutFacts, job: Job, { reverted, unread }: SecondLook, now: Date): RolloutFacts {
  const { Soak, Spent } = facts;
  if (!Soak) return facts;
  const { Wrong, MaxFailures, MaxFailed, MaxUnreachable, Next } = Soak;
  const isApart = MaxUnreachable !== null; // without a budget of its own who is not reached counts as failed (W07)
  const failed = Wrong.Failed + reverted.length + (isApart ? 0 : unread.length);
  const unreachable = Wrong.Unreachable + (isApart ? unread.length : 0);
  const all = { Failed: Spent.Failed + failed, Unreachable: Spent.Unreachable + unreachable };
  const machines = [...reverted, ...unread];
  if (failed > MaxFailures) return halt(facts, 'WaveFailed', machines, now);
  const isOver = all.Failed > (MaxFailed ?? Infinity) || all.Unreachable > (MaxUnreachable ?? Infinity);
  if (isOver) return halt(facts, 'BudgetExceeded', machines, now);
  if (Next !== null) return pass(facts, all, Next);
  return promote(facts, { Commit: job.commit, File: job.source.file }, job.machines);
}
