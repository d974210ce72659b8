import type { Job } from '../job.ts';
import { haltedBy } from '../lifecycle/rollout-start.ts';
import { isState, rolloutOf } from '../rollout/defaults.ts';
import type { FrozenRollout, FrozenWave } from '../run.ts';
import type { Status } from '../status.ts';

/**
 * The waves in a line, as names and numbers:
 * `canary m1, halts at the 1st failure; rest: 287 machines, at most 28 at once, halts above 5 failed`. Waves without
 * machines are passed over (W09).
 */
export function printWaves({ waves, maxFailed, maxUnreachable }: FrozenRollout): string {
  const lines = waves.filter(({ machines }) => machines.length > 0).map(waveText);
  const limits = [limitText(maxFailed, 'failed'), limitText(maxUnreachable, 'unreachable')].filter((each) => each);
  if (limits.length > 0) lines.push(`all waves together: halts above ${limits.join(' or ')}`);
  return lines.join('; ');
}

function waveText({ name, machines, maxConcurrent, maxFailures }: FrozenWave): string {
  const isOne = machines.length === 1;
  const parts = [isOne ? `${name} ${machines[0]}` : `${name}: ${machines.length} machines`];
  if (maxConcurrent !== null && maxConcurrent < machines.length) parts.push(`at most ${maxConcurrent} at once`);
  // A limit that the wave cannot exceed is none.
  if (maxFailures < machines.length) {
    parts.push(maxFailures === 0 ? 'halts at the 1st failure' : `halts above ${maxFailures} failed`);
  }
  return parts.join(', ');
}

function limitText(limit: number | null, what: string): string {
  return limit === null ? '' : `${limit} ${what}`;
}

/**
 * The sentences on a rollout that stands still: since when and why, what runs meanwhile though Git says otherwise, and
 * the one line to change; null: it does not.
 */
export function haltText(
  { id, spec, source }: Job,
  { Rollout: facts }: Pick<Status, 'Rollout'>,
): readonly string[] | null {
  const rollout = rolloutOf(spec);
  if (!rollout || !facts?.Halted) return null;
  const { Halted, Promoted, Effect, Wave } = facts;
  const at = rollout.Waves[Wave]?.Name ?? `wave ${Wave + 1}`;
  const isKept = Promoted && Promoted.Effect !== Effect && rollout.OnHalt === 'Promoted' && isState(spec.Action);
  const meanwhile =
    isKept && spec.Schedule.Type === 'Continuous'
      ? `its runs set what commit ${Promoted.Commit.slice(0, 12)} says, not what Git says now`
      : 'nothing of it runs';
  const why = `${id} is halted at ${at} since ${Halted.Since}: ${haltedBy(Halted)}`;
  return [why, `meanwhile ${meanwhile}`, `to go on, give ${source.file} a new Rollout.Resume`];
}
