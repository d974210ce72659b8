import type { MachineID } from '../../definitions/machine.ts';
import type { RunID } from '../../definitions/run.ts';

/** What keeps BMCs from being asked too much at once (R26). */
export interface BmcLimits {
  /** `MaxConnections` over all runs. */
  readonly connections: FairLimit;
  /** One run at a time on a machine. */
  readonly machines: KeyedMutex;
}

/**
 * Does the work of a run on a machine when the machine's turn has come and a connection is free (R26). In this order: a
 * run that waits for its machine must not hold a connection.
 */
export function onMachine<T>(limits: BmcLimits, run: RunID, machine: MachineID, work: () => Promise<T>): Promise<T> {
  return limits.machines.run(machine, () => limits.connections.run(run, work));
}

/**
 * At most so many at once. Those that wait are admitted in turns of their keys, so that a crowd with one key starves
 * nobody (R26).
 */
export interface FairLimit {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Takes effect at once; what is active beyond a smaller limit goes on to its end (R25). */
  resize(limit: number): void;
  readonly active: number;
  readonly waiting: number;
}

interface LimitState {
  limit: number;
  active: number;
  waiting: number;
  /** What admits each that waits, by key. The first key is the one whose turn it is. */
  readonly queues: Map<string, (() => void)[]>;
}

export function createFairLimit(limit: number): FairLimit {
  const state: LimitState = { limit, active: 0, waiting: 0, queues: new Map() };
  return {
    async run(key, work) {
      if (state.active < state.limit && state.waiting === 0) state.active += 1;
      else await new Promise<void>((admitted) => enqueue(state, key, admitted));
      try {
        return await work();
      } finally {
        state.active -= 1;
        admit(state);
      }
    },
    resize(newLimit) {
      state.limit = newLimit;
      admit(state);
    },
    get active() {
      return state.active;
    },
    get waiting() {
      return state.waiting;
    },
  };
}

function enqueue(state: LimitState, key: string, admitted: () => void): void {
  const queue = state.queues.get(key) ?? [];
  queue.push(admitted);
  state.queues.set(key, queue);
  state.waiting += 1;
}

/** The first key has one of its own admitted, then becomes the last. */
function admit(state: LimitState): void {
  const { queues } = state;
  while (state.active < state.limit && state.waiting > 0) {
    const [key, queue] = queues.entries().next().value as [string, (() => void)[]];
    const admitted = queue.shift() as () => void;
    queues.delete(key);
    if (queue.length > 0) queues.set(key, queue);
    state.waiting -= 1;
    state.active += 1;
    admitted();
  }
}

/** One at a time for each key, in the order of the calls: two runs on one BMC take turns (R26). */
export interface KeyedMutex {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** A mutex for any number of keys; a key that is not in use costs nothing. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const previous = last.get(key);
      const current = previous ? previous.then(work, work) : work(); // the previous one's caller hears of its error
      last.set(key, current);
      const release = () => {
        if (last.get(key) === current) last.delete(key);
      };
      current.then(release, release);
      return current;
    },
  };
}
