import { readFile } from 'node:fs/promises';
import type { Git } from '../git/command.ts';
import type { Identity } from '../git/fast-import.ts';
import { keysIn, type Signature, signaturesOf } from '../git/signature.ts';
import { RepositoryError } from './snapshot.ts';

/** So many commits are remembered; the oldest are forgotten, and judged again when they are asked for. */
const MOST = 50_000;

export interface VerdictsOptions {
  readonly git: Git;
  /** An SSH allowed-signers file. */
  readonly signers: string;
  /** The allowed-signers file of the keys of controllers, which are good for the service's own paths alone. */
  readonly ownSigners: string | null;
  readonly identity: Identity;
}

/** Which commits a person has signed who may. */
export interface Verdicts {
  /** Those of these commits. @throws GitError, and RepositoryError when a file of signers cannot be used */
  goodAmong(commits: readonly string[]): Promise<ReadonlySet<string>>;
}

/**
 * Judges signatures, each once: a look at one takes a process, and what is refused stays in the branch. The verdict is
 * by the commit's ID, and holds as long as the file of signers says the same.
 */
export function createVerdicts({ git, signers, ownSigners, identity }: VerdictsOptions): Verdicts {
  const known = new Map<string, Signature | null>();
  let by = '';
  return {
    async goodAmong(commits) {
      if (commits.length === 0) return new Set();
      const text = await readFile(signers, 'utf8'); // one that is not there refuses all, and is reported as what it is
      if (text !== by) known.clear();
      by = text;
      const fresh = commits.filter((id) => !known.has(id));
      const found = await signaturesOf(git, fresh, signers);
      const signatures = new Map(commits.map((id) => [id, known.get(id) ?? found.get(id) ?? null]));
      for (const id of fresh) known.set(id, found.get(id) ?? null);
      for (const id of known.keys()) {
        if (known.size <= MOST) break;
        known.delete(id);
      }
      const own = ownSigners === null ? new Set<string>() : await ownKeys(ownSigners);
      const isGood = (signature: Signature | null) =>
        signature !== null && signature.principal !== identity.email && !own.has(signature.key);
      return new Set([...signatures].flatMap(([id, signature]) => (isGood(signature) ? [id] : [])));
    },
  };
}

async function ownKeys(ownSigners: string): Promise<ReadonlySet<string>> {
  try {
    return await keysIn(ownSigners);
  } catch (error) {
    throw new RepositoryError((error as Error).message, { cause: error }); // it says nothing about the clone
  }
}
