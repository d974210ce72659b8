import { canonical, isObject, type Json, own } from '../values/json.ts';
import { type Parsed, parse } from './document.ts';

const BOM = '\ufeff';
const SCALAR = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,[\]{}#"'&*!|>][^\s,[\]{}]*)/;

/** Where a line is inserted, or a part of one replaced: line and columns from 0. */
interface Edit {
  readonly line: number;
  /** Undefined: a new line before this one. */
  readonly from?: number;
  readonly to?: number;
  readonly text: string;
}

/**
 * The text of a job file with another `Trigger` in one of its documents, one line of it different and every other byte
 * as it was; null when that cannot be done so.
 * @param document which of the file's documents that are not empty, from 0
 */
export function withTrigger(text: string, document: number, token: string): string | null {
  const mark = text.startsWith(BOM) ? BOM : '';
  const plain = text.slice(mark.length);
  const before = parse(Buffer.from(plain));
  const target = before[document];
  if (!target || !isObject(target.value) || before.some(({ faults }) => faults.length > 0)) return null;
  const lines = plain.split('\n');
  for (const edit of edits(target, lines, token)) {
    const edited = applied(lines, edit);
    if (saysSo(before, parse(Buffer.from(edited)), document, token)) return mark + edited;
  }
  return null;
}

/** The edits that may do, the nicest first: whether they do is seen by reading what comes out. */
function edits(target: Parsed, lines: readonly string[], token: string): readonly Edit[] {
  if (own(target.value, 'Trigger') !== undefined) {
    const [line, column] = target.position(['Trigger']);
    const [was = ''] = SCALAR.exec(lines[line - 1]?.slice(column - 1) ?? '') ?? [];
    const quote = /^["']/.exec(was)?.[0] ?? '';
    return [{ line: line - 1, from: column - 1, to: column - 1 + was.length, text: quote + token + quote }];
  }
  const [keyLine, keyColumn] = target.position(['Action'], 'key');
  const [valueLine] = target.position(['Action']);
  const [rootLine, rootColumn] = target.position([]);
  const source = lines[keyLine - 1] ?? '';
  const indent = source.slice(0, keyColumn - 1);
  const quote = /^["']/.exec(source.slice(keyColumn - 1))?.[0] ?? '';
  const field = `${quote}Trigger${quote}: ${quote}${token}${quote}`;
  const end = source.endsWith('\r') ? '\r' : '';
  const isFlow = lines[rootLine - 1]?.[rootColumn - 1] === '{';
  const inline = { line: keyLine - 1, from: keyColumn - 1, to: keyColumn - 1, text: `${field}, ` };
  if (isFlow)
    return indent.trim() === '' ? [{ line: keyLine - 1, text: `${indent}${field},${end}` }, inline] : [inline];
  return [
    ...(valueLine < lines.length ? [{ line: valueLine, text: `${indent}${field}${end}` }] : []),
    { line: keyLine - 1, text: `${indent}${field}${end}` },
  ];
}

function applied(lines: readonly string[], { line, from, to, text }: Edit): string {
  if (from === undefined) return [...lines.slice(0, line), text, ...lines.slice(line)].join('\n');
  const source = lines[line] ?? '';
  return lines.with(line, source.slice(0, from) + text + source.slice(to)).join('\n');
}

/** Whether the file says the same as before, but for the one token. */
function saysSo(before: readonly Parsed[], after: readonly Parsed[], document: number, token: string): boolean {
  if (after.length !== before.length || after.some(({ faults }) => faults.length > 0)) return false;
  return before.every(({ value }, index) => {
    const wanted: Json = index === document && isObject(value) ? { ...value, Trigger: token } : value;
    return canonical(wanted) === canonical(after[index]?.value ?? null);
  });
}
