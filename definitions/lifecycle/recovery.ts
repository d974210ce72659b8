import type { MachineID } from '../machine.ts';
import {
  type Claim,
  claimOn,
  interrupted,
  type Outcome,
  type Result,
  type RunID,
  type Skip,
  unconfirmedError,
} from '../run.ts';
import { type LogRecord, logRecord, PATHS_KEPT } from '../run-log.ts';
import type { Status } from '../status.ts';
import type { JournalEntry, JournalRecord } from './journal-record.ts';
import { nextAfterStart } from './missed.ts';
import type { ResumedRun } from './next-start.ts';
import { outcomesOf, withParts } from './rollout-facts.ts';
import { finishOf } from './run-end.ts';
import { finished, type PartEnds, started } from './run-status.ts';

/** How many names of runs are remembered beyond those in the statuses. */
export const CLAIMED_KEPT = 10_000;

/** A run that was claimed and has no end: the process died in it (R24). */
export interface OpenRun {
  readonly claim: Claim;
  /** The number of its claim in the journal. */
  readonly seq: number;
  /** What is recorded, by machine. */
  readonly logs: ReadonlyMap<string, LogRecord>;
  /** What was read last by then, before anything was sent or after, by machine. */
  readonly readBack: ReadonlyMap<string, LogRecord>;
  /** What parts were about to send, by machine. */
  readonly begun: ReadonlyMap<string, BegunPart>;
  /** How what is recorded came out, by machine. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** What was skipped, by machine. */
  readonly skips: ReadonlyMap<string, Skip>;
  /** What waited for a gate, and had not begun, by machine. */
  readonly waits: ReadonlyMap<string, Skip>;
}

type BegunPart = NonNullable<Extract<JournalRecord, { kind: 'before' }>['part']>;

/** What the journal knows at a start. */
export interface Remembered {
  /** The latest facts by status file; an empty list is a file that went. */
  readonly statuses: ReadonlyMap<string, readonly Status[]>;
  /** The numbers of these facts in the journal. */
  readonly statusSeqs: ReadonlyMap<string, number>;
  readonly open: readonly OpenRun[];
  /** The runs that were claimed last, so that none is claimed twice (R23). */
  readonly claimed: readonly RunID[];
  /** The log paths that were chosen last, so that none is chosen twice (R33). */
  readonly paths: readonly string[];
}

interface MutableOpenRun extends OpenRun {
  readonly logs: Map<string, LogRecord>;
  readonly readBack: Map<string, LogRecord>;
  readonly begun: Map<string, BegunPart>;
  readonly outcomes: Map<string, Outcome>;
  readonly skips: Map<string, Skip>;
  readonly waits: Map<string, Skip>;
}

/** Reads the journal from its beginning. */
export async function remember(entries: AsyncIterable<JournalEntry> | Iterable<JournalEntry>): Promise<Remembered> {
  const statuses = new Map<string, readonly Status[]>();
  const statusSeqs = new Map<string, number>();
  const open = new Map<RunID, MutableOpenRun>();
  let paths: string[] = [];
  let claimed: RunID[] = [];
  for await (const { seq, record } of entries) {
    switch (record.kind) {
      case 'claim':
        open.set(record.claim.run, openRun(record.claim, seq));
        claimed.push(record.claim.run);
        if (claimed.length > 2 * CLAIMED_KEPT) claimed = claimed.slice(-CLAIMED_KEPT);
        break;
      case 'before':
        if (record.part) open.get(record.run)?.begun.set(record.log.MachineID, record.part);
        open.get(record.run)?.readBack.set(record.log.MachineID, record.log);
        break;
      case 'readBack':
        open.get(record.run)?.readBack.set(record.log.MachineID, record.log);
        break;
      case 'result':
        noteResult(open.get(record.run), record);
        paths.push(record.path);
        if (paths.length > 2 * PATHS_KEPT) paths = paths.slice(-PATHS_KEPT);
        break;
      case 'skip':
      case 'wait':
      case 'begin':
        noteGate(open.get(record.run), record);
        break;
      case 'finish':
      case 'left':
        open.delete(record.run);
        break;
      case 'status':
        statuses.set(record.path, record.documents);
        statusSeqs.set(record.path, seq);
        break;
    }
  }
  return {
    statuses,
    statusSeqs,
    open: [...open.values()],
    claimed: claimed.slice(-CLAIMED_KEPT),
    paths: paths.slice(-PATHS_KEPT),
  };
}

