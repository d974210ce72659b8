/** A commit of those that are judged. */
export interface JudgedCommit {
  readonly id: string;
  readonly parents: readonly string[];
  /** Whether it touches more of the fleet than the service's own paths. */
  readonly foreign: boolean;
}

/** What may take effect of a range. */
export interface Standing {
  /** The commit that decides: the newest signed one that no other sound one descends from, or the base. */
  readonly head: string;
  /** The newest commit that is built on it, and says the same. */
  readonly commit: string;
}

/**
 * The newest commit of a range that stands on good ones alone. It contains the base: of two lines that join, the one
 * that left before the base was judged brings back what was there then, by commits that were good at their time.
 * Whoever pushes chooses the order of a merge's parents, so that counts only between lines neither of which has seen
 * the other.
 * @param range what is in the tip and not in the base, from old to new
 * @param base good, whatever is before it; null: the range has all there is
 * @param good the commits that carry a good signature
 * @returns null when nothing signed is there
 */
export function newestSound(
  range: readonly JudgedCommit[],
  base: string | null,
  good: ReadonlySet<string>,
): Standing | null {
  const inRange = new Set(range.map(({ id }) => id));
  const sound = new Set<string>();
  const above = new Set(base === null ? [] : [base]);
  const candidates = range.filter(({ id, parents, foreign }) => {
    const isSound = (!foreign || good.has(id)) && parents.every((parent) => !inRange.has(parent) || sound.has(parent));
    const isAbove = base === null || parents.some((parent) => above.has(parent));
    if (isSound) sound.add(id);
    if (isAbove) above.add(id);
    return isSound && isAbove;
  });
  const head = headOf(range, candidates) ?? base;
  if (head === null) return null;
  const built = new Set([head]);
  for (const { id, parents } of candidates) if (parents.some((parent) => built.has(parent))) built.add(id);
  return { head, commit: [...built].at(-1) ?? head };
}

/** The signed commit that no other descends from; of several, the one on the tip's own line. */
function headOf(range: readonly JudgedCommit[], candidates: readonly JudgedCommit[]): string | null {
  const covered = new Set<string>();
  const heads: string[] = [];
  for (const { id, parents, foreign } of [...candidates].reverse()) {
    if (foreign && !covered.has(id)) heads.push(id);
    if (foreign || covered.has(id)) for (const parent of parents) covered.add(parent);
  }
  if (heads.length < 2) return heads[0] ?? null;
  const firstParents = new Map(range.map(({ id, parents }) => [id, parents[0]]));
  for (let at = range.at(-1)?.id; at !== undefined; at = firstParents.get(at)) if (heads.includes(at)) return at;
  return heads[0] ?? null;
}
