import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  type Pair,
  type ParsedNode,
  Parser,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { canonical, isObject, type Json, type JsonObject, own } from '../values/json.ts';
import { type Parsed, type Position, parse, printInline } from './document.ts';

/** What stands instead of a stretch of a text: offsets, `to` not included. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

type Field = Pair<ParsedNode, ParsedNode | null>;
type Mapping = YAMLMap.Parsed;

const BOM = '\ufeff';
/** A scalar of one line, quoted or plain, as far as a token may take its place. */
const SCALAR = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,[\]{}#"'&*!|>][^\s,[\]{}]*)/;
const READING = { version: '1.2', schema: 'core', stringKeys: true, uniqueKeys: false } as const;

/**
 * A file's text with one document brought to a value: what already says it stays byte for byte, comments and layout
 * with it. Null where that cannot be done (anchors, say): the text is proved by reading it again.
 * @param index which document, from 0, empty ones not counted
 */
export function edit(text: string, index: number, value: JsonObject): string | null {
  const json = index === 0 ? editJson(text, value) : null;
  if (json !== null) return json;
  const documents = parseAllDocuments<ParsedNode>(text, READING);
  if (!Array.isArray(documents)) return null;
  const filled = documents.filter((each) => each.contents !== null && !isNothing(each.contents));
  const document = filled[index];
  if (!document || !isMap(document.contents)) return null;
  const splices: Splice[] = [];
  bring({ text, document, splices }, document.contents, value);
  const edited = spliced(text, splices);
  return says(edited, index, value, valuesOf(text)) ? edited : null;
}

function spliced(text: string, splices: readonly Splice[]): string {
  return splices
    .toReversed() // of two at one place the first to be made stands first: inner fields end before outer ones begin
    .toSorted((a, b) => b.from - a.from || b.to - a.to)
    .reduce((result, { from, to, text: by }) => result.slice(0, from) + by + result.slice(to), text);
}

/**
 * The text of a job file with another `Trigger` in one of its documents, one line of it different and every other byte
 * as it was; null when that cannot be done so.
 * @param index which document, from 0, empty ones not counted
 */
export function withTrigger(text: string, index: number, token: string): string | null {
  const mark = text.startsWith(BOM) ? BOM : '';
  const plain = text.slice(mark.length);
  const documents = parse(new TextEncoder().encode(plain));
  const document = documents[index];
  if (!document || !isObject(document.value) || documents.some(({ faults }) => faults.length > 0)) return null;
  const before = documents.map(({ value }) => value);
  const wanted = { ...document.value, Trigger: token };
  // The nicest first: whether one will do is seen by reading what comes out.
  for (const splice of isSet(document) ? [newToken(plain, document, token)] : newTrigger(plain, document, token)) {
    const edited = spliced(plain, [splice]);
    if (says(edited, index, wanted, before)) return mark + edited;
  }
  return null;
}

function isSet({ value }: Parsed): boolean {
  return own(value, 'Trigger') !== undefined;
}

/** Another token in the place of the one that is there, in its quotes. */
function newToken(text: string, { position }: Parsed, token: string): Splice {
  const from = offsetOf(text, position(['Trigger']));
  const [was = ''] = SCALAR.exec(lineFrom(text, from)) ?? [];
  const quote = quoteOf(was);
  return { from, to: from + was.length, text: quote + token + quote };
}

/** The places of a new field: on a line after Action, or before it; in a flow mapping before it only. */
function newTrigger(text: string, { position }: Parsed, token: string): readonly Splice[] {
  const [keyLine, keyColumn] = position(['Action'], 'key');
  const [valueLine] = position(['Action']);
  const lineStart = offsetOf(text, [keyLine, 1]);
  const line = lineFrom(text, lineStart);
  const indent = line.slice(0, keyColumn - 1);
  const quote = quoteOf(line.slice(keyColumn - 1));
  const field = `${quote}Trigger${quote}: ${quote}${token}${quote}`;
  const eol = line.endsWith('\r') ? '\r\n' : '\n';
  const isFlow = text[offsetOf(text, position([]))] === '{';
  const above = insertion(lineStart, `${indent}${field}${isFlow ? ',' : ''}${eol}`);
  if (isFlow) {
    const inline = insertion(lineStart + keyColumn - 1, `${field}, `);
    return indent.trim() === '' ? [above, inline] : [inline];
  }
  const next = text.indexOf('\n', offsetOf(text, [valueLine, 1])) + 1;
  return next === 0 ? [above] : [insertion(next, `${indent}${field}${eol}`), above];
}

function insertion(at: number, text: string): Splice {
  return { from: at, to: at, text };
}

