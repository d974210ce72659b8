import type { Git } from './command.ts';

const KEPT = 'refs/bmcron/keep/';
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Keeps a commit that its branch no longer contains, so that versions in force can be read from it (R21). */
export async function keep(git: Git, commit: string, now: Date): Promise<string> {
  const ref = `${KEPT}${now.toISOString().slice(0, 10)}-${commit.slice(0, 12)}`;
  await git.text(['update-ref', ref, commit]);
  return ref;
}

/** Deletes the refs of what was kept longer than 30 days ago. */
export async function dropOldKept(git: Git, now: Date): Promise<void> {
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const refs = (await git.text(['for-each-ref', '--format=%(refname)', KEPT])).split('\n');
  const old = refs.filter((ref) => ref !== '' && ref.slice(KEPT.length) < oldest);
  for (const ref of old) await git.text(['update-ref', '-d', ref]);
}
