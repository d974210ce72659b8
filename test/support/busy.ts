import { AsyncLocalStorage } from 'node:async_hooks';

/** Whether a controller that is stepped through time still works: a call through its ports has not returned. */
export interface Busy {
  /** The port, with each call of its methods counted until it returns. */
  watch<Port extends object>(port: Port): Port;
  /** The call that runs now waits for the clock (+1), or goes on (-1). */
  asleep(change: number): void;
  /** Resolves when nothing goes on but what waits for the clock. */
  settled(): Promise<void>;
}

/** Turns of the event loop without a change after which nothing goes on. */
const QUIET_TURNS = 3;

interface Call {
  sleeping: number;
}

/**
 * Counts calls. Between two calls a controller does nothing but compute, so quiet ports are a quiet controller.
 * @param sleepers false: no call waits for the clock, which costs less to know
 */
export function createBusy(sleepers = true): Busy {
  const calls = new Set<Call>();
  const current = new AsyncLocalStorage<Call>();
  const waiting = new Set<() => void>();
  let changes = 0;

  function changed(): void {
    changes += 1;
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  function counted<Value>(work: () => Value): Value {
    const call: Call = { sleeping: 0 };
    const value = sleepers ? current.run(call, work) : work();
    changed();
    if (!(value instanceof Promise)) return value;
    calls.add(call);
    const leave = () => {
      calls.delete(call);
      changed();
    };
    value.then(leave, leave);
    return value;
  }

  return {
    watch: (port) =>
      new Proxy(port, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => counted(() => Reflect.apply(value, target, args) as unknown);
        },
      }),
    asleep(change) {
      const call = current.getStore();
      if (call) call.sleeping += change;
      changed();
    },
    async settled() {
      for (let quiet = 0, seen = changes; quiet < QUIET_TURNS; quiet += 1) {
        await new Promise(setImmediate);
        const isAwake = [...calls].some((call) => call.sleeping === 0);
        if (!isAwake && seen === changes) continue;
        if (isAwake) await new Promise<void>((resolve) => waiting.add(resolve));
        quiet = -1;
        seen = changes;
      }
    },
  };
}
