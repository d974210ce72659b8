// A fleet of texts, as a commit has them.
import type { FleetEntry } from '../../definitions/manifest/file.ts';
import { type Fleet, type FleetOptions, readFleet } from '../../definitions/manifest/fleet.ts';
import { readEntry } from '../../definitions/manifest/read.ts';
import type { JsonObject } from '../../definitions/values/json.ts';

/** The files of a commit by path; JSON is YAML. Unchanged texts are the same objects in the next one. */
export type Texts = Readonly<Record<string, string | JsonObject | readonly JsonObject[]>>;

const known = new Map<string, FleetEntry | null>();

/** What Git would hold of these texts: files that stay are the very same. */
export function filesOf(texts: Texts): ReadonlyMap<string, FleetEntry> {
  const files = new Map<string, FleetEntry>();
  for (const [path, content] of Object.entries(texts)) {
    const text = typeof content === 'string' ? content : documents(content);
    const key = `${path} ${text}`;
    const entry = known.get(key) ?? readEntry(path, Buffer.from(text), `blob of ${text.length} ${path}`);
    known.set(key, entry);
    if (entry) files.set(path, entry);
  }
  return files;
}

function documents(content: JsonObject | readonly JsonObject[]): string {
  const all = Array.isArray(content) ? content : [content];
  return all.map((each) => JSON.stringify(each)).join('\n---\n');
}

/** The fleet of these texts. */
export function fleetOfTexts(texts: Texts, options: FleetOptions = {}): Fleet {
  return readFleet(filesOf(texts), 'c0ffee', options);
}

/** Its problems: `jobs/a.yaml MachineSelector R48 it fits no machine …`. */
export function problemsOfFleet({ problems }: Fleet): readonly string[] {
  return problems.map(({ file, path, rule, message }) => `${file} ${path} ${rule} ${message}`);
}
