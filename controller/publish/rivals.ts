import type { Clock } from '../clock.ts';
import type { Observe } from '../events/git-event.ts';
import type { Branch } from '../git/branch.ts';
import { listFiles } from '../git/tree.ts';
import { watermarkPath } from './watermark.ts';

const HOUR_MS = 3_600_000;

/** Tells of other controllers that publish to the same place while this one runs. */
export interface OthersWatch {
  /** Others have published since this one did: their IDs, and the objects of their watermarks. */
  met(marks: ReadonlyMap<string, string>): Promise<void>;
}

/** What telling of rivals takes. */
export interface RivalsOptions {
  readonly target: Branch;
  readonly prefix: string;
  readonly clock: Clock;
  readonly observe: Observe;
  /** The tip at the start: whoever published before that is no rival, but was there in between. */
  readonly seenAtStart?: () => string | null;
}

/** Each is told when it has published something new, and at most once an hour: a person must act, but can read. */
export function createRivals({ target, prefix, clock, observe, seenAtStart }: RivalsOptions): OthersWatch {
  const told = new Map<string, { readonly mark: string; readonly at: number }>();

  async function markThen(id: string): Promise<string | undefined> {
    const tip = seenAtStart?.() ?? null;
    if (tip === null) return undefined;
    const path = prefix + watermarkPath(id);
    // A clone that was made anew may not hold that tip: then the rival is told.
    const found = await listFiles(target.git, tip, [path]).catch(() => null);
    return found?.get(path)?.id;
  }

  return {
    async met(marks) {
      for (const [id, mark] of marks) {
        const before = told.get(id) ?? { mark: await markThen(id), at: Number.NEGATIVE_INFINITY };
        const now = clock.now().getTime();
        if (before.mark === mark) continue;
        const isDue = now - before.at >= HOUR_MS;
        told.set(id, { mark, at: isDue ? now : before.at });
        if (isDue) observe({ kind: 'RivalController', id });
      }
    },
  };
}
