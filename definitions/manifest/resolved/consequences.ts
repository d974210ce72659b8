import type { Problem } from '../../problem.ts';
import { printable } from '../../values/text.ts';

/** Consequences that the problem they follow from names. */
const MOST_NAMED = 3;

/** A place as a consequence names what it follows from. */
export function placeOf({ file, line, column }: Pick<Problem, 'file' | 'line' | 'column'>): string {
  return `${printable(file)}:${line}:${column}`;
}

/**
 * Problems as people are told of them: what follows from another one stands in that one's message, so that one mistake
 * is one problem. Each is told for itself where the one that it follows from is not there.
 * @param joins whether a consequence may stand in its cause
 */
export function folded<Told extends Problem>(
  problems: readonly Told[],
  joins: (consequence: Told, cause: Told) => boolean = () => true,
): readonly Told[] {
  if (problems.every(({ because }) => because === undefined)) return problems;
  const causes = new Map<string, Told>();
  for (const each of problems) {
    const place = placeOf(each);
    if (each.severity === 'error' && each.because === undefined && !causes.has(place)) causes.set(place, each);
  }
  const follow = new Map<Told, string[]>();
  const told = problems.filter((each) => {
    const cause = each.because === undefined ? undefined : causes.get(each.because);
    if (!cause || !joins(each, cause)) return true;
    const place = `${printable(each.file)}:${each.line}`;
    const places = follow.get(cause) ?? [];
    if (!places.includes(place)) follow.set(cause, [...places, place]);
    return false;
  });
  return told.map((each) => {
    const places = follow.get(each);
    return places ? { ...each, message: `${each.message}; refused with it: ${listed(places)}` } : each;
  });
}

function listed(places: readonly string[]): string {
  const rest = places.length - MOST_NAMED;
  const named = places.slice(0, MOST_NAMED).join(', ');
  return rest > 0 ? `${named} and ${rest} more` : named;
}