/** Each part of a run in waves waits for its turn from the claim on. */
function openRun(claim: Claim, seq: number): MutableOpenRun {
  const waits = new Map(claim.rollout ? claim.machines.map((machine) => [machine, notItsTurn(machine)]) : []);
  const [logs, readBack, begun] = [new Map(), new Map(), new Map()];
  return { claim, seq, logs, readBack, begun, outcomes: new Map(), skips: new Map(), waits };
}

function noteResult(
  run: MutableOpenRun | undefined,
  { log, outcome }: Extract<JournalRecord, { kind: 'result' }>,
): void {
  run?.logs.set(log.MachineID, log);
  run?.outcomes.set(log.MachineID, outcome);
  run?.waits.delete(log.MachineID);
}

/** A part of a run in waves that waits for its turn. */
export function notItsTurn(machine: MachineID): Skip {
  return { machine, reason: 'NotItsTurn', message: 'NotItsTurn, others of its run came before it' };
}

function noteGate(
  run: MutableOpenRun | undefined,
  record: Extract<JournalRecord, { kind: 'skip' | 'wait' | 'begin' }>,
): void {
  if (!run) return;
  const machine = record.kind === 'begin' ? record.machine : record.skip.machine;
  run.waits.delete(machine);
  if (record.kind === 'skip') run.skips.set(machine, record.skip);
  if (record.kind === 'wait') run.waits.set(machine, record.skip);
}

/** A part that waited for a gate, and the service ended meanwhile. */
export function notWaitedFor(skip: Skip): Skip {
  return { ...skip, message: `${skip.message}; the service ended while it waited` };
}

/** A part that was cut off once it was about to send, and has not been read back since: that is to be done. */
export interface UnknownPart {
  readonly claim: Claim;
  readonly machine: MachineID;
  readonly part: BegunPart;
  /** What it had read before. */
  readonly log: LogRecord;
}

/** The parts to look at before their runs are closed (V11): first those that owe to put something back. */
export function unknownParts({ open }: Remembered): readonly UnknownPart[] {
  const parts = open.flatMap(({ claim, logs, readBack, begun }) =>
    [...begun].flatMap(([machine, part]) => {
      const log = readBack.get(machine);
      const isKnown = logs.has(machine) || log === undefined || (part.onFailure === undefined && isReadBack(log));
      return isKnown ? [] : [{ claim, machine, part, log }];
    }),
  );
  return [...parts.filter(({ part }) => part.onFailure), ...parts.filter(({ part }) => !part.onFailure)];
}

/** Whether a log tells what each field was read as after it had been sent. */
function isReadBack({ Result: result }: LogRecord): boolean {
  const entries = Array.isArray(result) ? result : [result];
  return !entries.some((entry) =>
    Object.entries(entry ?? {}).some(([key, is]) => key.startsWith('New') && is === null),
  );
}

/** What was found of the parts that had to be looked at, by run and machine. */
export type FoundParts = ReadonlyMap<RunID, ReadonlyMap<MachineID, FoundPart>>;

/** How a part that was cut off counts, and its log. */
export interface FoundPart {
  readonly outcome: Outcome;
  readonly log: LogRecord;
  /** Its result is in the journal already. */
  readonly isRecorded: boolean;
}

