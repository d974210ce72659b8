import type { Clock } from '../clock.ts';
import type { Turns } from '../redfish/course/follow.ts';

/** Turns in the order in which they are asked for, each so long after the one before, for all of one executor. */
export function createTurns({ now }: Clock): Turns {
  let next = 0;
  return (everyMs) => {
    const turn = Math.max(next, now().getTime());
    next = turn + everyMs;
    return new Date(turn);
  };
}
