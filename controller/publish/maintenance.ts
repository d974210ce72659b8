import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Branch } from '../git/branch.ts';
import { GitError } from '../git/error.ts';
import { dropOldKept } from '../git/refs.ts';
import { writeAtomically } from '../state/atomic-file.ts';
import type { Journal } from '../state/journal.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GC_MS = 30 * 60_000;

/** Keeps what the service writes from growing without end. */
export interface Maintenance {
  /** To be called when nothing waits to be pushed: the journal is public up to `hi`. Works at most once an hour. */
  run(hi: number): Promise<void>;
}

export interface MaintenanceOptions {
  readonly branch: Branch;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly stateDir: string;
  /** `Journal.KeepDays` of this moment: how long a watermark must have been public before what is below it may go. */
  readonly journalKeepDays: () => number;
}

/** So far the journal was public at that time. */
interface Mark {
  readonly hi: number;
  readonly at: string;
}

/** The maintenance of a state folder; the first work is done an hour after the start. */
export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { branch, journal, clock, stateDir, journalKeepDays } = options;
  const file = join(stateDir, 'public.json');
  let next = clock.now().getTime() + HOUR_MS;
  return {
    async run(hi) {
      const now = clock.now();
      if (now.getTime() < next) return;
      next = now.getTime() + HOUR_MS;
      const marks = await readMarks(file);
      const since = (mark: Mark) => now.getTime() - Date.parse(mark.at);
      const keptMs = journalKeepDays() * DAY_MS;
      const proven = marks.filter((mark) => since(mark) >= keptMs && mark.hi <= hi).at(-1);
      if (proven) await journal.prune(proven.hi, new Date(now.getTime() - keptMs));
      const latest = marks.at(-1);
      if (!latest || since(latest) >= DAY_MS) {
        const young = marks.filter((mark) => mark === proven || since(mark) < keptMs);
        await writeAtomically(file, `${JSON.stringify([...young, { hi, at: now.toISOString() }])}\n`);
      }
      await dropOldKept(branch.git, now);
      await collectGarbage(branch);
    },
  };
}

/** Packs what has become many small files; git itself decides whether it is time. */
async function collectGarbage({ git }: Branch): Promise<void> {
  try {
    await git.withHelpers(['-c', 'gc.auto=6700', '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'], GC_MS);
  } catch (error) {
    if (!(error instanceof GitError)) throw error; // another gc is at work, or the disk is full: next hour
  }
}

async function readMarks(file: string): Promise<Mark[]> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(value) ? value.filter((mark): mark is Mark => typeof mark?.hi === 'number') : [];
  } catch {
    return []; // the days begin anew
  }
}
