import { crc32 } from 'node:zlib';
import { writeAtomically } from './atomic-file.ts';
import { readChunks } from './journal-lines.ts';

const NEWLINE = 0x0a;

/** A cache that outlives the process: values by key, such as a blob ID. Losing it costs time, never truth. */
export interface Cache<Value> {
  /** What was saved under this version; empty when there is nothing, or the file is damaged. */
  load(): Promise<Map<string, Value>>;
  /** Replaces all of it; a crash leaves the old values or the new ones. Equal content is not written again. */
  save(values: ReadonlyMap<string, Value>): Promise<void>;
}

/** Makes a key and its value of their JSON. */
export type ParsePair = (text: string) => unknown;

/**
 * A cache of values that are plain JSON, in a file: a line with the version and a checksum, then a line a value.
 * @param version of the code that computes the values: those of another version are not read
 */
export function createCache<Value>(path: string, version: string, parse: ParsePair = JSON.parse): Cache<Value> {
  let saved: string | null = null;
  return {
    async load() {
      const found = await read<Value>(path, parse).catch(() => null); // not JSON: damaged
      if (!found || found.first !== header(version, found.checksum)) return new Map();
      saved = found.first;
      return found.values;
    },
    async save(values) {
      const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
      const body = Buffer.from(sorted.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
      const first = header(version, crc32(body));
      if (first === saved) return;
      await writeAtomically(path, Buffer.concat([Buffer.from(`${first}\n`), body]), 0o600);
      saved = first;
    },
  };
}

/** Line by line: to parse all of it at once would take several times the memory. Null when the end is torn. */
async function read<Value>(path: string, parse: ParsePair) {
  const values = new Map<string, Value>();
  let first: string | null = null;
  let checksum = 0;
  for await (const { bytes } of readChunks(path)) {
    for (let from = 0, end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const text = bytes.toString('utf8', from, end);
      if (first === null) first = text;
      else {
        const [key, value] = parse(text) as [string, Value];
        values.set(key, value);
        checksum = crc32(bytes.subarray(from, end + 1), checksum);
      }
      from = end + 1;
    }
    if (bytes.at(-1) !== NEWLINE) return null;
  }
  return { first, values, checksum };
}

function header(version: string, checksum: number): string {
  return `bmcron cache 2 ${JSON.stringify(version)} ${checksum.toString(16)}`;
}
