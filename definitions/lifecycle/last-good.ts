import type { Job, JobID } from '../job.ts';
import type { Problem } from '../problem.ts';
import type { Status } from '../status.ts';
import { counted } from '../values/text.ts';
import { withCondition } from './conditions.ts';

/** What is asked for, and of what is in force the items that are refused now (R21). */
export function lastGood<Item>(
  current: ReadonlyMap<string, Item>,
  desired: ReadonlyMap<string, Item>,
  refused: (item: Item) => boolean,
): ReadonlyMap<string, Item> {
  const kept: [string, Item][] = [];
  for (const [id, item] of current) if (!desired.has(id) && refused(item)) kept.push([id, item]);
  return kept.length === 0 ? desired : new Map([...desired, ...kept]);
}

/** So many jobs may vanish at once whatever share of a small fleet they are, less one (R47). */
const FEWEST_HELD = 3;

/** The reason of a job that has vanished with too many others, and stays in force. */
const UNCONFIRMED = 'RemovalUnconfirmed';

/** Jobs whose removal waits for somebody who confirms it, and the commit from which each is gone (R47). */
export type Held = ReadonlyMap<JobID, string>;

/** What the guard against mass removal goes by. */
export interface Vanishing {
  /** The jobs that a commit no longer asks for. */
  readonly gone: readonly Job[];
  /** How many jobs are in force. */
  readonly inForce: number;
  /** Whether the commit has no manifest at all. */
  readonly isEmpty: boolean;
}

/**
 * Of the jobs that a commit would remove those that stay in force until somebody confirms it (R47): all of them when
 * they are most of the fleet, and in any case those that are held already, however many jobs come in the meantime.
 */
export function unconfirmed({ gone, inForce, isEmpty }: Vanishing, held: Held): readonly Job[] {
  const isMost = gone.length >= FEWEST_HELD && gone.length * 2 > inForce;
  return isMost || isEmpty ? gone : gone.filter(({ id }) => held.has(id));
}

/** The removals that are held, each with the commit from which it is gone. */
export function heldSince(jobs: readonly Job[], before: Held, commit: string): Held {
  return new Map(jobs.map(({ id }) => [id, before.get(id) ?? commit]));
}

/** What people are told of held removals. @param inForce how many jobs are in force, those that are held among them */
export function removalProblem(held: Held, inForce: number): Problem {
  const commit = ([...held.values()].at(-1) ?? '').slice(0, 12);
  const what = `${counted(held.size, 'job')} of ${inForce} ${held.size === 1 ? 'is' : 'are'} gone as of commit ${commit}`;
  const how = `bring them back, or confirm it: start with --accept-removals ${commit}, or push a commit whose message ends in "Bmcron-Accept-Removals: ${held.size}"`;
  return {
    file: 'jobs',
    line: 1,
    column: 1,
    path: '$',
    stage: 'structure',
    rule: 'R47',
    message: `${what}: too many at once, so they stay in force; ${how}`,
    severity: 'error',
  };
}

/** The facts of a job whose removal is held. */
export function withRemovalHeld(status: Status, commit: string, now: Date): Status {
  const Message = `its manifest is gone as of commit ${commit}, with too many others: nobody has confirmed it`;
  const facts = withCondition(status, { Type: 'Valid', Status: 'False', Reason: UNCONFIRMED, Message }, now);
  return facts === status ? status : { ...facts, ObservedCommit: commit };
}

/** The commit from which a job is gone whose removal is held; null when it is not. */
export function removalHeld({ Conditions, ObservedCommit }: Status): string | null {
  return Conditions.some(({ Reason }) => Reason === UNCONFIRMED) ? ObservedCommit : null;
}
