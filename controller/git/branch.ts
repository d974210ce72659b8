import type { Git } from './command.ts';

/** The branch that the service writes to, and how. */
export interface Branch {
  /** The repository in which commits are built. */
  readonly git: Git;
  /** `main` */
  readonly branch: string;
  /** Whether the manifests are on this branch too. */
  readonly shared: boolean;
  /** The newest tip known here; null when the branch does not exist yet. */
  tip(): Promise<string | null>;
  /** Asks where the branch is now. @throws GitError when nobody answers */
  refresh(): Promise<string | null>;
  /** Makes a commit the branch's tip if that still is `from`, and never otherwise. @throws GitError */
  advance(commit: string, from: string | null): Promise<void>;
  /** Why nothing may be written right now (a human is in the middle of a merge); null when it may. */
  busy(): Promise<string | null>;
  /** When the remote last answered. */
  readonly reached: Date | null;
}
