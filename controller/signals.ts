import type { Service } from './service.ts';

/** One Ctrl-C arrives twice where a wrapper such as npm passes on what the terminal has sent already. */
const ONE_KEYPRESS_MS = 100;

/**
 * Begins, and runs a controller until a signal ends it: SIGTERM and the first SIGINT in order, a second SIGINT at once,
 * SIGHUP makes a pass (R30). A signal during `begin` counts when that is over. Resolves when it has stopped.
 */
export async function serve({ controller, listen }: Service, begin: () => Promise<void>): Promise<void> {
  let ending: Promise<void> | null = null;
  let asked: number | null = null;
  let begun = false;
  const end = (signal: NodeJS.Signals) => {
    const again = asked !== null && performance.now() - asked > ONE_KEYPRESS_MS;
    if (again && signal === 'SIGINT') process.exit(130); // the journal is true at every moment: nothing to save
    asked = performance.now();
    if (begun) ending ??= controller.stop();
  };
  const again = () => controller.nudge();
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', again);
  try {
    await begin();
    begun = true;
    if (asked !== null) return await controller.stop();
    await listen();
    controller.nudge(); // what changed since the first pass and before the watch
    if (!ending) await controller.run();
    await ending;
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end).off('SIGHUP', again);
  }
}
