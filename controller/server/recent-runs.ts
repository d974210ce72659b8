import { meaningOf } from '../../definitions/block.ts';
import type { JobID } from '../../definitions/job.ts';
import type { JournalEntry, JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { PastRun } from '../../definitions/report/past-runs.ts';
import type { Claim, Outcome, RunID, RunTrigger, Skip } from '../../definitions/run.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import { type BoundedMap, createBoundedMap } from '../../definitions/values/bounded-map.ts';
import type { Timestamp } from '../../definitions/values/time.ts';
import { createLastParts, type LastPart, type LastParts } from './views/last-parts.ts';

/** One machine's part of a run, as recorded. Logs in Git tell of success or failure alone. */
export interface RecentPart {
  readonly outcome: Outcome | LogRecord['Status'];
  readonly path: string;
  readonly log: LogRecord;
}

/** A claim as far as it is known. */
interface RecentClaim extends Omit<Claim, 'trigger' | 'nominal' | 'commit'> {
  readonly trigger: RunTrigger | null;
  readonly nominal: string | null;
  readonly commit: string | null;
}

/** A run as far as it is recorded. */
export interface RecentRun {
  readonly claim: RecentClaim;
  readonly parts: readonly RecentPart[];
  /** Parts that were never begun. */
  readonly skips: readonly Skip[];
  /** Null while it goes on. */
  readonly finish: Extract<JournalRecord, { kind: 'finish' }> | null;
}

/** How a run of a job ended: its name, when, and on how many machines it failed, or was not let begin by a guard. */
export type Ending = readonly [run: RunID, end: string, failures: number];

/** What is remembered of how a job's runs ended. */
export interface EndedRuns {
  readonly outcome: 'Completed' | 'Failed';
  readonly end: Timestamp;
  /** When the latest one ended that completed; null: none is remembered. */
  readonly success: Timestamp | null;
}

/** How many of a machine's parts succeeded and failed on one day; days are counted from 1970, in UTC. */
export type DayTally = readonly [day: number, succeeded: number, failed: number];

/** What happened lately, read from the journal and, for what came before, in Git: bounded, and not kept. */
export interface RecentRuns {
  /** Takes what the journal holds, in its order, each entry once. */
  note(entries: readonly JournalEntry[]): void;
  /** Takes runs that Git tells of, as far as the journal does not: those before its first result. */
  recall(runs: readonly PastRun[]): void;
  /** When the first part began that the journal tells of; null while it tells of none. */
  readonly oldest: string | null;
  /** Everything up to this number is public. */
  pushed(seq: number): void;
  /** What is not public yet. */
  unpushed(): { readonly count: number; readonly oldest: Date | null };
  run(id: RunID): RecentRun | undefined;
  /** The runs that are remembered, the latest start first. */
  ids(): readonly RunID[];
  /** The runs that go on, oldest first. */
  running(): readonly RecentRun[];
  /** The latest endings of a job, oldest first; the list is another one when it changes. */
  endings(job: JobID): readonly Ending[];
  /** How a job's latest run ended, and when one ended well; null while no end of one is remembered. */
  ended(job: JobID): EndedRuns | null;
  /** How the latest part of a run on a machine ended; null while none is remembered. */
  outcome(machine: MachineID): LastPart['outcome'] | null;
  days(machine: MachineID): readonly DayTally[];
  /** What each job last did on each machine. */
  readonly last: Pick<LastParts, 'of' | 'failing' | 'changes'>;
  /** Machines that got results since the last call. */
  takeChanged(): ReadonlySet<MachineID>;
}

/** Of one job. */
export const ENDINGS_KEPT = 20;
const RUNS_KEPT = 2_000;
const PARTS_KEPT = 20_000;
const JOBS_KEPT = 20_000;
const MACHINES_KEPT = 20_000;
const DAYS_KEPT = 30;
const DAY_MS = 86_400_000;
const NONE: readonly Ending[] = [];

interface MutableRun extends RecentRun {
  readonly parts: RecentPart[];
  readonly skips: Skip[];
  finish: RecentRun['finish'];
}

interface RecentRunsState {
  readonly runs: Map<RunID, MutableRun>;
  readonly running: Map<RunID, MutableRun>;
  readonly endings: BoundedMap<JobID, readonly Ending[]>;
  readonly ended: BoundedMap<JobID, EndedRuns>;
  readonly days: BoundedMap<MachineID, DayTally[]>;
  readonly last: LastParts;
  /** Results that are not public yet, in order. */
  readonly unpushed: { readonly seq: number; readonly at: Date }[];
  changed: Set<MachineID>;
  oldest: string | null;
  /** How many parts all the runs together have. */
  parts: number;
}

/** No runs yet. */
export function createRecentRuns(): RecentRuns {
  const state: RecentRunsState = {
    runs: new Map(),
    running: new Map(),
    endings: createBoundedMap(JOBS_KEPT, 'oldest'),
    ended: createBoundedMap(JOBS_KEPT, 'oldest'),
    days: createBoundedMap(MACHINES_KEPT, 'oldest'),
    last: createLastParts(),
    unpushed: [],
    changed: new Set(),
    oldest: null,
    parts: 0,
  };
  return {
    note(entries) {
      for (const entry of entries) noteEntry(state, entry);
    },
    recall(runs) {
      for (const run of runs) recallRun(state, run);
      forgetOldest(state);
    },
    get oldest() {
      return state.oldest;
    },
    pushed(seq) {
      const first = state.unpushed.findIndex((each) => each.seq > seq);
      state.unpushed.splice(0, first < 0 ? state.unpushed.length : first);
    },
    unpushed: () => ({ count: state.unpushed.length, oldest: state.unpushed[0]?.at ?? null }),
    run: (id) => state.runs.get(id),
    ids: () => newestFirst([...state.runs.values()]),
    running: () => [...state.running.values()],
    endings: (job) => state.endings.get(job) ?? NONE,
    outcome: (machine) => state.last.latest(machine)?.outcome ?? null,
    ended: (job) => state.ended.get(job) ?? null,
    days: (machine) => state.days.get(machine) ?? [],
    last: state.last,
    takeChanged() {
      const taken = state.changed;
      state.changed = new Set();
      return taken;
    },
  };
}

function newestFirst(runs: readonly RecentRun[]): readonly RunID[] {
  const sorted = [...runs]
    .reverse()
    .sort(({ claim: a }, { claim: b }) => (a.start < b.start ? 1 : a.start > b.start ? -1 : 0));
  return sorted.map(({ claim }) => claim.run);
}

function noteEntry(state: RecentRunsState, { seq, record }: JournalEntry): void {
  switch (record.kind) {
    case 'claim': {
      const run: MutableRun = { claim: record.claim, parts: [], skips: [], finish: null };
      state.runs.set(record.claim.run, run);
      state.running.set(record.claim.run, run);
      break;
    }
    case 'result':
      noteResult(state, seq, record);
      break;
    case 'skip':
      noteSkip(state, record);
      break;
    case 'finish':
      noteFinish(state, record);
      break;
  }
}

function noteResult(state: RecentRunsState, seq: number, record: Extract<JournalRecord, { kind: 'result' }>): void {
  const { run, outcome, path, log } = record;
  state.unpushed.push({ seq, at: new Date(log.Timestamp) });
  state.oldest ??= log.Timestamp;
  state.runs.get(run)?.parts.push({ outcome, path, log });
  state.parts += state.runs.has(run) ? 1 : 0;
  state.days.set(log.MachineID, tallied(state.days.get(log.MachineID) ?? [], log));
  state.last.note(lastPart(run, outcome, path, log));
  state.changed.add(log.MachineID);
}

function lastPart(run: RunID, outcome: RecentPart['outcome'], path: string, log: LogRecord): LastPart {
  const { MachineID: machine, JobID: job, Timestamp: at, Error: error } = log;
  return { machine, job, run, at, outcome, error, record: { path, log } };
}

/** A part that a guard did not let begin is a failure of its job there; one that a window skipped says nothing. */
function noteSkip({ runs, last, changed }: RecentRunsState, { run, skip }: Extract<JournalRecord, { kind: 'skip' }>) {
  const known = runs.get(run);
  known?.skips.push(skip);
  if (!known || !meaningOf(skip.reason).fails) return;
  const { machine, message: error } = skip;
  const { job, start: at } = known.claim;
  last.note({ machine, job, run, at, outcome: 'Skipped', error, record: null });
  changed.add(machine);
}

function noteFinish(state: RecentRunsState, record: Extract<JournalRecord, { kind: 'finish' }>): void {
  const { running, endings } = state;
  const run = running.get(record.run);
  if (run) run.finish = record;
  running.delete(record.run);
  noteEnd(state, record.job, record.end, record.status ?? (record.failures > 0 ? 'Failed' : 'Completed'));
  const skipped = record.status === 'Failed' ? (record.skips ?? 0) : 0;
  const ending: Ending = [record.run, record.end, record.failures || skipped];
  endings.set(record.job, [...(endings.get(record.job) ?? NONE), ending].slice(-ENDINGS_KEPT));
  forgetOldest(state);
}

/** Runs of the past come in no order: the latest counts. */
function noteEnd({ ended }: RecentRunsState, job: JobID, end: Timestamp, outcome: EndedRuns['outcome']): void {
  const was = ended.get(job);
  const success = outcome === 'Completed' && end >= (was?.success ?? '') ? end : (was?.success ?? null);
  ended.set(job, was && was.end > end ? { ...was, success } : { outcome, end, success });
}

function recallRun(state: RecentRunsState, past: PastRun): void {
  const { runs, endings, days, changed, oldest } = state;
  const { run, job, start, end, succeeded, failures, skips, trigger, nominal, logs } = past;
  const known = endings.get(job) ?? NONE;
  if (runs.has(run) || known.some(([name]) => name === run) || (oldest !== null && start >= oldest)) return;
  const machines = logs.map(({ log }) => log.MachineID);
  const claim = { run, job, trigger, nominal, start, action: logs[0]?.log.Action ?? '', machines, commit: null };
  const finish = { kind: 'finish', run, job, end, succeeded, failed: [], failures } as const;
  runs.set(run, { claim, parts: logs.map(({ path, log }) => ({ outcome: log.Status, path, log })), skips: [], finish });
  state.parts += logs.length;
  noteEnd(state, job, end, failures + skips > 0 ? 'Failed' : 'Completed');
  const ended: readonly Ending[] = [...known, [run, end, failures]];
  endings.set(job, [...ended].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).slice(-ENDINGS_KEPT));
  for (const { path, log } of logs) {
    state.last.recall(lastPart(run, log.Status, path, log));
    days.set(log.MachineID, tallied(days.get(log.MachineID) ?? [], log));
    changed.add(log.MachineID);
  }
}

/** Keeps the limits: the oldest finished runs go first. */
function forgetOldest(state: RecentRunsState): void {
  for (const [id, run] of state.runs) {
    if (state.runs.size <= RUNS_KEPT && state.parts <= PARTS_KEPT) return;
    if (run.finish === null) continue;
    state.runs.delete(id);
    state.parts -= run.parts.length;
  }
}

/** The days of a machine with one more result. */
function tallied(before: readonly DayTally[], { Timestamp, Status }: LogRecord): DayTally[] {
  const day = Math.floor(Date.parse(Timestamp) / DAY_MS);
  const [, good = 0, bad = 0] = before.find(([each]) => each === day) ?? [];
  const tally: DayTally = Status === 'success' ? [day, good + 1, bad] : [day, good, bad + 1];
  const others = before.filter(([each]) => each !== day && each > day - DAYS_KEPT);
  return [...others, tally].sort(([a], [b]) => a - b).slice(-DAYS_KEPT);
}