/** The records that close the runs which a crash cut off: they count once and are not repeated (R24). */
export function closeOpenRuns(
  remembered: Remembered,
  pathOf: (log: LogRecord) => string,
  now: Date,
  timeZone: string,
  found: FoundParts = new Map(),
): readonly JournalRecord[] {
  const statuses = new Map(remembered.statuses);
  const records: JournalRecord[] = [];
  const touched = new Set<string>();
  for (const { claim, seq, logs, readBack, outcomes, skips, waits } of remembered.open) {
    const errors = new Map([...logs].map(([machine, log]) => [machine, log.Error]));
    const never = [...waits.values()].map(notWaitedFor); // nothing of them has reached a BMC: they are not interrupted
    for (const skip of never) records.push({ kind: 'skip', run: claim.run, skip });
    const ends: PartEnds = { errors, skips: [...skips.values(), ...never] };
    const came = new Map([...outcomes, ...outcomesOf(skips.values())]);
    const isTold = (id: string) => logs.has(id) || skips.has(id) || waits.has(id);
    for (const machine of claim.machines.filter((id) => !isTold(id))) {
      const looked = found.get(claim.run)?.get(machine);
      const { outcome, log, isRecorded } = looked ?? {
        outcome: 'Interrupted',
        log: cutOffLog(claim, machine, readBack.get(machine)),
        isRecorded: false,
      };
      if (!isRecorded) records.push({ kind: 'result', run: claim.run, outcome, path: pathOf(log), log });
      errors.set(machine, log.Error);
    }
    records.push(finishOf(claim, ends, now));
    for (const [path, documents] of statuses) {
      const isEarlier = (remembered.statusSeqs.get(path) ?? seq) < seq;
      const isOurs = (status: Status) => belongs(claim, status, isEarlier);
      if (!documents.some(isOurs)) continue;
      statuses.set(
        path,
        documents.map((each) =>
          isOurs(each) ? withParts(cutOff(each, claim, ends, now, timeZone), claim, came, now, now) : each,
        ),
      );
      touched.add(path);
    }
  }
  return [
    ...records,
    ...[...touched].map((path) => ({ kind: 'status', path, documents: statuses.get(path) ?? [] }) as const),
  ];
}

/** What is on record of a run that goes on: how its parts ended. Of a result no more than its error counts by now. */
export function resumedRun(open: Pick<OpenRun, 'logs' | 'readBack' | 'skips'> | undefined): ResumedRun {
  const ends = new Map<MachineID, Result | Skip>(open?.skips);
  for (const [machine, { Status, Error: error }] of open?.logs ?? []) {
    ends.set(machine, { machine, outcome: Status === 'success' ? 'Applied' : 'NotApplied', entries: [], error });
  }
  return { ends, readBack: open?.readBack ?? new Map() };
}

/** The log of a part that a crash cut off; it tells Old and New where they were read back before. */
export function cutOffLog(claim: Claim, machine: MachineID, readBack: LogRecord | undefined): LogRecord {
  if (!readBack) return logRecord(claimOn(claim, machine), interrupted(machine), 0, new Date(claim.start), 0);
  const error = isReadBack(readBack) ? unconfirmedError(readBack.Error) : interrupted(machine).error;
  return { ...readBack, Status: 'failed', Error: error };
}

/**
 * Whether a run is one of this job: it may have another name by now, or be a new one under the same name (R20). Facts
 * that were recorded before the claim are those of its job, whatever a clock that was set back says (R16).
 */
function belongs(claim: Claim, { Id, CreatedTime, LastRun }: Status, isEarlier: boolean): boolean {
  if (LastRun?.RunID === claim.run) return true;
  return Id === claim.job && (LastRun !== null || isEarlier || CreatedTime <= claim.start);
}

function cutOff(status: Status, claim: Claim, ends: PartEnds, now: Date, timeZone: string): Status {
  const begun = status.LastRun?.RunID === claim.run;
  const planned = status.NextRunTime === null ? null : new Date(status.NextRunTime);
  const next = begun ? planned : nextAfterStart(status.Schedule, status, claim, new Date(claim.start), timeZone);
  return finished(begun ? status : started(status, claim, next), claim, ends, now, next);
}

/** The facts of a job that was left `Running` by a service whose journal is not here: the outcome is unknown (R24). */
export function abandoned(status: Status): Status {
  if (status.Status !== 'Running') return status;
  const lost = 'interrupted (transient: the service that ran it is gone; what the BMCs hold is told by the next run)';
  const LastRun = status.LastRun && { ...status.LastRun, FailedMachines: [lost] };
  return { ...status, Status: 'Failed', LastRun };
}
