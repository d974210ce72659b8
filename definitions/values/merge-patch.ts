import { isObject, type Json } from './json.ts';

/** What `patch` makes of a value by RFC 7396: null takes a field away, mappings merge, all else replaces. */
export function mergePatch(value: Json | undefined, patch: Json, whole: readonly string[] = []): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(value) ? Object.entries(value) : []);
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) merged.delete(key);
    else merged.set(key, whole.includes(key) ? change : mergePatch(merged.get(key), change));
  }
  return Object.fromEntries(merged);
}
