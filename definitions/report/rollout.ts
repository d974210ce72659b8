import type { JobID } from '../job.ts';
import { haltedBy } from '../lifecycle/rollout-start.ts';
import type { FrozenRollout, FrozenWave } from '../run.ts';
import type { RolloutFacts } from '../status.ts';

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

/** The sentence on a rollout that stands still: since when, why, and the one line to change; null: it does not. */
export function haltText(
  job: JobID,
  file: string,
  { Halted, Wave }: RolloutFacts,
  waves: readonly FrozenWave[],
): string | null {
  if (!Halted) return null;
  const at = waves[Wave]?.name ?? `wave ${Wave + 1}`;
  return `${job} is halted at ${at} since ${Halted.Since}: ${haltedBy(Halted)}. To go on, give ${file} a new Rollout.Resume`;
}
