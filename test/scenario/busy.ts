/** What is going on behind the doors of a controller that is stepped through time. */
export interface Busy {
  /** The door, with what goes in counted until it comes out. */
  watch<Door extends object>(door: Door): Door;
  /** Something inside waits for the clock (+1), or goes on (-1). */
  asleep(change: number): void;
  /** Resolves when nothing goes on but what waits for the clock. */
  settled(): Promise<void>;
}

/** Turns of the event loop without any news after which nothing goes on. */
const QUIET_TURNS = 3;

/** Counts calls. Between two doors a controller does nothing but compute, so quiet doors are a quiet controller. */
export function createBusy(): Busy {
  let inside = 0;
  let sleeping = 0;
  let news = 0;
  let heard = () => {};

  function tell(): void {
    news += 1;
    heard();
  }

  function counted<Value>(value: Value): Value {
    tell();
    if (!(value instanceof Promise)) return value;
    inside += 1;
    const leave = () => {
      inside -= 1;
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
          return (...args: unknown[]) => counted(Reflect.apply(value, target, args) as unknown);
        },
      }),
    asleep(change) {
      sleeping += change;
      tell();
    },
    async settled() {
      for (let quiet = 0, seen = news; quiet < QUIET_TURNS; quiet += 1) {
        await new Promise(setImmediate);
        if (inside <= sleeping && seen === news) continue;
        if (inside > sleeping) {
          await new Promise<void>((resolve) => {
            heard = resolve;
          });
        }
        quiet = -1;
        seen = news;
      }
    },
  };
}
