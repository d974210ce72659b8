import type { Windows } from '../../window.ts';
import type { FileWindows } from '../file.ts';
import { type ReportFinding, unique } from '../unique-ids.ts';

/** The windows of a fleet, and what its files say of others that are refused. */
export interface WindowReadings {
  readonly accepted: Windows;
  /** The Names of all documents, accepted or not. */
  readonly named: ReadonlySet<string>;
  /** File → how many of its documents are refused. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Puts together what files say of windows: a Name that two claim is that of neither (R10). */
export function windowsOf(files: ReadonlyMap<string, FileWindows>, report: ReportFinding): WindowReadings {
  const claims = [...files.values()].flatMap((file) => file.claims);
  const accepted = unique(claims, 'window Name', report);
  const refused = new Map<string, number>();
  for (const [file, { documents }] of files) {
    const good = [...accepted.values()].filter((each) => each.file === file).length;
    if (documents > good) refused.set(file, documents - good);
  }
  return { accepted, named: new Set(claims.map(({ id }) => id)), refused };
}
