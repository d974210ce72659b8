import { Composer, Document, isCollection, isMap, isScalar, Lexer, LineCounter, type ParsedNode, Parser } from 'yaml';
import type { Json } from '../values/json.ts';
import { printable } from '../values/text.ts';
import { faultText, isOpenQuote } from './fault-text.ts';
import { printBlock } from './print-block.ts';
import { DEEPEST, type PathKey, readTree, type SourceText } from './tree.ts';

/** The largest file that is read (R04). */
export const LARGEST_FILE_BYTES = 1_048_576;
/**
 * No manifest needs more; each is a limit on what a hostile file can cost (R04). `lexemes` counts a document's words,
 * `idle` those in a row that add nothing to it: blanks and comments weigh 1, anything else is nearly always an error.
 */
const LIMITS = { documents: 1_000, depth: DEEPEST, entries: 1_500, lexemes: 20_000, idle: 10_000, faults: 10 } as const;
/** On the parser's stack stand the document and a scalar besides what is nested. */
const AROUND = 2;
/** So many characters cost little, whatever they are: such a file is not watched while it is read. */
const HARMLESS = 1_000;
const LONGEST_MESSAGE = 200;
const IDLE_WEIGHT = 20;

/** Line and column, from 1. */
export type Position = readonly [line: number, column: number];

/** What YAML itself forbids about a document, and where. */
export interface YamlFault {
  readonly at: Position;
  readonly message: string;
}

/** One document of a file, as far as it could be read. */
export interface Parsed {
  /** Own properties only, `__proto__` among them; numbers may be infinite. Meaningless when there are faults. */
  readonly value: Json;
  readonly faults: readonly YamlFault[];
  /** Where a value, or with `key` the key that names it, is written; the nearest parent where the file has none. */
  position(path: readonly PathKey[], which?: 'key' | 'value'): Position;
  /** The text of the scalar that a path leads to, as it stands in the file; null where there is none. */
  source: SourceText;
  /** Whether a whole number is too large to be kept exactly. */
  readonly isRounded: boolean;
  /** The text that a field of the document has, also where the document has faults; null where that cannot be said. */
  hint(field: string): string | null;
}

/** The text of a file, or why it has none (R04): too large, or not UTF-8. A byte order mark is dropped. */
export function decode(bytes: Uint8Array): { text: string } | { fault: YamlFault } {
  if (bytes.byteLength > LARGEST_FILE_BYTES) {
    return { fault: { at: [1, 1], message: `the file is larger than 1 MiB: split it` } };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: { at: [1, 1], message: 'the file is not UTF-8 text: save it as UTF-8' } };
  }
}

/**
 * Reads a file as YAML 1.2, core schema (R04); JSON is YAML. Empty documents are skipped (R05). Never throws, and a
 * hostile file costs little: reading stops at the first limit that it exceeds.
 */
export function parse(bytes: Uint8Array): readonly Parsed[] {
  const decoded = decode(bytes);
  if ('fault' in decoded) return [unreadable(decoded.fault)];
  // At the start of a line these always end a document, even within a text: they can be counted before reading.
  const separators = decoded.text.match(/^(---|\.\.\.)(?=\s|$)/gm)?.length ?? 0;
  if (separators <= LIMITS.documents) return documentsOf(decoded.text);
  return [unreadable({ at: [1, 1], message: `more than ${LIMITS.documents} documents: split the file` })];
}

/** A quote that is not closed ends with its document, whatever the package takes for its text. */
function documentsOf(text: string): readonly Parsed[] {
  const { documents, hasOpenQuote } = compose(text, 0);
  if (!hasOpenQuote) return documents;
  const starts = [0, ...[...text.matchAll(SEPARATOR)].map(({ index }) => index).filter((index) => index > 0)];
  let line = 0;
  return starts.flatMap((start, index) => {
    const piece = text.slice(start, starts[index + 1]);
    const first = line;
    line += piece.split('\n').length - 1;
    return compose(piece.replace(/^\.\.\./, '   '), first).documents;
  });
}

const SEPARATOR = /^(?:---|\.\.\.)(?=\s|$)/gm;

/** What was read of a text. */
interface Composed {
  readonly documents: readonly Parsed[];
  readonly hasOpenQuote: boolean;
}

/** @param firstLine how many lines of the file stand before the text */
function compose(text: string, firstLine: number): Composed {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const place: Place = (offset) => placeIn(lines, offset, firstLine);
  let hasOpenQuote = false;
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ version: '1.2', schema: 'core', stringKeys: true, uniqueKeys: false });
  const documents: Parsed[] = [];
  const collect = (composed: Iterable<Document.Parsed>) => {
    for (const each of composed) {
      hasOpenQuote ||= each.errors.some(isOpenQuote);
      const parsed = read(each, text, place);
      if (parsed) documents.push(parsed);
    }
  };
  const exceeded = text.length > HARMLESS ? createLimits(parser) : () => null;
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) {
        if (token.type === 'directive') {
          documents.push(refused(place, token.offset, 'a % directive changes what values mean: remove it'));
          return { documents, hasOpenQuote };
        }
        collect(composer.next(token));
      }
      const limit = exceeded(lexeme);
      if (limit) return { documents: [...documents, refused(place, parser.offset, limit)], hasOpenQuote };
    }
    for (const token of parser.end()) collect(composer.next(token));
    collect(composer.end());
  } catch (error) {
    documents.push(
      refused(
        place,
        parser.offset,
        printable(`not readable as YAML: ${(error as Error).message}`.slice(0, LONGEST_MESSAGE)),
      ),
    );
  }
  return { documents, hasOpenQuote };
}

