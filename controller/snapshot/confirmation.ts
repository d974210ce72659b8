import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import { contains, resolveRef } from '../git/refs.ts';
import { differences, trailersIn } from '../git/tree.ts';
import type { FleetLocation } from './source.ts';

/** What a commit's message says to confirm that so many jobs go (R47). */
const TRAILER = 'Bmcron-Accept-Removals';
/** Commits that say so and are looked at: the newest. */
const MOST = 50;

/** A job that a commit no longer has. */
export interface Vanished {
  /** The manifest in which it stood, below the fleet's root. */
  readonly file: string;
  /** The commit by which it is in force; empty: not known. */
  readonly since: string;
}

export interface ConfirmationOptions {
  readonly git: Git;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  readonly location: Pick<FleetLocation, 'acceptRemovals' | 'verifyCommits'>;
}

/**
 * Whether somebody has confirmed that jobs are gone at a tip: a commit of its history, newer than what they were in
 * force by, at which their files were as they are now, and that is named by the operator or says how many may go.
 */
export async function isConfirmed(
  { git, prefix, location }: ConfirmationOptions,
  tip: string,
  vanished: readonly Vanished[],
): Promise<boolean> {
  const older = [...new Set(vanished.map(({ since }) => since))].filter((since) => since !== '');
  const range = { git, input: [tip, ...older.map((since) => `^${since}`)].join('\n') };
  const files = new Set(vanished.map(({ file }) => prefix + file));
  const named = await namedByOperator(range, tip, location.acceptRemovals);
  for (const commit of [...named, ...(await confirming(range, vanished.length, prefix, location))]) {
    const since = await differences(git, commit, tip, [`${prefix}jobs`]);
    if (![...since.keys()].some((path) => files.has(path))) return true;
  }
  return false;
}

/** The commits from which to look, and those to leave out, a line each. */
interface Range {
  readonly git: Git;
  readonly input: string;
}

async function namedByOperator(range: Range, tip: string, name: string | undefined): Promise<readonly string[]> {
  const commit = name === undefined ? null : await resolveRef(range.git, name).catch(() => null);
  if (commit === null || !(await contains(range.git, tip, commit, asWritten()))) return [];
  const older = range.input.split('\n').slice(1);
  const input = [commit, ...older].join('\n');
  const [newest] = (
    await range.git.text(['rev-list', '--ignore-missing', '--max-count=1', '--stdin'], {
      input,
      environment: asWritten(),
    })
  ).split('\n');
  return newest === commit ? [commit] : [];
}

/**
 * The commits whose trailer allows so many removals, the newest first. Where commits are verified (R45), only those
 * that touch manifests themselves: what touches none needs no signature.
 */
async function confirming(
  { git, input }: Range,
  count: number,
  prefix: string,
  { verifyCommits }: ConfirmationOptions['location'],
): Promise<readonly string[]> {
  const limits = ['--ignore-missing', `--max-count=${MOST}`, '--stdin'];
  const paths = verifyCommits === undefined ? [] : [`${prefix}jobs`, ':(exclude)*.status.yaml'];
  const said = await trailersIn(git, TRAILER, limits, { input, paths });
  return said.flatMap(({ id, values }) => {
    return values.some((value) => /^\d+$/.test(value) && Number(value) >= count) ? [id] : [];
  });
}
