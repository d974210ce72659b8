import type { JobID } from '../../definitions/job.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { Claim, Outcome, RunID } from '../../definitions/run.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { createBoundedMap } from '../../definitions/values/bounded-map.ts';

/** One machine's part of a run, as recorded. */
export interface RecentPart {
  readonly outcome: Outcome;
  readonly path: string;
  readonly log: LogRecord;
}

/** A run as far as it is recorded. */
export interface RecentRun {
  readonly claim: Claim;
  readonly parts: readonly RecentPart[];
  /** Null while it goes on. */
  readonly finish: Extract<JournalRecord, { kind: 'finish' }> | null;
}

/** How a run of a job ended: its name, when, and on how many machines it failed. */
export type Ending = readonly [run: RunID, end: string, failures: number];

/** What a machine's parts of one day (whole days since 1970, UTC) came to. */
export type DayTally = readonly [day: number, succeeded: number, failed: number];

/** What happened lately, read from the journal: bounded, and forgotten with the process. */
export interface RecentRuns {
  note(entries: readonly JournalEntry[]): void;
  /** Everything up to this number is public. */
  pushed(seq: number): void;
  /** What is not public yet. */
  unpushed(): { readonly count: number; readonly oldest: Date | null };
  run(id: RunID): RecentRun | undefined;
  /** The runs that go on, oldest first. */
  running(): readonly RecentRun[];
  /** The latest endings of a job, oldest first; the list is another one when it changes. */
  endings(job: JobID): readonly Ending[];
  days(machine: MachineID): readonly DayTally[];
  /** Machines that got results since the last call. */
  takeChanged(): ReadonlySet<MachineID>;
}

const RUNS_KEPT = 2_000;
const PARTS_KEPT = 20_000;
const ENDINGS_KEPT = 20;
const JOBS_KEPT = 20_000;
const MACHINES_KEPT = 20_000;
const DAYS_KEPT = 30;
const DAY_MS = 86_400_000;
const NONE: readonly Ending[] = [];

interface Open extends RecentRun {
  parts: RecentPart[];
  finish: RecentRun['finish'];
}

/** An empty history. */
export function createRecentRuns(): RecentRuns {
  const runs = new Map<RunID, Open>();
  const open = new Map<RunID, Open>();
  const endings = createBoundedMap<JobID, readonly Ending[]>(JOBS_KEPT, 'oldest');
  const days = createBoundedMap<MachineID, DayTally[]>(MACHINES_KEPT, 'oldest');
  const waiting: { readonly seq: number; readonly at: Date }[] = [];
  let changed = new Set<MachineID>();
  let parts = 0;

  /** The oldest finished runs go first. */
  function bound(): void {
    for (const [id, run] of runs) {
      if (runs.size <= RUNS_KEPT && parts <= PARTS_KEPT) return;
      if (run.finish === null) continue;
      runs.delete(id);
      parts -= run.parts.length;
    }
  }

  function ended(record: Extract<JournalRecord, { kind: 'finish' }>): void {
    const run = open.get(record.run);
    if (run) run.finish = record;
    open.delete(record.run);
    const ending: Ending = [record.run, record.end, record.failures];
    endings.set(record.job, [...(endings.get(record.job) ?? NONE), ending].slice(-ENDINGS_KEPT));
    bound();
  }

  function noteOne({ seq, record }: JournalEntry): void {
    switch (record.kind) {
      case 'claim': {
        const run: Open = { claim: record.claim, parts: [], finish: null };
        runs.set(record.claim.run, run);
        open.set(record.claim.run, run);
        break;
      }
      case 'result': {
        const { run, outcome, path, log } = record;
        waiting.push({ seq, at: new Date(log.Timestamp) });
        runs.get(run)?.parts.push({ outcome, path, log });
        parts += runs.has(run) ? 1 : 0;
        days.set(log.MachineID, tallied(days.get(log.MachineID) ?? [], log));
        changed.add(log.MachineID);
        break;
      }
      case 'finish':
        ended(record);
        break;
    }
  }

  return {
    note: (entries) => entries.forEach(noteOne),
    pushed(seq) {
      const first = waiting.findIndex((each) => each.seq > seq);
      waiting.splice(0, first < 0 ? waiting.length : first);
    },
    unpushed: () => ({ count: waiting.length, oldest: waiting[0]?.at ?? null }),
    run: (id) => runs.get(id),
    running: () => [...open.values()],
    endings: (job) => endings.get(job) ?? NONE,
    days: (machine) => days.get(machine) ?? [],
    takeChanged() {
      const taken = changed;
      changed = new Set();
      return taken;
    },
  };
}

function tallied(before: readonly DayTally[], { Timestamp, Status }: LogRecord): DayTally[] {
  const day = Math.floor(Date.parse(Timestamp) / DAY_MS);
  const [, good = 0, bad = 0] = before.find(([each]) => each === day) ?? [];
  const tally: DayTally = Status === 'success' ? [day, good + 1, bad] : [day, good, bad + 1];
  return [...before.filter(([each]) => each !== day && each > day - DAYS_KEPT), tally].slice(-DAYS_KEPT);
}
