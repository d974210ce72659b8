/** Many wake-ups, one pass: a reason to look again, without data (level, not edge). */
export interface Nudge {
  /** Asks for a pass; it begins after the running one, if any. */
  (): void;
  /** Asks for a pass and resolves when one that began after the asking has ended. */
  now(): Promise<void>;
  /** No pass begins any more; resolves when the running one has ended. */
  stop(): Promise<void>;
}

/**
 * Makes a trigger of a pass: however often it is pulled while one runs, one more follows.
 * @param pass must tell of its failures itself; what it throws goes to `failed`
 */
export function createNudge(pass: () => Promise<void>, failed: (error: unknown) => void): Nudge {
  let wanted = false;
  let stopped = false;
  let running: Promise<void> | null = null;
  let next: Promise<void> = Promise.resolve();

  async function drain(): Promise<void> {
    await Promise.resolve(); // calls of one moment are one wake-up
    while (wanted && !stopped) {
      wanted = false;
      await pass().catch(failed);
    }
    running = null;
  }
  function nudge(): void {
    if (stopped) return;
    wanted = true;
    running ??= next = drain();
  }
  return Object.assign(nudge, {
    now: () => {
      nudge();
      return next;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  });
}
