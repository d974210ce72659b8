import { join } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** Events of so many milliseconds are one reason to watch anew. */
const RENEW_MS = 100;
/**
 * The looks after all is watched. chokidar says `ready` before it sees every change: 5 ms before on a host at rest, a
 * second on one that is busy with other things.
 */
const LOOKS_MS = [250, 1_000, 3_000];

export interface Watch {
  close(): Promise<void>;
}

interface WatchState {
  readonly paths: readonly string[];
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  readonly open: typeof import('chokidar').watch;
  watcher: FSWatcher | null;
  /** Set from an event on until all is watched anew. */
  renewal: NodeJS.Timeout | null;
  /** The looks after all is watched. */
  looks: readonly NodeJS.Timeout[];
  /** What was reported last: each renewal fails as the one before did. */
  failure: string;
  closed: boolean;
}

/**
 * Calls `changed` when one of these files, which may not be there yet, may have changed. A hint and no more: events are
 * merged, and lost when there are very many, so that the periodic look is needed too.
 *
 * chokidar alone loses changes: it drops those that come within 50 ms of one that it reported, and for good those of a
 * folder that goes and comes back within 100 ms (`git gc` takes `refs/heads/a/`, the next commit of `a/b` brings it
 * back). So its raw events are heard too, and after events all is watched anew, and looked at once more when that is
 * done: whatever was lost on the way is seen then. Without events nothing happens.
 * @param failed hears why paths cannot be watched: the host's limit, say
 */
export async function watch(
  paths: readonly string[],
  changed: () => void,
  failed: (error: unknown) => void,
): Promise<Watch> {
  if (paths.length === 0) return { close: async () => {} }; // chokidar would never be ready
  const { watch: open } = await import('chokidar'); // a service is ready before it watches
  const state: WatchState = {
    paths,
    changed,
    failed,
    open,
    watcher: null,
    renewal: null,
    looks: [],
    failure: '',
    closed: false,
  };
  await arm(state);
  return { close: () => close(state) };
}

/** Watches all paths, and asks for a look once that is sure to hold. */
async function arm(state: WatchState): Promise<void> {
  const watcher = state.open([...state.paths], {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: isLock,
  });
  state.watcher = watcher;
  watcher.on('error', (error) => report(state, error));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  if (state.closed) return;
  state.renewal = null;
  // Not before: chokidar reports links that it finds, and to watch anew because of that would never end.
  watcher.on('all', () => happened(state));
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath: string };
    if (concerns(state.paths, name ? join(watchedPath, name) : watchedPath)) happened(state);
  });
  state.looks = LOOKS_MS.map((ms) => setTimeout(state.changed, ms));
}

function happened(state: WatchState): void {
  state.changed();
  state.renewal ??= setTimeout(() => void renew(state), RENEW_MS);
}

async function renew(state: WatchState): Promise<void> {
  forgetLooks(state);
  await state.watcher?.close(); // first: chokidar would share the old watch, which may be that of a folder that is gone
  if (!state.closed) await arm(state);
}

async function close(state: WatchState): Promise<void> {
  state.closed = true;
  clearTimeout(state.renewal ?? undefined);
  forgetLooks(state);
  await state.watcher?.close();
}

function forgetLooks({ looks }: WatchState): void {
  for (const look of looks) clearTimeout(look);
}

function report(state: WatchState, error: unknown): void {
  if (String(error) === state.failure) return;
  state.failure = String(error);
  state.failed(error);
}

/** Git's own; the rename that follows is the event. */
function isLock(path: string): boolean {
  return path.endsWith('.lock');
}

/** Whether a path is one of these, or on the way to one or below it. */
function concerns(paths: readonly string[], path: string): boolean {
  if (isLock(path)) return false;
  return paths.some((each) => each === path || each.startsWith(`${path}/`) || path.startsWith(`${each}/`));
}
