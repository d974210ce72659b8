import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAtomically } from './state.ts';

/** A cache that outlives the process: values by blob ID. Losing it costs time, never truth. */
export interface Cache<Value> {
  /** What was saved under this version; empty when there is nothing, or nothing that can be trusted. */
  load(): Promise<Map<string, Value>>;
  /** Replaces all of it; a crash leaves the old values or the new ones. Equal content is not written again. */
  save(values: ReadonlyMap<string, Value>): Promise<void>;
}

/**
 * A cache of values that are plain JSON, in a file of the state folder.
 * @param version of what makes the values: another one's are not read
 */
export function createCache<Value>(path: string, version: string): Cache<Value> {
  let saved: string | null = null;
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const newline = text.indexOf('\n');
      const body = text.slice(newline + 1);
      if (text.slice(0, newline) !== header(version, body)) return new Map();
      saved = text.slice(0, newline);
      return new Map(JSON.parse(body) as [string, Value][]);
    },
    async save(values) {
      const body = JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
      const first = header(version, body);
      if (first === saved) return;
      await writeAtomically(path, `${first}\n${body}`, 0o600);
      saved = first;
    },
  };
}

function header(version: string, body: string): string {
  return `bmcron cache ${JSON.stringify(version)} ${body.length} ${crc32(body).toString(16)}`;
}
