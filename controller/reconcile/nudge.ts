/**
 * A reason to look again, without data: a pass compares the whole desired state with the whole current one, so that
 * many nudges may be one pass (level, not edge). A nudge that comes during a pass is never lost: another pass follows.
 */
export interface Nudge {
  /** Asks for a pass; it begins after the one that runs, if any. */
  (): void;
  /** Asks for a pass, and resolves when one that began after this call has ended. */
  now(): Promise<void>;
  /** From now on no pass begins; resolves when the one that runs has ended. */
  stop(): Promise<void>;
}

/**
 * Turns a pass into a nudge: however often it is called during a pass, one more pass follows.
 * @param failed hears what a pass throws; it must not throw
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
