/**
 * A reason to look again, without data: a pass compares the whole desired state with the whole current one, so that
 * many nudges may be one pass (level, not edge). A nudge that comes during a pass is never lost: another pass follows.
 */
export interface Nudge {
  /** Asks for a pass; it begins after the one that runs, if any. */
  (): void;
  /**
   * Makes the first pass, which answers the nudges before it; until then none begins. Rejects with what it throws, and
   * no pass follows.
   */
  begin(): Promise<void>;
  /** Asks for a pass, and resolves when one that began after this call has ended. */
  now(): Promise<void>;
  /** From now on no pass begins; resolves when the one that runs has ended. */
  stop(): Promise<void>;
}

interface NudgeState {
  /** Whether a pass is asked for that has not begun. */
  wanted: boolean;
  stopped: boolean;
  /** Settles when no pass is wanted any more; null while none runs. */
  running: Promise<void> | null;
  /** The running one, or the one before. */
  latest: Promise<void>;
}

/**
 * Turns a pass into a nudge: however often it is called during a pass, one more pass follows.
 * @param failed hears what a pass throws, but for the first
 */
export function createNudge(pass: () => Promise<void>, failed: (error: unknown) => void): Nudge {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const first = opened.then(drain);
  const state: NudgeState = { wanted: false, stopped: false, running: first, latest: first };

  async function drain(): Promise<void> {
    await Promise.resolve(); // calls of one moment are one wake-up
    while (state.wanted && !state.stopped) {
      state.wanted = false;
      await pass()
        .catch(failed)
        .catch(() => undefined); // whoever cannot be told must not end all looking
    }
    state.running = null;
  }
  function nudge(): void {
    if (state.stopped) return;
    state.wanted = true;
    state.running ??= state.latest = drain();
  }
  return Object.assign(nudge, {
    begin: async () => {
      state.wanted = false;
      try {
        await pass();
      } catch (error) {
        state.stopped = true;
        throw error;
      } finally {
        open();
      }
    },
    now: () => {
      nudge();
      return state.latest;
    },
    stop: async () => {
      state.stopped = true;
      open();
      await state.running;
    },
  });
}
