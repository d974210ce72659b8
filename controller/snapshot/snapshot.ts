/** One manifest path (or status file) at a commit. */
export interface SnapshotFile {
  /** Blob ID, hex. */
  readonly blob: string;
  /** The bytes; null when the caller said that it knows this blob, or when the entry is refused. */
  readonly bytes: Uint8Array | null;
  /** Why the entry must not be read (R04): a symbolic link, a submodule, an LFS pointer, over 1 MiB. */
  readonly refused: string | null;
}

/** The fleet's own texts at one commit; paths are below the fleet's root. */
export interface Snapshot {
  /** Commit ID, hex. */
  readonly commit: string;
  /** `bmcron.yaml` and each manifest below `jobs/` and `machines/` (`kindOf`); status files are not here. */
  readonly manifests: ReadonlyMap<string, SnapshotFile>;
}

/** The fleet cannot be read: which repository, why, and what to do. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** The fleet cannot be read because its remote does not answer and nothing of it is here. */
export class RemoteAway extends RepositoryError {}
