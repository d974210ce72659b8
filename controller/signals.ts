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

/** One Ctrl-C arrives twice where a wrapper such as npm passes on what the terminal has sent already. */
const ONE_KEYPRESS_MS = 100;

/**
 * Begins, and runs a controller until a signal ends it: SIGTERM and the first SIGINT in order, a second SIGINT at once,
 * SIGHUP makes a pass (R30). A signal during `begin` counts when that is over. Resolves when it has stopped.
 */
export async function runUntilSignal({ controller, listen }: UntilSignal, begin: () => Promise<void>): Promise<void> {
  let stopping: Promise<void> | null = null;
  let askedAtMs: number | null = null;
  let begun = false;
  const end = (signal: NodeJS.Signals) => {
    const isAnother = askedAtMs !== null && performance.now() - askedAtMs > ONE_KEYPRESS_MS;
    if (isAnother && signal === 'SIGINT') process.exit(130); // the journal is true at every moment: nothing to save
    askedAtMs = performance.now();
    if (begun) stopping ??= controller.stop();
  };
  const nudge = () => controller.nudge();
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', nudge);
  try {
    await begin();
    begun = true;
    if (askedAtMs !== null) return await controller.stop();
    await listen();
    controller.nudge(); // what changed since the first pass and before the watch
    if (!stopping) await controller.run();
    await stopping;
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end).off('SIGHUP', nudge);
  }
}
