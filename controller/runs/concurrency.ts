import type { MachineID } from '../../definitions/machine.ts';
import { createHeap, type Heap } from '../../definitions/values/heap.ts';

/**
 * At most so many at once. Those that wait are admitted in turns of their keys, so that a crowd with one key starves
 * nobody (R26). Ahead of them come those that had a place and gave it back while they only waited.
 */
export interface FairLimit {
  run<T>(key: string, work: (place: Place) => Promise<T>): Promise<T>;
  /** Takes effect at once; what is active beyond a smaller limit goes on to its end (R25). */
  resize(limit: number): void;
  readonly active: number;
  readonly waiting: number;
  /** Work that goes on without its place. */
  readonly away: number;
}

/** A place that work holds, and gives back while it only waits. */
export interface Place {
  leave(): void;
  /** Takes a place again, ahead of all that have had none yet, and of those that come back from a later `time`. */
  retake(time: Date): Promise<void>;
}

interface LimitState {
  limit: number;
  active: number;
  waiting: number;
  away: number;
  /** How many have come back so far. */
  returned: number;
  readonly returning: Heap<Returning>;
  /** What admits each that waits, by key. The first key is the one whose turn it is. */
  readonly queues: Map<string, (() => void)[]>;
}

/** Work that wants its place again. */
interface Returning {
  readonly time: Date;
  /** Of two that come back from one time the first to ask goes first. */
  readonly number: number;
  readonly admitted: () => void;
}

export function createFairLimit(limit: number): FairLimit {
  const returning = createHeap<Returning>((a, b) => (Number(a.time) - Number(b.time) || a.number - b.number) < 0);
  const state: LimitState = { limit, active: 0, waiting: 0, away: 0, returned: 0, returning, queues: new Map() };
  return {
    async run(key, work) {
      if (state.active < state.limit && state.waiting === 0) state.active += 1;
      else await new Promise<void>((admitted) => enqueue(state, key, admitted));
      const place = createPlace(state);
      try {
        return await work(place);
      } finally {
        place.end();
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
    get away() {
      return state.away;
    },
  };
}

function createPlace(state: LimitState): Place & { end(): void } {
  const place: { standing: 'held' | 'left' | 'ended' } = { standing: 'held' };
  const release = () => {
    state.active -= 1;
    admit(state);
  };
  const hasEnded = () => place.standing === 'ended';
  return {
    leave() {
      if (place.standing !== 'held') return;
      place.standing = 'left';
      state.away += 1;
      release();
    },
    async retake(time) {
      if (place.standing !== 'left') return;
      await comeBack(state, time);
      if (hasEnded()) return release(); // the work was given up meanwhile
      place.standing = 'held';
      state.away -= 1;
    },
    end() {
      const was = place.standing;
      place.standing = 'ended';
      if (was === 'left') state.away -= 1;
      if (was === 'held') release();
    },
  };
}

async function comeBack(state: LimitState, time: Date): Promise<void> {
  if (state.active < state.limit && state.waiting === 0) {
    state.active += 1;
    return;
  }
  state.returned += 1;
  state.waiting += 1;
  await new Promise<void>((admitted) => state.returning.push({ time, number: state.returned, admitted }));
}

function enqueue(state: LimitState, key: string, admitted: () => void): void {
  const queue = state.queues.get(key) ?? [];
  queue.push(admitted);
  state.queues.set(key, queue);
  state.waiting += 1;
}

function admit(state: LimitState): void {
  while (state.active < state.limit && state.waiting > 0) {
    const admitted = state.returning.pop()?.admitted ?? nextInTurn(state);
    state.waiting -= 1;
    state.active += 1;
    admitted();
  }
}

/** The first key has one of its own admitted, then becomes the last. */
function nextInTurn({ queues }: LimitState): () => void {
  const [key, queue] = queues.entries().next().value as [string, (() => void)[]];
  const admitted = queue.shift() as () => void;
  queues.delete(key);
  if (queue.length > 0) queues.set(key, queue);
  return admitted;
}

/** What says of which site a machine is, and how many of it are talked to at once; null: of none. */
export type SiteLimitOf = (machine: MachineID) => { readonly site: string; readonly limit: number } | null;

/** The limit of each machine's site, as it is now: those that wait there hold up no others. */
export function createSiteConnections(siteOf: SiteLimitOf): (machine: MachineID) => FairLimit | null {
  const limits = new Map<string, { readonly fair: FairLimit; size: number }>();
  return (machine) => {
    const found = siteOf(machine);
    if (found === null) return null;
    const { site, limit } = found;
    const known = limits.get(site) ?? { fair: createFairLimit(limit), size: limit };
    limits.set(site, known);
    if (known.size !== limit) known.fair.resize(limit);
    known.size = limit;
    return known.fair;
  };
}

/** One at a time for each key, in the order of the calls: two runs on one BMC take turns (R26). */
export interface KeyedMutex {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether who comes now has to wait. */
  isTaken(key: string): boolean;
}

/** A mutex for any number of keys; a key that is not in use costs nothing. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    isTaken: (key) => last.has(key),
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
