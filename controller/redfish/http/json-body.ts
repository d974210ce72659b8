import { isNestedDeeper, type Json } from '../../../definitions/values/json.ts';

const MAX_DEPTH = 64;

/** A body as JSON; undefined when it is empty, no JSON, or nested deeper than any resource is. */
export function parseBody(text: string): Json | undefined {
  if (text === '' || isNestedDeeper(text, MAX_DEPTH)) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
  } catch {
    return undefined;
  }
}
