import { ACTIONS } from '../actions/index.ts';
import type { Block } from '../block.ts';
import type { Job } from '../job.ts';
import type { Claim } from '../run.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { durationMs } from '../values/duration.ts';

/** A part that waits for a gate: of which run, and how its job stands now (undefined: it is gone). */
export interface WaitingPart {
  readonly ran: Job;
  readonly claim: Claim;
  readonly current: { readonly job: Job; readonly status: Status } | undefined;
}

/**
 * Why a part that waits is given up; null while it is not. It was frozen at the claim, but who deletes, edits or
 * suspends its job while it waits, for days perhaps, does not expect it to begin.
 */
export function givenUp(part: WaitingPart, now: Date, settings: Settings): Block | null {
  const { ran, claim, current } = part;
  if (!current) return { reason: 'Withdrawn', message: 'Withdrawn, its job is gone' };
  if (current.job.version !== ran.version) return { reason: 'Withdrawn', message: 'Withdrawn, its job was edited' };
  if (current.status.Suspended && claim.trigger !== 'Manual')
    return { reason: 'Withdrawn', message: 'Withdrawn, its job was suspended' };
  const { next, deadline } = endsOf(part, settings);
  if (deadline !== null && now > deadline)
    return {
      reason: 'Overtaken',
      message: `Overtaken, it waited past its StartingDeadline of ${deadlineOf(ran, settings)}`,
    };
  if (next === null || now < next) return null;
  return { reason: 'Overtaken', message: `Overtaken by the run of ${current.status.NextRunTime}` };
}

/** When a part that waits is given up, if nothing changes before; null: never. */
export function givenUpAt(part: WaitingPart, settings: Settings): Date | null {
  const { next, deadline } = endsOf(part, settings);
  const ends = [next, deadline && new Date(deadline.getTime() + 1000)].filter((end) => end !== null);
  return ends.length === 0 ? null : new Date(Math.min(...ends.map(Number)));
}

function endsOf({ ran, claim, current }: WaitingPart, settings: Settings): Record<'next' | 'deadline', Date | null> {
  const NextRunTime = current?.status.Suspended ? null : (current?.status.NextRunTime ?? null);
  const text = deadlineOf(ran, settings);
  const limitMs = text === null ? undefined : durationMs(text);
  return {
    next: NextRunTime === null ? null : new Date(NextRunTime),
    deadline: limitMs === undefined ? null : new Date(Date.parse(claim.nominal) + limitMs),
  };
}

/** What happens once is not done late, unless its job says so (R59). */
const EVENT_DEADLINE = '15m';

/** How late a run of a job may start; null: as late as it comes. */
export function deadlineOf({ spec }: Pick<Job, 'spec'>, settings: Pick<Settings, 'StartingDeadline'>): string | null {
  const isEvent = ACTIONS.get(spec.Action)?.course?.kind === 'Event';
  return spec.Schedule.StartingDeadline ?? (isEvent ? EVENT_DEADLINE : settings.StartingDeadline);
}
