import { setTimeout as sleep } from 'node:timers/promises';
import { type Committing, openLocalService } from '../support/local-service.ts';
import { createRandom } from '../torture/chaos.ts';

/** What became of many commits. */
export interface DrivenCommits {
  /** Milliseconds from a commit until it was in force. */
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Those that took longer than allowed. */
  readonly overlooked: readonly string[];
}

export interface DriveOptions {
  readonly count: number;
  readonly seed: number;
  readonly by: Committing;
  readonly withinMs: number;
}

/** The longest distance between two commits. */
const FARTHEST_MS = 300;

/**
 * Commits at random distances: half of them so long after the moment in which a commit of the service became the tip,
 * half of them so long after the human's commit before, whatever the service does meanwhile.
 */
export async function driveCommits({ count, seed, by, withinMs }: DriveOptions): Promise<DrivenCommits> {
  const local = await openLocalService({ by });
  const random = createRandom(seed);
  const elapsed: number[] = [];
  const overlooked: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const [fromOwn, distance] = [random() < 0.5, Math.floor(random() * FARTHEST_MS)];
    if (fromOwn) await local.published();
    await sleep(distance);
    const { inForce } = await local.commit();
    const settled = inForce.then((ms) => {
      elapsed.push(ms);
      if (ms > withinMs) overlooked.push(`${number}: ${distance} ms after ${fromOwn ? 'a publication' : 'a commit'}`);
    });
    if (number % 2 === 0 || number === count) await settled;
  }
  await local.stop();
  elapsed.sort((a, b) => a - b);
  const at = (share: number) => Math.round(elapsed[Math.floor((elapsed.length - 1) * share)] ?? 0);
  return { medianMs: at(0.5), slowestMs: at(1), overlooked };
}
