import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../controller/clock.ts';

/** A clock that runs faster than the host's. @param passed real milliseconds since it showed `start` */
export function createFastClock(start: string, speed: number, passed: () => number): Clock {
  const now = () => Date.parse(start) + passed() * speed;
  return {
    now: () => new Date(now()),
    async sleep(end, signal) {
      for (let left = end.getTime() - now(); left > 0; left = end.getTime() - now()) {
        await sleep(Math.min(left / speed, 2 ** 31 - 1), undefined, { signal }).catch((error) => {
          throw signal?.reason ?? error;
        });
      }
    },
  };
}
