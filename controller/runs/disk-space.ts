import { after, type Clock } from '../clock.ts';

/** How long an answer counts: for runs that begin together, and not for one that is asked for a moment later. */
const FRESH_MS = 200;

interface SpaceState {
  readonly clock: Clock;
  readonly ask: (machines: number) => Promise<boolean>;
  /** Until when the last answer counts. */
  freshUntil: Date;
  /** For how many machines the last answer was yes, and how many of these have begun since. */
  granted: number;
  used: number;
  /** How many began on the answer before: as many may come again. */
  usedBefore: number;
  /** Checks that have not ended. */
  pending: number;
  lastCheck: Promise<unknown>;
}

/**
 * Whether the disk has space for what so many further machines will record (R40). The disk is asked seldom, however
 * many runs begin together: for more machines than one run has, and the next runs are answered at once.
 */
export function createDiskSpace(
  clock: Clock,
  ask: (machines: number) => Promise<boolean>,
): (machines: number) => boolean | Promise<boolean> {
  const state: SpaceState = {
    clock,
    ask,
    freshUntil: new Date(0),
    granted: 0,
    used: 0,
    usedBefore: 0,
    pending: 0,
    lastCheck: Promise.resolve(),
  };
  return (machines) => {
    if (state.pending === 0 && state.used + machines <= state.granted && clock.now() < state.freshUntil) {
      state.used += machines;
      return true;
    }
    state.pending += 1;
    const check = state.lastCheck.then(() => hasSpace(state, machines)); // in the order of the claims (R25)
    state.lastCheck = check
      .catch(() => undefined)
      .finally(() => {
        state.pending -= 1;
      });
    return check;
  };
}

async function hasSpace(state: SpaceState, machines: number): Promise<boolean> {
  const { clock, ask } = state;
  if (clock.now() >= state.freshUntil) {
    state.usedBefore = state.used;
    state.used = state.granted = 0;
  }
  state.used += machines;
  if (state.used <= state.granted) return true;
  const wanted = Math.max(state.used * 2, state.usedBefore);
  state.freshUntil = after(clock, FRESH_MS);
  if (await ask(wanted)) {
    state.granted = Math.max(state.granted, wanted);
    return true;
  }
  if (await ask(state.used)) return true;
  state.used -= machines;
  return false;
}
