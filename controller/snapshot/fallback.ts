import { setTimeout } from 'node:timers/promises';
import type { Observe } from '../events/git-event.ts';
import type { LastSnapshot } from './last-snapshot.ts';
import { RemoteAway, type Snapshot } from './snapshot.ts';
import type { FleetSource } from './source.ts';

/**
 * How long after the pass a snapshot is kept: the first one soon, later ones after a minute, because all bytes are read
 * for it. An older one will do.
 */
const QUIET_MS = { first: 1_000, later: 60_000 } as const;

/** Keeps the last snapshot on the disk, for when neither the clone nor the remote can give one: a start offline. */
export interface Fallback {
  /** Keeps a snapshot, before long; returns it. */
  keep(snapshot: Snapshot): Snapshot;
  /** The snapshot that was kept, in place of one that cannot be had. @throws the error, when there is none either */
  instead(error: unknown): Promise<Snapshot>;
  /** The snapshot that is used at the moment in place of Git's. */
  readonly inUse: LastSnapshot | null;
  /** The error because of which it is used. */
  readonly why: unknown;
  /** Nothing is written any more: what waits is left to the next start, what is being written is written. */
  close(): Promise<void>;
}

interface FallbackState {
  readonly source: FleetSource;
  readonly observe: Observe;
  /** Reads the manifests of a commit with all bytes. */
  readonly read: (commit: string) => Promise<Snapshot['manifests']>;
  /** The last snapshot, until its bytes are on the disk. */
  latest: Snapshot | null;
  /** The commit that is on the disk; null: none has been written yet. */
  kept: string | null;
  writing: Promise<void> | null;
  inUse: LastSnapshot | null;
  why: unknown;
  /** Aborted by `close`. */
  readonly closing: AbortController;
}

/** The fallback of a source. @param read reads the manifests of a commit with all bytes */
export function createFallback(
  source: FleetSource,
  observe: Observe,
  read: (commit: string) => Promise<Snapshot['manifests']>,
): Fallback {
  const state: FallbackState = {
    source,
    observe,
    read,
    latest: null,
    kept: null,
    writing: null,
    inUse: null,
    why: null,
    closing: new AbortController(),
  };
  return {
    keep: (snapshot) => keep(state, snapshot),
    instead: (error) => instead(state, error),
    get inUse() {
      return state.inUse;
    },
    get why() {
      return state.why;
    },
    async close() {
      state.closing.abort();
      await state.writing;
    },
  };
}

function keep(state: FallbackState, snapshot: Snapshot): Snapshot {
  state.inUse = null;
  state.latest = snapshot;
  if (state.source.lastSnapshot === null || snapshot.commit === state.kept) return snapshot;
  if (state.closing.signal.aborted) return snapshot;
  state.writing ??= write(state)
    .catch(() => undefined) // a full disk: the next pass tries again
    .finally(() => {
      state.writing = null;
    });
  return snapshot;
}

async function write(state: FallbackState): Promise<void> {
  const { source, read } = state;
  // Not in the way of the pass; a process that ends before does it after its next start.
  const quietMs = state.kept === null ? QUIET_MS.first : QUIET_MS.later;
  await setTimeout(quietMs, undefined, { ref: false, signal: state.closing.signal });
  for (let snapshot = state.latest; snapshot && snapshot.commit !== state.kept; snapshot = state.latest) {
    state.closing.signal.throwIfAborted();
    const { commit } = snapshot;
    await source.lastSnapshot?.save(source.followed.name, snapshot, () => read(commit));
    state.kept = commit;
    if (state.latest === snapshot) state.latest = null; // its bytes are on the disk
  }
}

async function instead(state: FallbackState, error: unknown): Promise<Snapshot> {
  if (!(error instanceof RemoteAway)) throw error;
  const { lastSnapshot, followed } = state.source;
  const found = state.inUse ?? (await lastSnapshot?.load()) ?? null;
  if (found === null || found.branch !== followed.name) throw error;
  if (state.inUse === null) {
    const what = `the remote is away: goes by what the fleet said at commit ${found.commit} (snapshot.json)`;
    state.observe({ kind: 'CloneRepaired', what });
  }
  state.inUse = found;
  state.why = error;
  return found;
}