function quoteOf(text: string): string {
  return /^["']/.exec(text)?.[0] ?? '';
}

function offsetOf(text: string, [line, column]: Position): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

/** The rest of a line, without its end. */
function lineFrom(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(offset, end < 0 ? text.length : end);
}

/** A file's text without one of its documents, the comments above it gone with it; null where that cannot be done. */
export function withoutDocument(text: string, index: number): string | null {
  const values = valuesOf(text);
  const begins: number[] = [0];
  let content = 0;
  for (const { type, offset } of new Parser().parse(text)) {
    const isContent = type === 'document';
    if (content > begins.length - 1 && type !== 'doc-end') begins.push(offset);
    if (isContent) content += 1;
  }
  if (content !== values.length || index >= content) return null;
  const header = index === 0 ? headerEnd(text) : 0;
  const from = Math.max(begins[index] ?? 0, header);
  const rest = text.slice(0, from) + text.slice(begins[index + 1] ?? text.length);
  const left = values.filter((_, each) => each !== index);
  const kept = header === 0 ? rest.replace(/^---[ \t]*\r?\n/, '') : rest;
  return same(valuesOf(kept), left) ? kept : null;
}

/** Comments at the top of a file are about the file when a blank line stands before its first document. */
function headerEnd(text: string): number {
  return /^(?:#[^\n]*\n|[ \t]*\r?\n)*\r?\n(?=#|[^\s#])/.exec(text)?.[0].length ?? 0;
}

/** A document being edited. */
interface Work {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly splices: Splice[];
}

/** Brings a mapping to a value; fields that agree are not touched. */
function bring(work: Work, map: Mapping, value: JsonObject): void {
  const fields = map.items as Field[];
  const kept = fields.filter(({ key }) => Object.hasOwn(value, nameOf(key)));
  const names = new Set(fields.map(({ key }) => nameOf(key)));
  const added = Object.keys(value).filter((key) => !names.has(key));
  const isWhole = kept.length === 0 || (map.flow && (added.length > 0 || kept.length < fields.length));
  if (isWhole) {
    work.splices.push({ from: map.range[0], to: endOf(map, work), text: printInline(value) });
    return;
  }
  for (const field of fields) {
    const wanted = own(value, nameOf(field.key));
    if (wanted === undefined) remove(work, field);
    else change(work, field, wanted);
  }
  const last = kept.at(-1);
  if (last && added.length > 0)
    insert(
      work,
      last,
      added.map((key) => [key, value[key] ?? null]),
    );
}

function change(work: Work, { key, value: node }: Field, wanted: Json): void {
  const { text, splices, document } = work;
  if (node === null) return;
  if (canonical(node.toJS(document) as Json) === canonical(wanted)) return;
  if (isMap(node) && isObject(wanted)) {
    bring(work, node, wanted);
    return;
  }
  const colon = text.indexOf(':', key.range[1]) + 1;
  const to = Math.max(endOf(node, work), node.range[0]);
  const onNextLine = isCollection(node) && !node.flow && text.slice(colon, node.range[0]).trim() === '';
  const from = onNextLine ? colon : node.range[0];
  const gap = /[:\s]/.test(text[from - 1] ?? '') && text[from - 1] !== ':' ? '' : ' ';
  const behind = text[to] === '#' ? ' ' : '';
  splices.push({ from, to, text: `${gap}${printInline(wanted)}${behind}` });
}

/** Takes the lines of a field away. */
function remove({ text, splices, document }: Work, { key, value }: Field): void {
  const from = text.lastIndexOf('\n', key.range[0] - 1) + 1;
  const end = value ? endOf(value, { text, splices, document }) : key.range[1];
  const newline = text.indexOf('\n', Math.max(end, key.range[1]));
  splices.push({ from, to: newline < 0 ? text.length : newline + 1, text: '' });
}

/** Puts fields on lines of their own behind another one. */
function insert(work: Work, { key, value }: Field, fields: readonly (readonly [string, Json])[]): void {
  const { text, splices } = work;
  const indent = text.slice(text.lastIndexOf('\n', key.range[0] - 1) + 1, key.range[0]);
  const end = Math.max(value ? endOf(value, work) : 0, key.range[1]);
  const newline = text.indexOf('\n', end);
  const at = newline < 0 ? text.length : newline;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const behind = text[at - 1] === '\r' ? at - 1 : at;
  const lines = fields.flatMap(([name, each]) => fieldLines(name, each, indent));
  splices.push({ from: behind, to: behind, text: lines.map((line) => eol + line).join('') });
}

/** A new field as people write it: mappings that hold more than scalars on lines of their own, the rest inline. */
function fieldLines(name: string, value: Json, indent: string): readonly string[] {
  const key = `${indent}${printInline(name)}:`;
  const isDeep = isObject(value) && Object.values(value).some((each) => typeof each === 'object' && each !== null);
  if (!isDeep) return [`${key} ${printInline(value)}`];
  return [key, ...Object.entries(value).flatMap(([inner, each]) => fieldLines(inner, each, `${indent}  `))];
}

/** A JSON file stays one: its text with another value, indented as it was; null when it is not JSON. */
function editJson(text: string, value: JsonObject): string | null {
  try {
    if (canonical(JSON.parse(text) as Json) === canonical(value)) return text;
  } catch {
    return null;
  }
  const indent = /^[{]\r?\n([ \t]+)"/.exec(text)?.[1];
  return JSON.stringify(value, null, indent) + (text.endsWith('\n') ? '\n' : '');
}

/** Where a value's own text ends: block collections claim the comments behind them. */
function endOf(node: ParsedNode, work: Work): number {
  let end = node.range[1];
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1) as Field | ParsedNode | undefined;
    if (last && 'key' in last)
      end = last.value ? Math.max(endOf(last.value, work), last.key.range[1]) : last.key.range[1];
    else if (last) end = endOf(last as ParsedNode, work);
  }
  while (end > node.range[0] && /\s/.test(work.text[end - 1] ?? '')) end -= 1;
  return end;
}

function nameOf(key: ParsedNode): string {
  return isScalar(key) ? String(key.value) : '';
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.source === '' && node.value === null;
}

function valuesOf(text: string): readonly (Json | undefined)[] {
  return parse(new TextEncoder().encode(text)).map(({ value, faults }) => (faults.length === 0 ? value : undefined));
}

function says(edited: string, index: number, value: Json, before: readonly (Json | undefined)[]): boolean {
  return same(
    valuesOf(edited),
    before.map((each, at) => (at === index ? value : each)),
  );
}

function same(a: readonly (Json | undefined)[], b: readonly (Json | undefined)[]): boolean {
  const texts = (all: typeof a) => all.map((each) => (each === undefined ? '' : canonical(each)));
  return JSON.stringify(texts(a)) === JSON.stringify(texts(b));
}
