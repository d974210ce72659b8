import type { MachineID } from '../machine.ts';
import { type FrozenRollout, type Outcome, succeeded } from '../run.ts';
import type { Halt, Spent } from '../status.ts';

/** How far a wave has come. */
export interface WaveProgress {
  readonly wave: number;
  /** What the waves before took of the budget. */
  readonly spent: Spent;
  readonly results: ReadonlyMap<MachineID, Outcome>;
  /** When its last part ended; null: parts are open. */
  readonly ended: Date | null;
  /** Machines whose values had gone back at the second look (`Reverted`); null: nobody has looked yet. */
  readonly reverted: readonly MachineID[] | null;
}

/** What follows for the rollout. */
export type WaveVerdict =
  | { readonly verdict: 'going' }
  | { readonly verdict: 'soak'; readonly until: Date; readonly spent: Spent }
  | { readonly verdict: 'look' }
  | { readonly verdict: 'passed'; readonly spent: Spent }
  /** A crash or a stop cut it off: the same wave is taken again (W13). */
  | { readonly verdict: 'repeat' }
  | { readonly verdict: 'halt'; readonly reason: Halt['Reason']; readonly machines: readonly MachineID[] };

/** What the results of a wave mean so far, by the order of what is worst (W04–W08, W13). */
export function judgeWave(frozen: FrozenRollout, progress: WaveProgress, now: Date): WaveVerdict {
  const wave = frozen.waves[progress.wave];
  if (!wave) return { verdict: 'passed', spent: progress.spent };
  const { failed, unreachable } = wrongIn(frozen, progress);
  const spent = {
    Failed: progress.spent.Failed + failed.length,
    Unreachable: progress.spent.Unreachable + unreachable.length,
  };
  if (failed.length > wave.maxFailures) return { verdict: 'halt', reason: 'WaveFailed', machines: failed };
  if (spent.Failed > (frozen.maxFailed ?? Infinity) || spent.Unreachable > (frozen.maxUnreachable ?? Infinity)) {
    return { verdict: 'halt', reason: 'BudgetExceeded', machines: [...failed, ...unreachable] };
  }
  if (progress.ended === null) return { verdict: 'going' };
  const outcomes = wave.machines.map((id) => progress.results.get(id));
  if (outcomes.some((outcome) => outcome === undefined || outcome === 'Interrupted')) return { verdict: 'repeat' };
  if (progress.wave === 0 && unreachable.length === wave.machines.length) {
    return { verdict: 'halt', reason: 'NothingProved', machines: unreachable };
  }
  return afterParts(wave.soakMs, progress.ended, progress.reverted, spent, now);
}

function afterParts(
  soakMs: number,
  ended: Date,
  reverted: readonly MachineID[] | null,
  spent: Spent,
  now: Date,
): WaveVerdict {
  const until = new Date(ended.getTime() + soakMs);
  if (now < until) return { verdict: 'soak', until, spent };
  if (soakMs > 0 && reverted === null) return { verdict: 'look' };
  return { verdict: 'passed', spent };
}

/** Whose parts count as failed, and whose as not reached: apart only where there is a budget for these (W07). */
function wrongIn({ waves, maxUnreachable }: FrozenRollout, { wave, results, reverted }: WaveProgress) {
  const failed: MachineID[] = [];
  const unreachable: MachineID[] = [];
  for (const id of waves[wave]?.machines ?? []) {
    const outcome = results.get(id);
    if (outcome === undefined || outcome === 'Interrupted') continue; // not known: the wave is taken again
    if (outcome === 'Unreachable' && maxUnreachable !== null) unreachable.push(id);
    else if (!succeeded(outcome) || reverted?.includes(id)) failed.push(id);
  }
  return { failed, unreachable };
}

/** Whether a flat run has exceeded the budget of the rollout: its rest is skipped (W15). */
export function isOverBudget(frozen: FrozenRollout, outcomes: readonly Outcome[]): boolean {
  const away = outcomes.filter((outcome) => outcome === 'Unreachable').length;
  const failed = outcomes.filter((outcome) => !succeeded(outcome)).length - (frozen.maxUnreachable === null ? 0 : away);
  return failed > (frozen.maxFailed ?? Infinity) || away > (frozen.maxUnreachable ?? Infinity);
}
