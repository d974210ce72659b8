/**
 * A bounded number of places. Those who wait are let in by turns of their keys, so that a crowd starves nobody (R26).
 */
export interface FairLimit {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Takes effect at once; shrinking lets those inside finish (R25). */
  resize(limit: number): void;
  readonly active: number;
  readonly waiting: number;
}

/** A gate of `limit` places. */
export function createFairLimit(limit: number): FairLimit {
  const queues = new Map<string, (() => void)[]>();
  let places = limit;
  let active = 0;
  let waiting = 0;

  /** The key that has waited longest for its turn gives one waiter in, then queues up behind the others. */
  function admit(): void {
    while (active < places && waiting > 0) {
      const [key, queue] = queues.entries().next().value as [string, (() => void)[]];
      const enter = queue.shift() as () => void;
      queues.delete(key);
      if (queue.length > 0) queues.set(key, queue);
      waiting -= 1;
      active += 1;
      enter();
    }
  }

  return {
    async run(key, work) {
      if (active < places && waiting === 0) active += 1;
      else
        await new Promise<void>((enter) => {
          const queue = queues.get(key) ?? [];
          queue.push(enter);
          queues.set(key, queue);
          waiting += 1;
        });
      try {
        return await work();
      } finally {
        active -= 1;
        admit();
      }
    },
    resize(newLimit) {
      places = newLimit;
      admit();
    },
    get active() {
      return active;
    },
    get waiting() {
      return waiting;
    },
  };
}

/** One at a time for each key, in the order of asking: two runs on one BMC take turns (R26). */
export interface KeyedMutex {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** Turns for any number of keys; a key that nobody uses costs nothing. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = last.get(key);
      const mine = before ? before.then(work, work) : work(); // how the one before ended is its own caller's business
      last.set(key, mine);
      const leave = () => {
        if (last.get(key) === mine) last.delete(key);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
}
