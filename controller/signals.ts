/** What runs until a signal ends it. */
export interface UntilSignal {
  readonly controller: {
    nudge(): void;
    run(): Promise<void>;
    stop(): Promise<void>;
  };
  /** Starts to watch for changes; called once it has begun. */
  listen(): Promise<void>;
}

/** The signals of a process, taken from the moment at which this was made. */
export interface Signals {
  /** Aborted by the first that asks for an end, unless `begun` came before. */
  readonly early: AbortSignal;
  /** From now on signals end, and nudge, this. */
  begun(end: () => void): void;
  /** SIGHUP does this. */
  onNudge(nudge: () => void): void;
  /** They are the system's again. */
  release(): void;
}

/** One Ctrl-C arrives twice where a wrapper such as npm passes on what the terminal has sent already. */
const ONE_KEYPRESS_MS = 100;

/** Takes SIGTERM, SIGINT and SIGHUP; a second SIGINT ends the process at once (R30). */
export function takeSignals(): Signals {
  const early = new AbortController();
  let askedAtMs: number | null = null;
  let end = () => early.abort(new Error('asked to end before it began'));
  let look = () => {};
  const ask = (signal: NodeJS.Signals) => {
    const isAnother = askedAtMs !== null && performance.now() - askedAtMs > ONE_KEYPRESS_MS;
    if (isAnother && signal === 'SIGINT') process.exit(130); // the journal is true at every moment: nothing to save
    askedAtMs = performance.now();
    end();
  };
  const nudge = () => look();
  process.on('SIGTERM', ask).on('SIGINT', ask).on('SIGHUP', nudge);
  return {
    early: early.signal,
    begun: (stop) => (end = stop),
    onNudge: (wanted) => (look = wanted),
    release: () => process.off('SIGTERM', ask).off('SIGINT', ask).off('SIGHUP', nudge),
  };
}

/** What comes to its end by itself, or earlier when a signal asks for it. */
export interface OnceUntilSignal<Outcome> {
  readonly controller: {
    start(): Promise<void>;
    once(): Promise<Outcome | null>;
    stop(): Promise<void>;
  };
}

/**
 * Runs what is due once. Null where a signal asked for an end before: nothing more has begun then, what ran has ended
 * or was ended, and is recorded (R30).
 */
export async function onceUntilSignal<Outcome>(
  { controller }: OnceUntilSignal<Outcome>,
  signals: Signals,
): Promise<Outcome | null> {
  let stopping: Promise<void> | null = null;
  try {
    try {
      await controller.start();
    } catch (error) {
      if (signals.early.aborted) return null;
      throw error;
    }
    signals.begun(() => (stopping ??= controller.stop()));
    if (signals.early.aborted) {
      await controller.stop();
      return null;
    }
    const outcome = await controller.once();
    await stopping;
    return outcome;
  } finally {
    signals.release();
  }
}

/**
 * Begins, and runs a controller until a signal ends it: SIGTERM and the first SIGINT in order, a second SIGINT at once,
 * SIGHUP makes a pass (R30). A signal during `begin` counts when that is over; where it ended what `begin` waited for,
 * nothing is left to do. Resolves when it has stopped.
 */
export async function runUntilSignal(
  { controller, listen }: UntilSignal,
  begin: () => Promise<void>,
  signals = takeSignals(),
): Promise<void> {
  const { early } = signals;
  let stopping: Promise<void> | null = null;
  signals.onNudge(() => controller.nudge());
  try {
    try {
      await begin();
    } catch (error) {
      if (early.aborted) return;
      throw error;
    }
    signals.begun(() => (stopping ??= controller.stop()));
    if (early.aborted) return await controller.stop();
    await listen();
    controller.nudge(); // what changed since the first pass and before the watch
    if (!stopping) await controller.run();
    await stopping;
  } finally {
    signals.release();
  }
}
