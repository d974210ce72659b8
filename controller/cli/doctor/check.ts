/** One thing that was looked at. */
export interface Check {
  /** `git`, `remote`, `secret rack1`, `machine m1`. */
  readonly what: string;
  /** `warning`: it works, and deserves a look. */
  readonly state: 'ok' | 'warning' | 'error';
  /** What was found. */
  readonly found: string;
  /** What to do; null when nothing is to be done. */
  readonly advice: string | null;
}

/** It is as a run needs it. */
export function ok(what: string, found: string): Check {
  return { what, state: 'ok', found, advice: null };
}

/** A run would work. @param advice what to look at */
export function warning(what: string, found: string, advice: string): Check {
  return { what, state: 'warning', found, advice };
}

/** It stands in the way of a run. @param advice what to do */
export function failed(what: string, found: string, advice: string): Check {
  return { what, state: 'error', found, advice };
}
