import type { FleetFiles } from '../../definitions/lifecycle/desired.ts';
import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { kindAt, type ManifestKind, type Reading } from '../../definitions/manifest/reading.ts';
import type { Repository } from '../snapshot/repository.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import type { Cache } from '../state/cache.ts';
import { createTimeSlice } from '../time-slice.ts';

/** What a blob says, by the kinds of manifest as which it was parsed. */
export type BlobReadings = Partial<Record<ManifestKind, Reading>>;

/** What each blob says, so that it is parsed once however many commits have it. */
export interface ManifestCache {
  /** Whether a blob's bytes are not needed any more. */
  knows(blob: string): boolean;
  /**
   * The files of a snapshot, parsed as far as they are new; a file that stays the same stays the same object. Blobs
   * that are gone are forgotten in time.
   */
  gather(snapshot: Snapshot, repository: Pick<Repository, 'read'>): Promise<FleetFiles>;
  /** What was gathered last; null before the first time. */
  readonly latest: FleetFiles | null;
  /** Saves what was parsed for the next process; at rest only when much of it is new. */
  save(when: 'at rest' | 'at the end'): Promise<void>;
}

/** At rest the cache is written when more than this share of it is new. */
const STALE_SHARE = 0.1;
/** Blobs that are gone are forgotten when more than this many blobs are known for each file. */
const MOST_BLOBS_PER_FILE = 1.5;

interface CacheState {
  known: Map<string, BlobReadings>;
  latest: FleetFiles | null;
  /** How many readings are new since the cache was saved. */
  unsaved: number;
}

/** A cache that begins with what the process before has saved. */
export async function createManifestCache(cache?: Cache<BlobReadings>): Promise<ManifestCache> {
  const state: CacheState = { known: (await cache?.load()) ?? new Map(), latest: null, unsaved: 0 };
  return {
    knows: (blob) => state.known.has(blob),
    get latest() {
      return state.latest;
    },
    gather: (snapshot, repository) => gather(state, snapshot, repository),
    async save(when) {
      if (state.unsaved <= (when === 'at rest' ? state.known.size * STALE_SHARE : 0)) return;
      state.unsaved = 0;
      if (state.latest) state.known = inUse(state.known, state.latest);
      await cache?.save(state.known);
    },
  };
}

async function gather(
  state: CacheState,
  snapshot: Snapshot,
  repository: Pick<Repository, 'read'>,
): Promise<FleetFiles> {
  const files = new Map<string, FleetEntry>();
  const pace = createTimeSlice(20);
  for (const [path, file] of snapshot.manifests) {
    const was = state.latest?.get(path);
    if (was && sameFile(was, file)) {
      files.set(path, was);
      continue;
    }
    const kind = kindAt(path, file.refused === null);
    if (kind === null) continue;
    if (file.refused !== null) {
      files.set(path, { refused: file.refused });
      continue;
    }
    const readings = state.known.get(file.blob) ?? {};
    state.known.set(file.blob, readings);
    if (!readings[kind]) state.unsaved += 1;
    readings[kind] ??= plain(readFile(kind, file.bytes ?? (await bytesOf(path))));
    files.set(path, { blob: file.blob, reading: readings[kind] });
    await pace(); // a large first pass must not hold up runs that fall due
  }
  if (state.known.size > files.size * MOST_BLOBS_PER_FILE) state.known = inUse(state.known, files);
  state.latest = files;
  return files;

  /** The bytes of a blob that was parsed as another kind of manifest: a snapshot leaves those out. */
  async function bytesOf(path: string): Promise<Uint8Array> {
    const found = await repository.read(snapshot.commit, [path]);
    return found.get(path)?.bytes ?? new Uint8Array();
  }
}

/** A reading as a saved cache has it. What was cut out of a file's text would keep the whole text in memory. */
function plain(reading: Reading): Reading {
  return JSON.parse(JSON.stringify(reading)) as Reading;
}

/** What is known of the blobs of these files. */
function inUse(known: ReadonlyMap<string, BlobReadings>, files: FleetFiles): Map<string, BlobReadings> {
  const used = new Map<string, BlobReadings>();
  for (const file of files.values()) {
    const readings = 'blob' in file ? known.get(file.blob) : undefined;
    if ('blob' in file && readings) used.set(file.blob, readings);
  }
  return used;
}

/** Whether a file of a snapshot says what it said when it was gathered. */
export function sameFile(was: FleetEntry, { blob, refused }: SnapshotFile): boolean {
  return 'blob' in was ? was.blob === blob && refused === null : was.refused === refused;
}
