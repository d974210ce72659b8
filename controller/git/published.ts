import type { Git } from './command.ts';
import type { Target } from './target.ts';

/** The ref that names what a controller published last: it outlives the process, and keeps the objects. */
export function publishedRef({ branch }: Target, journalID: string): string {
  return `refs/bmcron/published/${journalID}/${branch}`;
}

/**
 * The newest commit that a controller made of those that a tip contains; null when there is none. Without `by` any
 * controller's; `after` leaves out what that commit contains.
 */
export async function newestCommit(
  git: Git,
  tip: string,
  { by = '', after }: { readonly by?: string; readonly after?: string } = {},
): Promise<string | null> {
  const trailer = `--grep=^Bmcron-Controller: ${by}${by && '$'}`;
  const range = after === undefined ? [tip] : [tip, `^${after}`];
  const found = await git.text(['log', '--max-count=1', '--format=%H', trailer, ...range]);
  return found.trim() || null;
}
