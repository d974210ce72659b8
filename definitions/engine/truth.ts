// Journal, engine, Git: who is right where they disagree. The journal is the truth of what is told in Git; the engine's
// claims, starts and results are the truth between controllers.

/** Who knows something. */
export interface KnownBy {
  readonly journal: boolean;
  readonly engine: boolean;
}

/**
 * What a start makes of a run that has no end yet. Claimed anywhere is claimed: it is never begun anew.
 * - `resume`: it is claimed for all controllers; each part goes on from what the engine holds of it
 * - `interrupted`: the journal alone knows it, so the process ended between the two, or the engine has forgotten (R24)
 * - `free`: nobody has claimed it
 */
export function claimTruth({ journal, engine }: KnownBy): 'resume' | 'interrupted' | 'free' {
  if (engine) return 'resume';
  return journal ? 'interrupted' : 'free';
}

/**
 * Which result of a part counts. The journal's stands, since it may be public; one that comes besides it is a line in
 * the log. What only the engine has is imported.
 */
export function resultTruth({ journal, engine }: KnownBy): 'journal' | 'import' | 'open' {
  if (journal) return 'journal';
  return engine ? 'import' : 'open';
}
