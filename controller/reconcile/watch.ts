/** chokidar says `ready` some milliseconds before it hears everything (measured: below 5). */
const SETTLE_MS = 250;

/** A watch that runs until it is closed. */
export interface Watch {
  close(): Promise<void>;
}

/**
 * Calls `changed` when something below these paths may have changed. A hint and no more: events are merged, and in a
 * storm lost, so a periodic look must not depend on it.
 * @param failed hears why paths cannot be watched (the host's limit, say); the periodic look remains
 */
export async function watch(
  paths: readonly string[],
  changed: () => void,
  failed: (error: unknown) => void,
): Promise<Watch> {
  if (paths.length === 0) return { close: async () => {} }; // chokidar would never be ready
  const chokidar = await import('chokidar'); // a service is ready before it watches
  const watcher = chokidar.watch([...paths], {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => path.endsWith('.lock'), // git's own; the rename that follows is the event
  });
  watcher.on('all', () => changed());
  watcher.on('error', failed);
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  const settled = setTimeout(changed, SETTLE_MS);
  return {
    close: () => {
      clearTimeout(settled);
      return watcher.close();
    },
  };
}
