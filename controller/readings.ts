import { type FleetFile, type Kind, kindOf, type Reading, readFile } from '../definitions/manifest.ts';
import type { Repository, Snapshot } from './git/repository.ts';

/** The files of a fleet as `readFleet` takes them. */
export type FleetFiles = ReadonlyMap<string, FleetFile | { readonly refused: string }>;

/** What each blob says, so that a blob is parsed once however often it is met. */
export interface Readings {
  /** Whether a blob's bytes are not needed any more. */
  knows(blob: string): boolean;
  /** The files of a snapshot, parsed as far as they are new; blobs that are gone are forgotten. */
  gather(snapshot: Snapshot, repository: Pick<Repository, 'read'>): Promise<FleetFiles>;
  /** What was gathered last; null before the first time. */
  readonly latest: FleetFiles | null;
}

const SLICE_MS = 20;

/** An empty cache of readings. */
export function createReadings(): Readings {
  let known = new Map<string, Partial<Record<Kind, Reading>>>();
  let latest: FleetFiles | null = null;

  return {
    knows: (blob) => known.has(blob),
    get latest() {
      return latest;
    },
    async gather(snapshot, repository) {
      const files = new Map<string, FleetFile | { readonly refused: string }>();
      const used: typeof known = new Map();
      let sliceEnds = performance.now() + SLICE_MS;
      for (const [path, file] of snapshot.manifests) {
        const kind = kindOf(path);
        if (kind === null) continue;
        if (file.refused !== null) {
          files.set(path, { refused: file.refused });
          continue;
        }
        const readings = used.get(file.blob) ?? known.get(file.blob) ?? {};
        used.set(file.blob, readings);
        readings[kind] ??= readFile(kind, file.bytes ?? (await bytesOf(path)));
        files.set(path, { blob: file.blob, reading: readings[kind] });
        if (performance.now() > sliceEnds) {
          await new Promise(setImmediate); // a large first pass must not hold up runs that fall due
          sliceEnds = performance.now() + SLICE_MS;
        }
      }
      known = used;
      latest = files;
      return files;

      /** A blob that is known as another kind of manifest. */
      async function bytesOf(path: string): Promise<Uint8Array> {
        const found = await repository.read(snapshot.commit, [path]);
        return found.get(path)?.bytes ?? new Uint8Array();
      }
    },
  };
}
