import { open, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAtomically } from '../state/atomic-file.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';

/** What the fleet said when it was read last: for a start with a damaged clone while the remote is away (R39). */
export interface LastSnapshot extends Snapshot {
  /** The followed branch. */
  readonly branch: string;
}

/** The fleet's texts in a file of the state folder, beside the clone that may break. */
export interface LastSnapshotFile {
  /** What was kept; null when there is nothing that can be trusted. */
  load(): Promise<LastSnapshot | null>;
  /**
   * Replaces it, unless it says the same already.
   * @param read reads the manifests with all bytes; called only when they are needed
   */
  save(branch: string, snapshot: Snapshot, read: () => Promise<Snapshot['manifests']>): Promise<void>;
}

type Line = readonly [path: string, blob: string, refused: string | null, base64: string | null];

const HEADER_BYTES = 80;

/** The last snapshot in this file; its first line has the key and a checksum. */
export function createLastSnapshotFile(path: string): LastSnapshotFile {
  let saved: string | null = null;
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const newline = text.indexOf('\n');
      const body = text.slice(newline + 1);
      const [, key = ''] = /^bmcron fleet (\S+) /.exec(text) ?? [];
      if (text.slice(0, newline) !== header(key, body)) return null;
      const { branch, commit, files } = JSON.parse(body) as { branch: string; commit: string; files: Line[] };
      return { branch, commit, manifests: new Map(files.map((line) => [line[0], fileOf(line)])) };
    },
    async save(branch, snapshot, read) {
      const key = keyOf(branch, snapshot);
      saved ??= await savedKey(path);
      if (key === saved) return;
      const files = [...(await read())].map(([file, { blob, refused, bytes }]): Line => {
        return [file, blob, refused, bytes && Buffer.from(bytes).toString('base64')];
      });
      const body = JSON.stringify({ branch, commit: snapshot.commit, files });
      await writeAtomically(path, `${header(key, body)}\n${body}`, 0o600);
      saved = key;
    },
  };
}

function fileOf([, blob, refused, base64]: Line): SnapshotFile {
  return { blob, refused, bytes: base64 === null ? null : Buffer.from(base64, 'base64') };
}

/** Distinguishes snapshots by what is in them; a commit that touches no manifest is no reason to write. */
function keyOf(branch: string, { manifests }: Snapshot): string {
  let sum = crc32(branch);
  for (const [path, { blob }] of manifests) sum = crc32(`${path}\0${blob}\0`, sum);
  return `${manifests.size}-${sum.toString(16)}`;
}

function header(key: string, body: string): string {
  return `bmcron fleet ${key} ${body.length} ${crc32(body).toString(16)}`;
}

/** The key of the file that is there: its first line alone is read. */
async function savedKey(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return /^bmcron fleet (\S+) /.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? '';
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
