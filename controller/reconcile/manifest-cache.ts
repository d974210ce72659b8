import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { readFile } from '../../definitions/manifest/read.ts';
import { kindOf, type ManifestKind, type Reading } from '../../definitions/manifest/reading.ts';
import type { Repository } from '../snapshot/repository.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import type { Cache } from '../state/cache.ts';
import { createTimeSlice } from '../time-slice.ts';

/** The files of a fleet as `readFleet` takes them; a file that stays the same stays the same object. */
export type FleetFiles = ReadonlyMap<string, FleetEntry>;

/** What a blob says, by the kinds of manifest as which it has been met. */
export type BlobReadings = Partial<Record<ManifestKind, Reading>>;

/** What each blob says, so that a blob is parsed once however often it is met. */
export interface ManifestCache {
  /** Whether a blob's bytes are not needed any more. */
  knows(blob: string): boolean;
  /** The files of a snapshot, parsed as far as they are new; blobs that are gone are forgotten in time. */
  gather(snapshot: Snapshot, repository: Pick<Repository, 'read'>): Promise<FleetFiles>;
  /** What was gathered last; null before the first time. */
  readonly latest: FleetFiles | null;
  /** Keeps what was parsed for the next process; at rest only when much of it is new. */
  save(when: 'at rest' | 'at the end'): Promise<void>;
}

/** At rest the cache is written again when so great a part of it is new. */
const STALE_PART = 0.1;
/** Blobs that are gone are forgotten when there are so many times as many as files. */
const MOST_KNOWN = 1.5;

/** A memory of readings, with what a process before has kept. */
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
      const files = new Map<string, FleetEntry>();
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
        const manifestCache = known.get(file.blob) ?? {};
        known.set(file.blob, manifestCache);
        if (!manifestCache[kind]) unsaved += 1;
        manifestCache[kind] ??= plain(readFile(kind, file.bytes ?? (await bytesOf(path))));
        files.set(path, { blob: file.blob, reading: manifestCache[kind] });
        await pace(); // a large first pass must not hold up runs that fall due
      }
      if (known.size > files.size * MOST_KNOWN) known = inUse(known, files);
      latest = files;
      return files;

      /** A blob that is known as another kind of manifest. */
      async function bytesOf(path: string): Promise<Uint8Array> {
        const found = await repository.read(snapshot.commit, [path]);
        return found.get(path)?.bytes ?? new Uint8Array();
      }
    },
    async save(when) {
      if (unsaved <= (when === 'at rest' ? known.size * STALE_PART : 0)) return;
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

/** What the files of a snapshot say, without the blobs that are gone. */
function inUse(known: ReadonlyMap<string, BlobReadings>, files: FleetFiles): Map<string, BlobReadings> {
  const used = new Map<string, BlobReadings>();
  for (const file of files.values()) {
    const manifestCache = 'blob' in file ? known.get(file.blob) : undefined;
    if ('blob' in file && manifestCache) used.set(file.blob, manifestCache);
  }
  return used;
}

/** Whether a file of a snapshot says what it said when it was gathered. */
export function sameFile(was: FleetEntry, { blob, refused }: SnapshotFile): boolean {
  return 'blob' in was ? was.blob === blob && refused === null : was.refused === refused;
}
