import type { Branch } from '../git/branch.ts';
import type { Git } from '../git/command.ts';
import { watermarkAt } from './watermark.ts';

/** The ref that names what a controller published last: it outlives the process, and keeps the objects. */
export function publishedRef({ branch }: Branch, journalID: string): string {
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

/** The newest commit of those that a tip contains, and `after` does not, that changed one of these paths. */
export async function newestChange(
  git: Git,
  tip: string,
  paths: readonly string[],
  after?: string | null,
): Promise<string | null> {
  const range = after ? [tip, `^${after}`] : [tip];
  const literal = paths.map((path) => `:(literal)${path}`);
  return (await git.text(['log', '--max-count=1', '--format=%H', ...range, '--', ...literal])).trim() || null;
}

/**
 * What a controller published last, by a history that contains it, for when nothing else is known of it: its newest
 * commit by name, or with messages rewritten the newest that moved its watermark.
 */
export async function lastPublished(git: Git, tip: string, journalID: string, mark: string): Promise<string | null> {
  const named = await newestCommit(git, tip, { by: journalID });
  if (named !== null || (await watermarkAt(git, tip, mark)).hi === 0) return named;
  return newestChange(git, tip, [mark]);
}
