/** chokidar says `ready` some milliseconds before it sees every change (measured: below 5). */
const SETTLE_MS = 250;

export interface Watch {
  close(): Promise<void>;
}

/**
 * Calls `changed` when something below these paths may have changed. A hint and no more: events are merged, and lost
 * when there are very many, so that the periodic look is needed too.
 * @param failed hears why paths cannot be watched: the host's limit, say
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