/** Watches a parser from lexeme to lexeme; the answer is the limit that the file has exceeded, or null. */
function createLimits(parser: Parser): (lexeme: string) => string | null {
  let lexemes = 0;
  let idle = 0;
  let depth = 0;
  let length = 0;
  return (lexeme) => {
    const { stack } = parser;
    const top = stack.at(-1);
    const entries = top && 'items' in top ? top.items.length : 0; // only the innermost collection grows
    if (lexeme === '---' || lexeme === '...') lexemes = 0;
    const isIdle = stack.length === depth && entries === length;
    idle = isIdle && lexemes > 0 ? idle + (/^[\s#]/.test(lexeme) ? 1 : IDLE_WEIGHT) : 0;
    depth = stack.length;
    length = entries;
    if (stack.length > LIMITS.depth + AROUND) return `nested deeper than ${LIMITS.depth} levels`;
    if (entries > LIMITS.entries) return `more than ${LIMITS.entries} entries in one list or mapping`;
    if (++lexemes > LIMITS.lexemes) return 'the document is too large: split it';
    return idle > LIMITS.idle ? 'not readable as YAML: too much here belongs to no value' : null;
  };
}

function read(document: Document.Parsed, text: string, place: Place): Parsed | null {
  const root = document.contents as ParsedNode | null;
  const said = document.errors.length === 0 ? document.warnings : [...document.errors, ...document.warnings];
  const faults: YamlFault[] = said
    .map((error) => faultText(error, text, root))
    .map(({ offset, message }) => ({ at: place(offset), message: printable(message.slice(0, LONGEST_MESSAGE)) }));
  if (faults.length === 0 && isEmpty(root)) return null;
  const tree = readTree(faults.length === 0 ? root : null);
  if (tree.fault)
    faults.push({
      at: place(tree.fault.offset),
      message: printable(tree.fault.message.slice(0, LONGEST_MESSAGE)),
    });
  return {
    value: tree.value,
    faults: faults.filter(isFirstOfLine).slice(0, LIMITS.faults),
    position: (path, which = 'value') => place(tree.offset(path, which)),
    source: tree.source,
    isRounded: tree.isRounded,
    hint: (field) => hintOf(root, field),
  };
}

/** One mistake makes several faults of its line. */
function isFirstOfLine({ at: [line] }: YamlFault, index: number, all: readonly YamlFault[]): boolean {
  return all.findIndex(({ at }) => at[0] === line) === index;
}

function hintOf(root: ParsedNode | null, field: string): string | null {
  const value = isMap(root) ? root.get(field) : null;
  return typeof value === 'string' ? value : null;
}

/** Nothing but blanks and comments; an explicit `null` or `~` is a document. */
function isEmpty(root: ParsedNode | null): boolean {
  return root === null || (isScalar(root) && root.source === '' && !root.tag && root.value === null);
}

function refused(place: Place, offset: number, message: string): Parsed {
  return unreadable({ at: place(offset), message });
}

function unreadable(fault: YamlFault): Parsed {
  return {
    value: null,
    faults: [fault],
    position: () => fault.at,
    source: () => null,
    isRounded: false,
    hint: () => null,
  };
}

/** Where in the file an offset of a text is. */
type Place = (offset: number) => Position;

function placeIn(lines: LineCounter, offset: number, firstLine: number): Position {
  const { line, col } = lines.linePos(offset);
  return [Math.max(line, 1) + firstLine, Math.max(col, 1)];
}

const PRINTING = { schema: 'core', compat: 'yaml-1.1', aliasDuplicateObjects: false } as const;
const LAYOUT = { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER } as const;
const QUOTED = { ...LAYOUT, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' } as const;
/** Line breaks and controls to some readers, which yaml writes as they are. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/**
 * Plain values as YAML documents, separated by `---`. Equal values give equal bytes, and whatever a YAML 1.1 reader
 * would take for something else (`22:00:00`, dates, `on`) is quoted.
 */
export function print(documents: readonly Json[]): string {
  return documents.map((each) => printBlock(each, isTyped) ?? printOne(each)).join('---\n');
}

const { tags, compat } = new Document(null, PRINTING).schema;
const MEANINGS = [...tags, ...(compat ?? [])].flatMap((tag) =>
  tag.default === true && 'test' in tag && tag.test ? [tag.test] : [],
);

/** Whether a reader of YAML 1.2 or 1.1 takes a plain text for a number, a truth value, a time or nothing. */
export function isTyped(text: string): boolean {
  return MEANINGS.some((meaning) => meaning.test(text));
}

function printOne(value: Json, inline = false): string {
  const document = new Document(value, PRINTING);
  if (isCollection(document.contents)) document.contents.flow = inline;
  const text = document.toString(LAYOUT);
  if (text.search(UNPRINTABLE) < 0) return text;
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return document.toString(QUOTED).replace(UNPRINTABLE, escaped);
}

/** A value on one line, as it can stand inside a YAML document. */
export function printInline(value: Json): string {
  return printOne(value, true).trimEnd();
}
