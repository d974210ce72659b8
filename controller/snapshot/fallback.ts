import type { Observe } from '../events/git-event.ts';
import type { LastSnapshot } from './last-snapshot.ts';
import { RemoteAway, type Snapshot } from './snapshot.ts';
import type { FleetSource } from './source.ts';

/**
 * When a snapshot is kept: the first one soon after the pass, later ones when a minute has gone by, because all bytes
 * are read for it. An older one still is what the fleet said.
 */
const QUIET_MS = { first: 1_000, later: 60_000 } as const;

/** Keeps what the fleet said, and says it when neither the clone nor the remote can (git.md §3, start). */
export interface Fallback {
  /** Keeps a snapshot in time; gives it back. */
  keep(snapshot: Snapshot): Snapshot;
  /** The snapshot that was kept, in place of one that cannot be had. @throws the error, when there is none either */
  instead(error: unknown): Promise<Snapshot>;
  /** What is gone by at the moment in place of Git. */
  readonly inUse: LastSnapshot | null;
  /** Why it is. */
  readonly why: unknown;
}

/** The fallback of a source. @param read gives the manifests of a commit with all bytes */
export function createFallback(
  source: FleetSource,
  observe: Observe,
  read: (commit: string) => Promise<Snapshot['manifests']>,
): Fallback {
  const { lastSnapshot, branch } = source;
  let latest: Snapshot | null = null;
  let kept: string | null = null;
  let _writing: Promise<void> | null = null;
  let inUse: LastSnapshot | null = null;
  let why: unknown = null;

  async function write(): Promise<void> {
    // Not in the way of the pass; a process that ends before does it after its next start.
    const quietMs = kept === null ? QUIET_MS.first : QUIET_MS.later;
    await new Promise<void>((resolve) => setTimeout(resolve, quietMs).unref());
    for (let snapshot = latest; snapshot && snapshot.commit !== kept; snapshot = latest) {
      const { commit } = snapshot;
      await lastSnapshot?.save(branch, snapshot, () => read(commit));
      kept = commit;
      if (latest === snapshot) latest = null; // its bytes are on the disk
    }
  }

  return {
    keep(snapshot) {
      inUse = null;
      latest = snapshot;
      if (lastSnapshot === null || snapshot.commit === kept) return snapshot;
      _writing ??= write()
        .catch(() => undefined) // a full disk: the next pass tries again
        .finally(() => {
          _writing = null;
        });
      return snapshot;
    },
    async instead(error) {
      if (!(error instanceof RemoteAway)) throw error;
      const found = inUse ?? (await lastSnapshot?.load()) ?? null;
      if (found === null || found.branch !== branch) throw error;
      if (inUse === null) {
        const what = `the remote is away: goes by what the fleet said at commit ${found.commit} (snapshot.json)`;
        observe({ kind: 'CloneRepaired', what });
      }
      inUse = found;
      why = error;
      return found;
    },
    get inUse() {
      return inUse;
    },
    get why() {
      return why;
    },
  };
}
