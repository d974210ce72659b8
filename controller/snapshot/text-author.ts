import type { Branch } from '../git/branch.ts';

/** Bytes of a name. */
const LONGEST = 200;

/**
 * Who committed a text to a file of the followed branch, by the newest commit that added or took it away; null: nobody
 * that the branch knows. It is a name as its owner wrote it: anything.
 * @throws GitError
 */
export async function textAuthor({ git, tip }: Branch, path: string, text: string): Promise<string | null> {
  const commit = await tip();
  if (commit === null) return null;
  const found = await git.text(['log', '-1', '--format=%an', `-S${text}`, commit, '--', `:(literal)${path}`]);
  return found.trim().slice(0, LONGEST) || null;
}
