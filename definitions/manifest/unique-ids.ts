import type { RuleID } from '../rules.ts';
import { printable, show } from '../values/text.ts';
import type { Position } from '../yaml/document.ts';
import type { Finding } from './reading.ts';

/** Something that claims an ID: a document, accepted or not (R10). */
export interface IdClaim<T> {
  readonly id: string;
  readonly file: string;
  readonly at: Position;
  /** The path of the problem that two claimants have. */
  readonly path: string;
  readonly value: T | null;
}

/** Where refused machines stand: by ID, and the first one whose ID nobody knows. */
export interface RefusedMachines {
  readonly byID: ReadonlyMap<string, RefusedAt>;
  readonly unnamed: RefusedAt | null;
}

/** The file that is refused, and the place of its problem. */
export interface RefusedAt {
  readonly file: string;
  readonly at: Position;
}

/** Takes a problem of a file. */
export type ReportFinding = (file: string, finding: Finding) => void;

/** What is claimed once; claimants of one ID are all left out, and the problem of each names another (R10). @param what `job ID` */
export function unique<T>(claims: Iterable<IdClaim<T>>, what: string, report: ReportFinding): ReadonlyMap<string, T> {
  const first = new Map<string, IdClaim<T>>();
  const contested = new Map<string, IdClaim<T>[]>();
  const accepted = new Map<string, T>();
  for (const claim of claims) {
    const other = first.get(claim.id);
    if (!other) {
      first.set(claim.id, claim);
      if (claim.value) accepted.set(claim.id, claim.value);
      continue;
    }
    accepted.delete(claim.id);
    const claimants = contested.get(claim.id);
    if (claimants) claimants.push(claim);
    else contested.set(claim.id, [other, claim]);
  }
  for (const [id, claimants] of contested) {
    const [one, two] = claimants as [IdClaim<T>, IdClaim<T>];
    for (const claimant of claimants) {
      const other = claimant === one ? two : one;
      const message = `the ${what} ${show(id)} is also claimed by ${printable(other.file)}:${other.at[0]}`;
      report(claimant.file, error(claimant.path, 'R10', message, claimant.at));
    }
  }
  return accepted;
}

/** A problem of structure at a place. */
export function error(path: string, rule: RuleID, message: string, at: Position = [1, 1]): Finding {
  return { line: at[0], column: at[1], path, stage: 'structure', rule, message, severity: 'error' };
}
