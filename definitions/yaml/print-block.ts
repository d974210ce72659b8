import { isObject, type Json } from '../values/json.ts';

/** Begins and ends as no number, date or mark of YAML does, and holds nothing that means something in a plain text. */
const PLAIN = /^[A-Za-z](?:[A-Za-z0-9 _./@-]|:(?=[A-Za-z0-9]))*(?<=[A-Za-z0-9])$/;
/** What a reader of YAML 1.1 or 1.2 takes for a truth value, nothing or (`e1`) a number. */
const WORD = /^(y|n|yes|no|on|off|true|false|null|e[-\d].*)$/i;
/** The texts that are judged here; the package judges other alphabets, breaks, controls and marks of documents. */
const JUDGED = /^(?!%|---|\.\.\.)[ -~]*$/;
/** YAML's indicators where they mean something (YAML 1.2, 7.3.3). */
const INDICATOR = /^[ ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-] |^<<$|: | #|[ :]$/;
/** Longer keys are written in another way. */
const LONGEST_KEY = 1_000;

/**
 * A value as a YAML block in the bytes that the yaml package would write, ten times as fast: for status files.
 * Null when any text in it is one that the package has to judge.
 * @param isTyped whether a reader takes a plain text for something else than a text
 */
export function printBlock(value: Json, isTyped: (text: string) => boolean): string | null {
  if (!isObject(value) || Object.keys(value).length === 0) return null;
  const lines: string[] = [];
  return addMap(value, '', '', { lines, isTyped }) ? `${lines.join('\n')}\n` : null;
}

/** What is written so far, and how texts are judged. */
interface Printing {
  readonly lines: string[];
  readonly isTyped: (text: string) => boolean;
}

/** Adds a mapping's lines; the first one begins with `lead`, the others with `indent`. */
function addMap(map: { readonly [key: string]: Json }, lead: string, indent: string, printing: Printing): boolean {
  let begin = lead;
  for (const [key, value] of Object.entries(map)) {
    if (!isName(key) || !addField(value, `${begin}${key}:`, indent, printing)) return false;
    begin = indent;
  }
  return true;
}

function addField(value: Json, head: string, indent: string, printing: Printing): boolean {
  if (Array.isArray(value) && value.length > 0) {
    printing.lines.push(head);
    return addList(value, `${indent}  `, printing);
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    printing.lines.push(head);
    return addMap(value, `${indent}  `, `${indent}  `, printing);
  }
  return addScalar(value, `${head} `, printing);
}

function addList(list: readonly Json[], indent: string, printing: Printing): boolean {
  return list.every((item) => {
    if (Array.isArray(item) && item.length > 0) return false;
    if (isObject(item) && Object.keys(item).length > 0) return addMap(item, `${indent}- `, `${indent}  `, printing);
    return addScalar(item, `${indent}- `, printing);
  });
}

function addScalar(value: Json, head: string, printing: Printing): boolean {
  const text = scalar(value, printing);
  if (text === null) return false;
  printing.lines.push(head + text);
  return true;
}

function isName(key: string): boolean {
  return key.length <= LONGEST_KEY && PLAIN.test(key) && !WORD.test(key);
}

function scalar(value: Json, { isTyped }: Printing): string | null {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null;
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object') return '{}';
  if (PLAIN.test(value) && !WORD.test(value)) return value;
  if (!JUDGED.test(value)) return null;
  return INDICATOR.test(value) || isTyped(value) ? quoted(value) : value;
}

function quoted(text: string): string {
  return text.includes('"') && !text.includes("'") ? `'${text}'` : JSON.stringify(text);
}
