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
  /** `bmcron.yaml` and everything that rules.md §1 reads below `jobs/` and `machines/`; status files are not here. */
  readonly manifests: ReadonlyMap<string, SnapshotFile>;
}

/** Reads the fleet from Git objects, never from a work tree. */
export interface Repository {
  /**
   * The fleet at the followed branch's newest acceptable commit; fetched first where there is a remote.
   * @param known whether the caller has what a blob holds, so that its bytes need not be read
   * @throws RepositoryError
   */
  snapshot(known: (blob: string) => boolean): Promise<Snapshot>;
  /** The fleet's files at a commit-ish, by path; absent ones are left out. For last good versions and cold starts. */
  read(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, SnapshotFile>>;
  /** Paths of the status files where the service publishes them; their bytes through `readPublished`. */
  published(): Promise<ReadonlyMap<string, SnapshotFile>>;
}
