import { isCollection, isMap, isPair, isScalar, type ParsedNode, type YAMLError } from 'yaml';

/** What YAML forbids about a document, in words for whoever wrote it, and where that begins. */
export interface FaultText {
  readonly offset: number;
  readonly message: string;
}

/** A quoted text, or a list or mapping in brackets, that is not closed. */
interface Unclosed {
  readonly offset: number;
  readonly mark: string;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '"': '"', "'": "'" };
const NO_FIELD = 'a field is wanted here: "Name: value"';

/** By what the package says; the first that fits. */
const WORDS: readonly (readonly [said: RegExp, message: string])[] = [
  [
    /^Nested mappings are not allowed/,
    'a ": " after a value: quote the text if it belongs to it, else put the field on a line of its own like others',
  ],
  [/^Tabs are not allowed/, 'a tab indents this line: use blanks'],
  [/must start at the same column/, 'this line is indented otherwise than its neighbours'],
  [/^Implicit (map )?keys|^Implicit keys/, NO_FIELD],
  [/^A block sequence may not be/, 'a list stands where a field is wanted: put its name before it'],
  [/^Sequence item without/, 'an item of a list begins with "- "'],
  [/^Plain value cannot start with/, 'a text cannot begin with this character: quote it'],
  [/^Comments must be separated/, 'a blank is missing before "#"; quote the text if it belongs to it'],
  [
    /^Invalid escape sequence|^Missing closing/,
    'in double quotes \\ begins an escape: write \\\\, or use single quotes',
  ],
  [/^Unexpected block-seq-ind on same line/, 'a list begins on a line of its own'],
  [
    /^Block collections? (is|are) not allowed within flow/,
    'inside brackets lists and mappings need brackets of their own',
  ],
  [/^Missing , or : between flow|^Missing , between flow/, 'a comma is missing between two items'],
  [/^Unexpected flow-/, 'a bracket that belongs to nothing: remove it, or quote the text'],
];

/**
 * An error of the yaml package in our words; its own where we have none.
 * @param root what could be read all the same
 */
export function faultText({ code, message, pos }: YAMLError, text: string, root: ParsedNode | null): FaultText {
  const [first = ''] = message.split('\n');
  const isOpen = /^Missing closing|must be sufficiently indented and end with|to end with|Expected flow/.test(first);
  const unclosed = isOpen ? lastUnclosed(root, text, pos[0]) : null;
  if (unclosed) {
    const what = unclosed.mark === '[' ? 'list' : unclosed.mark === '{' ? 'mapping' : 'text';
    const close = CLOSING[unclosed.mark] ?? unclosed.mark;
    const message = `the ${what} that begins with ${unclosed.mark} is not closed: end it with ${close}`;
    return { offset: unclosed.offset, message };
  }
  const known = code === 'IMPOSSIBLE' ? undefined : WORDS.find(([said]) => said.test(first));
  return { offset: pos[0], message: known?.[1] ?? first };
}

/** Whether an error is about a quote that is never closed, so that all that follows was taken for its text. */
export function isOpenQuote({ message }: YAMLError): boolean {
  return /^Missing closing ["']quote/.test(message);
}

/** The innermost thing before an offset that is opened and not closed. */
function lastUnclosed(node: unknown, text: string, before: number): Unclosed | null {
  if (isPair(node)) return lastUnclosed(node.value, text, before) ?? lastUnclosed(node.key, text, before);
  if (isCollection(node)) {
    for (const item of [...node.items].reverse()) {
      const found = lastUnclosed(item, text, before);
      if (found) return found;
    }
    return node.flow ? unclosedAt(node as ParsedNode, text, before, isMap(node) ? '{' : '[') : null;
  }
  const quote = isScalar(node) ? { QUOTE_DOUBLE: '"', QUOTE_SINGLE: "'" }[String(node.type)] : undefined;
  return quote === undefined ? null : unclosedAt(node as ParsedNode, text, before, quote);
}

function unclosedAt({ range }: ParsedNode, text: string, before: number, mark: string): Unclosed | null {
  const [offset, end] = range;
  const isClosed = end - offset > 1 && text.slice(offset, end).endsWith(CLOSING[mark] ?? mark);
  return offset <= before && text[offset] === mark && !isClosed ? { offset, mark } : null;
}
