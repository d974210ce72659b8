import type { FleetFiles } from '../../definitions/lifecycle/desired.ts';
import { type FleetFile, kindOf, type ManifestKind, type Reading, readFile } from '../../definitions/manifest/read.ts';
import type { Repository, Snapshot, SnapshotFile } from '../snapshot/repository.ts';
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

/** A cache that begins with what the process before has saved. */
export async function createManifestCache(cache?: Cache<BlobReadings>): Promise<ManifestCache> {
  let known = (await cache?.load()) ?? new Map<string, BlobReadings>();
  let latest: ManifestCache['latest'] = null;
  let unsaved = 0;

  return {
    knows: (blob) => known.has(blob),
    get latest() {
      return latest;
    },
    async gather(snapshot, repository) {
      const files = new Map<string, FleetFile | { readonly refused: string }>();
      const pace = createTimeSlice(20);
      for (const [path, file] of snapshot.manifests) {
        const was = latest?.get(path);
        if (was && sameFile(was, file)) {
          files.set(path, was);
          continue;
        }
        const kind = kindOf(path);
        if (kind === null) continue;
        if (file.refused !== null) {
          files.set(path, { refused: file.refused });
          continue;
        }
        const readings = known.get(file.blob) ?? {};
        known.set(file.blob, readings);
        if (!readings[kind]) unsaved += 1;
        readings[kind] ??= plain(readFile(kind, file.bytes ?? (await bytesOf(path))));
        files.set(path, { blob: file.blob, reading: readings[kind] });
        await pace(); // a large first pass must not hold up runs that fall due
      }
      if (known.size > files.size * MOST_BLOBS_PER_FILE) known = inUse(known, files);
      latest = files;
      return files;

      /** The bytes of a blob that was parsed as another kind of manifest: a snapshot leaves those out. */
      async function bytesOf(path: string): Promise<Uint8Array> {
        const found = await repository.read(snapshot.commit, [path]);
        return found.get(path)?.bytes ?? new Uint8Array();
      }
    },
    async save(when) {
      if (unsaved <= (when === 'at rest' ? known.size * STALE_SHARE : 0)) return;
      unsaved = 0;
      if (latest) known = inUse(known, latest);
      await cache?.save(known);
    },
  };
}

/** A reading as the cache gives it back: what was cut out of a file's text would keep the whole text in memory. */
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
export function sameFile(was: FleetFile | { readonly refused: string }, { blob, refused }: SnapshotFile): boolean {
  return 'blob' in was ? was.blob === blob && refused === null : was.refused === refused;
}
