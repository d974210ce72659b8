import type { Json } from '../../../definitions/values/json.ts';

const MAX_DEPTH = 64;

/** A body as JSON; undefined when it is empty, no JSON, or nested deeper than any resource is. */
export function parseBody(text: string): Json | undefined {
  if (text === '' || tooDeep(text)) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
  } catch {
    return undefined;
  }
}

/** Counted before parsing, so that no code that walks the value can run out of stack. */
function tooDeep(text: string): boolean {
  if ((text.match(/[{[]/g)?.length ?? 0) <= MAX_DEPTH) return false;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (quoted) {
      if (char === '\\') index += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return false;
}
