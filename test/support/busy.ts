import { AsyncLocalStorage } from 'node:async_hooks';

/** What is going on behind the doors of a controller that is stepped through time. */
export interface Busy {
  /** The door, with what goes in counted until it comes out. */
  watch<Door extends object>(door: Door): Door;
  /** What is behind the door that asks now waits for the clock (+1), or goes on (-1). */
  asleep(change: number): void;
  /** Resolves when nothing goes on but what waits for the clock. */
  settled(): Promise<void>;
}

/** Turns of the event loop without any news after which nothing goes on. */
const QUIET_TURNS = 3;

interface Call {
  sleeping: number;
}

/**
 * Counts calls. Between two doors a controller does nothing but compute, so quiet doors are a quiet controller.
 * @param sleepers false: nothing behind the doors waits for the clock, which costs less to know
 */
export function createBusy(sleepers = true): Busy {
  const calls = new Set<Call>();
  const current = new AsyncLocalStorage<Call>();
  const hearing = new Set<() => void>();
  let news = 0;

  function tell(): void {
    news += 1;
    for (const hear of hearing) hear();
    hearing.clear();
  }

  function counted<Value>(work: () => Value): Value {
    const call: Call = { sleeping: 0 };
    const value = sleepers ? current.run(call, work) : work();
    tell();
    if (!(value instanceof Promise)) return value;
    calls.add(call);
    const leave = () => {
      calls.delete(call);
      tell();
    };
    value.then(leave, leave);
    return value;
  }

  return {
    watch: (door) =>
      new Proxy(door, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => counted(() => Reflect.apply(value, target, args) as unknown);
        },
      }),
    asleep(change) {
      const call = current.getStore();
      if (call) call.sleeping += change;
      tell();
    },
    async settled() {
      for (let quiet = 0, seen = news; quiet < QUIET_TURNS; quiet += 1) {
        await new Promise(setImmediate);
        const isAwake = [...calls].some((call) => call.sleeping === 0);
        if (!isAwake && seen === news) continue;
        if (isAwake) await new Promise<void>((resolve) => hearing.add(resolve));
        quiet = -1;
        seen = news;
      }
    },
  };
}
