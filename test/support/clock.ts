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

/** A clock for tests. As on a host, the wall's time may jump while timers run by the time that has passed. */
export interface FakeClock extends Clock {
  /** A view of its own: for a process that may be killed. `asleep` hears +1 and -1. */
  view(owner?: string, asleep?: (change: number) => void): ClockView;
  /** The wall time at which the next timer fires, if nothing jumps; null when nothing waits. */
  next(): Date | null;
  /** Lets time pass up to a moment, and fires what is due then; no further timer lies between, or it fires late. */
  advance(to: Date): void;
  /** Moves the wall alone, forward or back, as a suspended host or an administrator does. */
  jump(to: Date): void;
  /** The moments that an owner waits for. */
  sleeping(owner: string): readonly Date[];
}

interface ClockState {
  /** What the wall shows, in ms. */
  wall: number;
  /** How much time has passed, in ms. */
  passed: number;
  readonly sleepers: Set<Sleeper>;
}

interface ViewState {
  readonly owner: string;
  readonly asleep: ((change: number) => void) | undefined;
  ended: boolean;
}

/** A clock whose time passes only when a test says so. */
export function createFakeClock(start: string): FakeClock {
  const state: ClockState = { wall: Date.parse(start), passed: 0, sleepers: new Set() };
  const own = createView(state, '');
  return {
    now: own.now,
    sleep: (until, signal) => own.sleep(until, signal),
    view: (owner = '', asleep) => createView(state, owner, asleep),
    next() {
      const sleeper = first(state);
      return sleeper ? new Date(state.wall + sleeper.fires - state.passed) : null;
    },
    advance(to) {
      state.passed += Math.max(0, to.getTime() - state.wall);
      state.wall = Math.max(state.wall, to.getTime());
      const due = [...state.sleepers].filter(({ fires }) => fires <= state.passed).sort((a, b) => a.fires - b.fires);
      for (const sleeper of due) sleeper.wake();
    },
    jump(to) {
      state.wall = to.getTime();
    },
    sleeping: (owner) => [...state.sleepers].filter((each) => each.owner === owner).map((each) => new Date(each.until)),
  };
}

function createView(state: ClockState, owner: string, asleep?: (change: number) => void): ClockView {
  const view: ViewState = { owner, asleep, ended: false };
  return {
    now: () => new Date(state.wall),
    sleep: (until, signal) => sleep(state, view, until, signal),
    end() {
      view.ended = true;
      for (const sleeper of state.sleepers) if (sleeper.owner === owner) state.sleepers.delete(sleeper);
    },
  };
}

function sleep(state: ClockState, view: ViewState, until: Date, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (view.ended) return new Promise(() => undefined);
  if (until.getTime() <= state.wall) return Promise.resolve();
  const { asleep, owner } = view;
  asleep?.(1);
  // called from where it sleeps, not from who wakes it
  const awake = asleep && AsyncResource.bind(() => asleep(-1));
  return new Promise<void>((resolve, reject) => {
    const leave = () => {
      state.sleepers.delete(sleeper);
      signal?.removeEventListener('abort', abort);
      if (!view.ended) awake?.();
    };
    const abort = () => {
      leave();
      if (!view.ended) reject(signal?.reason);
    };
    const wake = () => {
      leave();
      if (!view.ended) resolve(sleep(state, view, until, signal)); // as the host's clock: the wall is asked again
    };
    const sleeper = { until: until.getTime(), fires: state.passed + until.getTime() - state.wall, wake, owner };
    state.sleepers.add(sleeper);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function first({ sleepers }: ClockState): Sleeper | undefined {
  let least: Sleeper | undefined;
  for (const sleeper of sleepers) if (!least || sleeper.fires < least.fires) least = sleeper;
  return least;
}
