import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwn } from '../../definitions/own-paths.ts';
import type { Observe } from '../events/git-event.ts';
import type { Git } from '../git/command.ts';
import { asWritten } from '../git/environment.ts';
import type { Identity } from '../git/fast-import.ts';
import { resolveRef } from '../git/refs.ts';
import { keysIn, signaturesOf } from '../git/signature.ts';
import { commitsIn } from '../git/tree.ts';
import { writeAtomically } from '../state/atomic-file.ts';
import { RepositoryError } from './snapshot.ts';

/** What a signed commit says to vouch for all that is before it, signed or not. */
const SEAL = 'Bmcron-Seal';
/** Commits that one start or one fetch may bring; a fleet with more begins at a seal. */
const LONGEST_RANGE = 10_000;

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

interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  /** Whether it touches more of the fleet than the service's own paths. */
  readonly foreign: boolean;
}

/**
 * Judges tips (R45): what takes effect is the newest commit up to which each, from the last verified one on, is signed
 * by an allowed key. A look at the tip alone would let any signed commit launder those below it. Commits of the
 * service's own paths alone need no signature: nothing in them takes effect.
 * @returns for a tip, the commit that may take effect; rejects with RepositoryError when there is none
 */
export function createVerifier(options: VerifierOptions): (tip: string) => Promise<string> {
  const { git, stateDir } = options;
  const file = join(stateDir, 'verified');
  const reported = new Set<string>();
  let verified: string | null | undefined;

  return async (tip) => {
    verified ??= await readVerified(git, file);
    if (verified === tip) return tip;
    const base = (await sealBelow(options, tip, verified)) ?? verified;
    const range = await commitsOf(options, tip, base);
    const good = await signedOf(
      options,
      range.filter(({ foreign }) => foreign),
    );
    const bad = taint(range, good);
    for (const commit of range) {
      if (!commit.foreign || good.has(commit.id) || reported.has(commit.id)) continue;
      reported.add(commit.id);
      const reason = 'it is not signed by a key of the allowed-signers file; sign it, or vouch for it with a signed';
      options.observe({
        kind: 'CommitRefused',
        commit: commit.id,
        reason: `${reason} commit that says "${SEAL}: yes"`,
      });
    }
    const accepted = (await revisions(git, ['--first-parent', tip, ...(base ? [`^${base}`] : [])])).find(
      (id) => !bad.has(id),
    );
    const result = accepted ?? base;
    if (!result) throw new RepositoryError(`no commit of the followed branch is signed by a key of ${options.signers}`);
    if (result !== verified) await writeAtomically(file, `${result}\n`);
    verified = result;
    return result;
  };
}

/** Commits that are not good, or are built on one that is not. `range` goes from old to new. */
function taint(range: readonly Commit[], good: ReadonlySet<string>): Set<string> {
  const bad = new Set<string>();
  for (const { id, parents, foreign } of range) {
    if ((foreign && !good.has(id)) || parents.some((parent) => bad.has(parent))) bad.add(id);
  }
  return bad;
}

/** The newest signed commit below a tip that vouches for what is before it. */
async function sealBelow(options: VerifierOptions, tip: string, verified: string | null): Promise<string | null> {
  const range = [tip, ...(verified ? [`^${verified}`] : [])];
  const seals = await revisions(options.git, ['--first-parent', `--grep=^${SEAL}: `, '--max-count=100', ...range]);
  const good = await signedOf(
    options,
    seals.map((id) => ({ id, parents: [], foreign: true })),
  );
  return seals.find((id) => good.has(id)) ?? null;
}

async function revisions(git: Git, args: readonly string[]): Promise<string[]> {
  const printed = await git.text(['rev-list', ...args], { environment: asWritten() });
  return printed.split('\n').filter((id) => id !== '');
}

/** What is in a tip and not in a base, from old to new. */
async function commitsOf({ git, prefix }: VerifierOptions, tip: string, base: string | null): Promise<Commit[]> {
  const range = [`--max-count=${LONGEST_RANGE + 1}`, tip, ...(base ? [`^${base}`] : [])];
  const commits = await commitsIn(git, range, { environment: asWritten() });
  if (commits.length > LONGEST_RANGE) {
    const advice = `sign a commit whose message says "${SEAL}: yes"; it vouches for all before it`;
    throw new RepositoryError(`more than ${LONGEST_RANGE} commits to verify: ${advice}`);
  }
  return commits.map(({ id, parents, changes }) => {
    return { id, parents, foreign: changes.some(([path]) => isForeign(path, prefix)) };
  });
}

function isForeign(path: string, prefix: string): boolean {
  return path.startsWith(prefix) ? !isOwn(path.slice(prefix.length)) : prefix.startsWith(`${path}/`);
}

/** Which of these carry a good signature, of a key that may sign what they touch. */
async function signedOf(options: VerifierOptions, commits: readonly Commit[]): Promise<Set<string>> {
  const { git, signers, ownSigners, identity } = options;
  const signatures = await signaturesOf(
    git,
    commits.map(({ id }) => id),
    signers,
  );
  const own = signatures.size > 0 && ownSigners !== null ? await keysIn(ownSigners) : new Set();
  const good = [...signatures].filter(([, { principal, key }]) => principal !== identity.email && !own.has(key));
  return new Set(good.map(([id]) => id));
}

/** The last verified commit, when this repository has it: a clone made anew may not. */
async function readVerified(git: Git, file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^[0-9a-f]{40,64}\n$/.test(text) ? resolveRef(git, text.trim()) : null;
}
