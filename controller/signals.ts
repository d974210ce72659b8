import type { Assembly } from './assembly.ts';

/**
 * Runs a controller until a signal ends it: SIGTERM and the first SIGINT in order, a second SIGINT at once, SIGHUP
 * makes a pass (R30). Resolves when it has stopped.
 */
export async function serve({ controller, listen }: Assembly): Promise<void> {
  let ending: Promise<void> | null = null;
  const end = (signal: NodeJS.Signals) => {
    if (ending && signal === 'SIGINT') process.exit(130); // the journal is true at every moment: nothing to save
    ending ??= controller.stop();
  };
  const again = () => controller.nudge();
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', again);
  try {
    await listen();
    if (!ending) await controller.run();
    await ending;
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end).off('SIGHUP', again);
  }
}
