import { type Document, isMap, isSeq, parseAllDocuments } from 'yaml';
import { canonical, isObject, type Json, type JsonObject } from './json.ts';

/** A value to be set, and where below a document's root. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: Json;
}

const READING = { schema: 'core', version: '1.2', stringKeys: true } as const;
const WRITING = { lineWidth: 0 } as const;

/**
 * The text of a file with values set in the document whose `key` is `value`: comments and order stay, other documents
 * keep every byte, and what is right already is not touched. Null when there is no such document or it has faults.
 */
export function edit(text: string, key: string, value: string, edits: readonly Edit[]): string | null {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const plain = text.slice(mark.length);
  const json = asJson(plain);
  if (json) return json[key] === value ? mark + editJson(plain, json, edits) : null;
  const documents = parseAllDocuments(plain, READING);
  if (!Array.isArray(documents)) return null;
  const index = documents.findIndex((each) => isMap(each.contents) && each.get(key) === value);
  const found = documents[index];
  if (!found || found.errors.length > 0) return null;
  const changed = edits.map((each) => set(found, each)).includes(true);
  if (!changed) return text;
  const start = documents[index - 1]?.range[2] ?? 0;
  const end = found.range[2];
  const [head = ''] = /^(?:%.*\r?\n)*---(?:[ \t]*\r?\n)?/.exec(plain.slice(start)) ?? [];
  const eol = plain.includes('\r\n') ? '\r\n' : '\n';
  const body = found.toString({ ...WRITING, directives: false }).replace(/\r?\n/g, eol);
  return mark + plain.slice(0, start) + head + (/---[ \t]*$/.test(head) ? eol : '') + body + plain.slice(end);
}

/** Sets one value; tells whether that changed anything. Lists are written in one line, as people write them. */
function set(document: Document.Parsed, { path, value }: Edit): boolean {
  const held = document.getIn(path) as { toJSON?: () => Json } | Json | undefined;
  const now = isSeq(held) || isMap(held) ? (held.toJSON() as Json) : (held as Json | undefined);
  if (now !== undefined && canonical(now) === canonical(value)) return false;
  document.setIn(path, document.createNode(value, { flow: Array.isArray(value) }));
  return true;
}

function asJson(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function editJson(text: string, root: JsonObject, edits: readonly Edit[]): string {
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const changed = edits.reduce<JsonObject>((at, { path, value }) => withValue(at, path, value), root);
  return canonical(changed) === canonical(root) ? text : `${JSON.stringify(changed, null, indent)}\n`;
}

function withValue(root: JsonObject, [key, ...rest]: readonly string[], value: Json): JsonObject {
  if (key === undefined) return root;
  const inner = Object.hasOwn(root, key) ? root[key] : undefined;
  return { ...root, [key]: rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value) };
}
