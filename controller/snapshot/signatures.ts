import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwn } from '../../definitions/own-paths.ts';
import type { Observe } from '../events/git-event.ts';
import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import type { Identity } from '../git/fast-import.ts';
import { contains, resolveRef } from '../git/refs.ts';
import { commitsIn, trailersIn } from '../git/tree.ts';
import { writeAtomically } from '../state/atomic-file.ts';
import { RepositoryError } from './snapshot.ts';
import { type JudgedCommit, newestSound } from './soundness.ts';
import { createVerdicts, type Verdicts } from './verdicts.ts';

/** What a signed commit says to vouch for the tree that it has, whatever is before it. */
const SEAL = 'Bmcron-Seal';
/** Commits to verify that one start or one fetch may bring; a fleet with more begins at a seal. */
const MOST_FOREIGN = 10_000;
/** Commits of the service's own paths count too, as far as memory goes. */
const MOST_COMMITS = 200_000;
/** Commits whose paths are looked at by one process. */
const CHUNK = 500;

export interface VerifierOptions {
  readonly git: Git;
  /** An SSH allowed-signers file. */
  readonly signers: string;
  /** The allowed-signers file of the keys of controllers, which are good for the service's own paths alone. */
  readonly ownSigners: string | null;
  readonly stateDir: string;
  /** The fleet's folder inside the repository: `` or `a/b/`. */
  readonly prefix: string;
  readonly identity: Identity;
  readonly observe: Observe;
}

/** What of a branch may take effect. */
export interface Acceptance {
  /** For a tip, the commit that may take effect. @throws RepositoryError when there is none */
  accept(tip: string): Promise<string>;
  /** The newest commit of an accepted history that vouches for itself, and not for what is before it; null: none. */
  vouchedFrom(commit: string): Promise<string | null>;
}

interface Verifier extends VerifierOptions {
  readonly verdicts: Verdicts;
  /** The commits that were told of. */
  readonly reported: Set<string>;
}

/**
 * Judges tips (R45): what takes effect is the newest commit up to which each, from the last verified one on, is signed
 * by an allowed key. A look at the tip alone would let any signed commit launder those below it. Commits of the
 * service's own paths alone need no signature: nothing in them takes effect.
 */
export function createAcceptance(options: VerifierOptions): Acceptance {
  const verifier: Verifier = { ...options, verdicts: createVerdicts(options), reported: new Set() };
  const file = join(options.stateDir, 'verified');
  let verified: string | null | undefined;

  const accept = async (tip: string): Promise<string> => {
    verified ??= await readVerified(options.git, file);
    if (verified === tip) return tip;
    const result = (await newestGood(verifier, tip, verified)) ?? verified;
    if (!result) {
      throw new RepositoryError(`no commit of the followed branch is signed by a key of ${options.signers}`);
    }
    if (result !== verified) await writeAtomically(file, `${result}\n`);
    verified = result;
    return result;
  };
  return { accept, vouchedFrom: (commit) => newestSeal(verifier, commit, null) };
}

/** What may take effect in place of the verified commit; null: nothing. @throws RepositoryError */
async function newestGood(verifier: Verifier, tip: string, verified: string | null): Promise<string | null> {
  const { git, verdicts } = verifier;
  const isBuiltOn = verified !== null && (await contains(git, tip, verified, asWritten()));
  // Of a history that was written anew nothing was judged yet.
  const from = isBuiltOn ? verified : null;
  const base = (await newestSeal(verifier, tip, from)) ?? from;
  const range = await commitsOf(verifier, tip, base);
  if (typeof range === 'string') {
    if (verified === null) throw new RepositoryError(range);
    report(verifier, tip, range);
    return null;
  }
  const foreign = range.filter((commit) => commit.foreign).map(({ id }) => id);
  const good = await verdicts.goodAmong(foreign);
  const advice = `sign it, or vouch for what is there now with a signed commit that says "${SEAL}: yes"`;
  for (const id of foreign) {
    if (!good.has(id)) report(verifier, id, `it is not signed by a key of the allowed-signers file; ${advice}`);
  }
  const standing = newestSound(range, base, good);
  if (standing === null || isBuiltOn || verified === null) return standing?.commit ?? null;
  // Whoever sealed did not vouch for the states below: none of them comes back by a force-push.
  const spent = (await resolveRef(git, verified)) === null ? null : await newestSeal(verifier, verified, null);
  if (spent === null || spent === standing.head || !(await contains(git, spent, standing.head, asWritten()))) {
    return standing.commit;
  }
  report(verifier, tip, `it goes back behind the seal ${spent}; ${advice}`);
  return null;
}

function report({ reported, observe }: Verifier, commit: string, reason: string): void {
  if (reported.has(commit)) return;
  reported.add(commit);
  observe({ kind: 'CommitRefused', commit, reason });
}

/**
 * The newest signed commit that vouches for its tree, and that no other such one descends from.
 * @param from what it must contain; null: nothing
 */
async function newestSeal(verifier: Verifier, tip: string, from: string | null): Promise<string | null> {
  const { git, verdicts } = verifier;
  const range = ['--topo-order', tip, ...(from === null ? [] : [`^${from}`])];
  const said = await trailersIn(git, SEAL, range);
  const seals = said.filter(({ values }) => values.length === 1 && values[0] === 'yes').map(({ id }) => id);
  for (let at = 0; at < seals.length; at += CHUNK) {
    const some = seals.slice(at, at + CHUNK);
    const good = await verdicts.goodAmong(some);
    for (const id of some) {
      if (good.has(id) && (from === null || (await contains(git, id, from, asWritten())))) return id;
    }
  }
  return null;
}

/** What is in a tip and not in a base, from old to new; a text: why it is too much to be verified. */
async function commitsOf(
  { git, prefix }: Verifier,
  tip: string,
  base: string | null,
): Promise<JudgedCommit[] | string> {
  const environment = asWritten();
  const range = [`--max-count=${MOST_COMMITS + 1}`, tip, ...(base === null ? [] : [`^${base}`])];
  const listed = await git.text(['rev-list', '--topo-order', '--reverse', ...range, '--'], { environment });
  const ids = listed.split('\n').filter((id) => id !== '');
  const advice = `sign a commit whose message says "${SEAL}: yes"; it stands for all before it`;
  if (ids.length > MOST_COMMITS) return `more than ${MOST_COMMITS} commits are new: ${advice}`;
  const judged: JudgedCommit[] = [];
  let foreignCount = 0;
  for (let at = 0; at < ids.length; at += CHUNK) {
    const found = await commitsIn(git, ['--no-walk=unsorted', ...ids.slice(at, at + CHUNK)], { environment });
    const byID = new Map(found.map((each) => [each.id, each]));
    for (const id of ids.slice(at, at + CHUNK)) {
      const { parents, changes } = byID.get(id) ?? { parents: [], changes: [] };
      const foreign = !byID.has(id) || changes.some(([path]) => isForeign(path, prefix));
      judged.push({ id, parents, foreign });
      if (foreign) foreignCount += 1;
    }
    if (foreignCount > MOST_FOREIGN) return `more than ${MOST_FOREIGN} commits to verify: ${advice}`;
  }
  return judged;
}

function isForeign(path: string, prefix: string): boolean {
  return path.startsWith(prefix) ? !isOwn(path.slice(prefix.length)) : prefix.startsWith(`${path}/`);
}

/** The last verified commit, when this repository has it: a clone made anew may not. */
async function readVerified(git: Git, file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^[0-9a-f]{40,64}\n$/.test(text) ? resolveRef(git, text.trim()) : null;
}
