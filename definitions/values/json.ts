/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object; look-ups in hostile ones go through `Object.hasOwn`. */
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value is a JSON object (not null, not a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property of a value that may be anything; undefined when it has none. Never follows a prototype (R03). */
export function own(value: unknown, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Whether two values of JSON are the same; `inOrder`: with their keys in the same order, so that they print alike. */
export function equal(a: unknown, b: unknown, inOrder = false): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => equal(each, b[i], inOrder));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  const has = (key: string, i: number) => (inOrder ? others[i] === key : Object.hasOwn(b, key));
  return keys.length === others.length && keys.every((key, i) => has(key, i) && equal(a[key], b[key], inOrder));
}

/**
 * What `patch` makes of a value by RFC 7396: null takes a field away, mappings merge, all else replaces.
 * @param whole fields of the value that are replaced and never merged
 */
export function mergePatch(value: Json | undefined, patch: Json, whole: readonly string[] = []): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(value) ? Object.entries(value) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) merged.delete(key);
    else merged.set(key, whole.includes(key) ? change : mergePatch(merged.get(key), change));
  }
  return Object.fromEntries(merged);
}

/** JSON text that is equal for equal meanings: object keys sorted at every level. */
export function canonical(value: Json): string {
  if (!isObject(value) && !Array.isArray(value)) return JSON.stringify(value);
  let text = ''; // every file of a fleet comes by here: no list of texts is made to be joined
  if (Array.isArray(value)) {
    for (const each of value) text += `${text && ','}${canonical(each)}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    text += `${text && ','}${JSON.stringify(key)}:${canonical(value[key] ?? null)}`;
  }
  return `{${text}}`;
}

const [QUOTE, BACKSLASH, BRACE, BRACE_END, BRACKET, BRACKET_END] = [34, 92, 123, 125, 91, 93];

/** Whether JSON text is nested deeper than so many levels. Asked before parsing: code that walks values has a stack. */
export function isNestedDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === BRACE || code === BRACKET) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === BRACE_END || code === BRACKET_END) depth -= 1;
  }
  return false;
}

/** Where the string ends that begins at a quote: at the next one that no odd number of backslashes stands before. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let at = end;
    while (text.charCodeAt(at - 1) === BACKSLASH) at -= 1;
    if ((end - at) % 2 === 0) return end;
  }
  return text.length;
}
