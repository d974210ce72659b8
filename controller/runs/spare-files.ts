import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** What a part that begins opens beside its connection: its secrets, an authority's certificates, the name service. */
const SPARE = 16;

/**
 * Whether this process can open some more files right now. A run that cannot would fail on a BMC that is well: it waits
 * instead, as with a full disk (R40). At once, and without the thread pool: it is asked where runs begin.
 */
export function hasSpareFiles(): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < SPARE) opened.push(openSync(devNull, 'r'));
    return true;
  } catch {
    return false;
  } finally {
    for (const each of opened) closeSync(each);
  }
}
