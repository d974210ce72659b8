import type { Json } from '../values/json.ts';
import { isObject } from '../values/json.ts';
import { printable } from '../values/text.ts';
import type { Parsed } from '../yaml/document.ts';
import { type PathKey, pathText } from '../yaml/tree.ts';
import type { Objection } from './reading.ts';

/** A whole number as it is written, and not `1e300`, which is what it says. */
const WHOLE = /^[-+]?(\d+|0x[0-9a-f]+|0o[0-7]+)$/i;

/**
 * Whole numbers of a document that are too large to be kept exactly: a BMC would get another one (R04). Left out are
 * those that are refused for something else already.
 */
export function roundedIntegers({ value, source }: Parsed, refused: readonly Objection[]): readonly Objection[] {
  const known = new Set(refused.map(({ path }) => pathText(path)));
  return [...unsafe(value, [])].flatMap((path): Objection[] => {
    const text = source(path);
    if (text === null || !WHOLE.test(text) || known.has(pathText(path))) return [];
    const message = `${printable(text.slice(0, 64))} is beyond ${Number.MAX_SAFE_INTEGER}: no larger whole number is kept exactly`;
    return [{ path, stage: 'structure', rule: 'R04', message }];
  });
}

function* unsafe(value: Json, path: readonly PathKey[]): Generator<readonly PathKey[]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* unsafe(item, [...path, index]);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* unsafe(item, [...path, key]);
  else if (Number.isInteger(value) && !Number.isSafeInteger(value)) yield path;
}
