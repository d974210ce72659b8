import { isObject, type Json } from './json.ts';

/** Begins and ends as no number, date or mark of YAML does, and holds nothing that means something in a plain text. */
const PLAIN = /^[A-Za-z](?:[A-Za-z0-9 _./@-]|:(?=[A-Za-z0-9]))*(?<=[A-Za-z0-9])$/;
/** What a reader of YAML 1.1 or 1.2 takes for a truth value, nothing or (`e1`) a number. */
const WORD = /^(y|n|yes|no|on|off|true|false|null|e[-\d].*)$/i;
const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z|\d{4}-\d{2}-\d{2})$/;

/**
 * A value as a YAML block in the bytes that the yaml package would write, for what status files are made of: ten times
 * as fast. Null when any text in it is one that the package had better judge.
 */
export function printBlock(value: Json): string | null {
  if (!isObject(value) || Object.keys(value).length === 0) return null;
  const lines: string[] = [];
  return addMap(value, '', '', lines) ? `${lines.join('\n')}\n` : null;
}

/** Adds a mapping's lines; the first one begins with `lead`, the others with `indent`. */
function addMap(map: { readonly [key: string]: Json }, lead: string, indent: string, lines: string[]): boolean {
  let begin = lead;
  for (const [key, value] of Object.entries(map)) {
    const name = scalar(key);
    if (name !== key || !addEntry(value, `${begin}${name}:`, indent, lines)) return false;
    begin = indent;
  }
  return true;
}

function addEntry(value: Json, head: string, indent: string, lines: string[]): boolean {
  if (Array.isArray(value) && value.length > 0) {
    lines.push(head);
    return addList(value, `${indent}  `, lines);
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    lines.push(head);
    return addMap(value, `${indent}  `, `${indent}  `, lines);
  }
  return addScalar(value, `${head} `, lines);
}

function addList(list: readonly Json[], indent: string, lines: string[]): boolean {
  return list.every((item) => {
    if (Array.isArray(item) && item.length > 0) return false;
    if (isObject(item) && Object.keys(item).length > 0) return addMap(item, `${indent}- `, `${indent}  `, lines);
    return addScalar(item, `${indent}- `, lines);
  });
}

function addScalar(value: Json, head: string, lines: string[]): boolean {
  const text = scalar(value);
  if (text === null) return false;
  lines.push(head + text);
  return true;
}

function scalar(value: Json): string | null {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null;
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object') return '{}';
  if (TIME.test(value)) return `"${value}"`;
  return PLAIN.test(value) && !WORD.test(value) ? value : null;
}
