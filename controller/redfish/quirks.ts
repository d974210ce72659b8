import { createBoundedMap } from '../../definitions/values/bounded-map.ts';

/** What was learnt of a BMC and saves asking again; forgotten when it answers 404. */
export interface Quirks {
  /** It has no sessions, or none left. */
  basic: boolean;
  /** Its login wants Basic as well. */
  basicLogin: boolean;
  /** The paths of its managers, by ID. */
  managers: Map<string, string>;
  /** Whether a PATCH needs If-Match, and which form of the ETag it takes. */
  ifMatch: number | null;
  /** The last login that it did not take: a digest of it, when, and why. */
  refused: { readonly login: string; readonly at: Date; readonly reason: string } | null;
}

/** The memories of the BMCs talked to, by endpoint. */
export interface QuirksByMachine {
  of(endpoint: string): Quirks;
}

const MAX_REMEMBERED = 10_000;

/** Empty memories, bounded. */
export function createQuirks(): QuirksByMachine {
  const known = createBoundedMap<string, Quirks>(MAX_REMEMBERED, 'all');
  return {
    of(endpoint) {
      const quirks = known.get(endpoint) ?? nothingKnown();
      known.set(endpoint, quirks);
      return quirks;
    },
  };
}

function nothingKnown(): Quirks {
  return { basic: false, basicLogin: false, managers: new Map(), ifMatch: null, refused: null };
}
