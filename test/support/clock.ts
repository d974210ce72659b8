import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../controller/clock.ts';

interface Sleeper {
  /** The time on the wall that is waited for. */
  readonly until: number;
  /** When the timer fires, in the time that passes whatever the wall says. */
  readonly fires: number;
  readonly wake: () => void;
  /** What a reader of `sleeping` recognises. */
  readonly owner: string;
}

/** A view of the clock that somebody holds; after `end` nothing that it was asked for ever comes. */
export interface ClockView extends Clock {
  end(): void;
}

/** A clock that a test turns. As on a host, the wall's time may jump while timers run by the time that has passed. */
export interface FakeClock extends Clock {
  /** A view of its own: for a process that may be killed. `asleep` hears +1 and -1. */
  view(owner?: string, asleep?: (change: number) => void): ClockView;
  /** The wall time at which the next timer fires, if nothing jumps; null when nothing waits. */
  next(): Date | null;
  /** Lets time pass up to a moment, and fires what is due then; no further timer lies between, or it fires late. */
  pass(to: Date): void;
  /** Moves the wall alone, forward or back, as a suspended host or an administrator does. */
  jump(to: Date): void;
  /** The moments that an owner waits for. */
  sleeping(owner: string): readonly Date[];
}

/** A clock that stands still until it is turned. */
export function createFakeClock(start: string): FakeClock {
  const sleepers = new Set<Sleeper>();
  let wall = Date.parse(start);
  let passed = 0;

  function view(owner = '', asleep?: (change: number) => void): ClockView {
    let ended = false;
    return {
      now: () => new Date(wall),
      sleep(until, signal) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (ended) return new Promise(() => undefined);
        if (until.getTime() <= wall) return Promise.resolve();
        asleep?.(1);
        // told from where it sleeps, not from who wakes it
        const rouse = asleep && AsyncResource.bind(() => asleep(-1));
        return new Promise<void>((resolve, reject) => {
          const leave = () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abort);
            if (!ended) rouse?.();
          };
          const abort = () => {
            leave();
            if (!ended) reject(signal?.reason);
          };
          const wake = () => {
            leave();
            if (!ended) resolve(this.sleep(until, signal)); // as the host's clock: the wall is asked again
          };
          const sleeper = { until: until.getTime(), fires: passed + until.getTime() - wall, wake, owner };
          sleepers.add(sleeper);
          signal?.addEventListener('abort', abort, { once: true });
        });
      },
      end() {
        ended = true;
        for (const sleeper of sleepers) if (sleeper.owner === owner) sleepers.delete(sleeper);
      },
    };
  }

  function first(): Sleeper | undefined {
    let least: Sleeper | undefined;
    for (const sleeper of sleepers) if (!least || sleeper.fires < least.fires) least = sleeper;
    return least;
  }

  const own = view();
  return {
    now: own.now,
    sleep: (until, signal) => own.sleep(until, signal),
    view,
    next() {
      const sleeper = first();
      return sleeper ? new Date(wall + sleeper.fires - passed) : null;
    },
    pass(to) {
      passed += Math.max(0, to.getTime() - wall);
      wall = Math.max(wall, to.getTime());
      const due = [...sleepers].filter((sleeper) => sleeper.fires <= passed).sort((a, b) => a.fires - b.fires);
      for (const sleeper of due) sleeper.wake();
    },
    jump(to) {
      wall = to.getTime();
    },
    sleeping: (owner) => [...sleepers].filter((each) => each.owner === owner).map((each) => new Date(each.until)),
  };
}
