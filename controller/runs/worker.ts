import type { Place } from './concurrency.ts';

/**
 * The worker of a run (R25). Who waits gives way: while each part that has not ended only waits, the run gives its
 * worker back, and takes one again, ahead of new runs, when the first of them has something to do.
 */
export interface Worker {
  /** One part's share in it. */
  share(): WorkerShare;
}

/** What a part says of itself to its run's worker. */
export interface WorkerShare {
  /**
   * It begins to wait: for its machine's turn, or for a time. Who waits for a turn is in the way of no run that comes
   * back, but of new ones: where many jobs of one machine are due, they stay due, and can be edited, until their turn.
   */
  pause(reason: WaitReason): void;
  /** It has something to do again, since `time`, else since now: resolves when the run has its worker. */
  resume(time?: Date): Promise<void>;
  end(): void;
}

type WaitReason = 'turn' | 'time';

interface WorkerState {
  readonly place: Place;
  readonly now: () => Date;
  readonly waits: (isWaiting: boolean) => void;
  /** Parts that have not ended; how many of them wait, and how many of those for a turn. */
  parts: number;
  paused: number;
  turns: number;
  hasPlace: boolean;
  /** The run wants its worker again. */
  returning: Promise<void> | null;
  isWaiting: boolean;
}

export interface WorkerOptions {
  /** The run's place among `WorkerPoolSize`. */
  readonly place: Place;
  readonly parts: number;
  readonly now: () => Date;
  /** Called when all that is left of the run begins to wait for a time, and when that ends. */
  readonly waits: (isWaiting: boolean) => void;
}

export function createWorker({ place, parts, now, waits }: WorkerOptions): Worker {
  const state: WorkerState = {
    place,
    now,
    waits,
    parts,
    paused: 0,
    turns: 0,
    hasPlace: true,
    returning: null,
    isWaiting: false,
  };
  return { share: () => createShare(state) };
}

/** For work that no pool of workers is asked for. */
export const NO_WORKER: Worker = {
  share: () => ({ pause: () => undefined, resume: async () => undefined, end: () => undefined }),
};

function createShare(state: WorkerState): WorkerShare {
  const share: { reason: WaitReason | null } = { reason: null };
  const set = (reason: WaitReason | null) => {
    state.paused += Number(reason !== null) - Number(share.reason !== null);
    state.turns += Number(reason === 'turn') - Number(share.reason === 'turn');
    share.reason = reason;
  };
  return {
    pause(reason) {
      set(reason);
      update(state);
    },
    async resume(time = state.now()) {
      set(null);
      if (state.hasPlace) return;
      state.returning ??= comeBack(state, time);
      await state.returning;
    },
    end() {
      set(null);
      state.parts -= 1;
      update(state);
    },
  };
}

async function comeBack(state: WorkerState, time: Date): Promise<void> {
  await state.place.retake(time);
  state.returning = null;
  state.hasPlace = true;
  update(state);
}

function update(state: WorkerState): void {
  const { place, parts, paused, turns, waits } = state;
  if (state.hasPlace && parts > 0 && paused === parts) {
    state.hasPlace = false;
    place.leave();
  }
  const isWaiting = !state.hasPlace && parts > 0 && turns === 0;
  if (isWaiting === state.isWaiting) return;
  state.isWaiting = isWaiting;
  waits(isWaiting);
}
