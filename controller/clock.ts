const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** The only source of time: it is passed in, and tests use a fake one. */
export interface Clock {
  now(): Date;
  /** Resolves at `until` or later, at once when that has passed; rejects with the signal's reason when aborted. */
  sleep(until: Date, signal?: AbortSignal): Promise<void>;
}

/** The host's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(until, signal) {
    for (;;) {
      signal?.throwIfAborted();
      const remainingMs = until.getTime() - Date.now();
      if (remainingMs <= 0) return;
      await pause(Math.min(remainingMs, LONGEST_SLEEP_MS), signal);
    }
  },
};

function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A moment `delayMs` from now by this clock. */
export function after(clock: Clock, delayMs: number): Date {
  return new Date(clock.now().getTime() + delayMs);
}
