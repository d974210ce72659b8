// Runs that are claimed and have no end, at the start of a controller that shares an engine with others.

import { nextRun } from '../../definitions/calendar/next-run.ts';
import { claimTruth } from '../../definitions/engine/truth.ts';
import type { Agenda } from '../../definitions/lifecycle/agenda.ts';
import { accepted } from '../../definitions/lifecycle/apply.ts';
import type { JournalRecord } from '../../definitions/lifecycle/journal-record.ts';
import { following, missed, nextAfterStart } from '../../definitions/lifecycle/missed.ts';
import { isDue, type RunStart } from '../../definitions/lifecycle/next-start.ts';
import { type FoundParts, type OpenRun, type Remembered, resumedRun } from '../../definitions/lifecycle/recovery.ts';
import { started } from '../../definitions/lifecycle/run-status.ts';
import type { MachineID } from '../../definitions/machine.ts';
import type { RunID } from '../../definitions/run.ts';
import type { LogRecord } from '../../definitions/run-log.ts';
import type { Status } from '../../definitions/status.ts';
import { timestamp } from '../../definitions/values/time.ts';
import type { Deps } from '../events/deps.ts';
import type { ControllerEvent } from '../events/event.ts';
import type { SharedClaim, SharedRuns, SharedState } from '../runs/part/shared-runs.ts';
import type { Journal } from '../state/journal.ts';

/** What runs go on from. */
export interface ResumeOptions extends Deps<ControllerEvent> {
  readonly agenda: Agenda;
  readonly journal: Journal;
  /** The runs of all controllers; absent: this one is alone. */
  readonly shared?: SharedRuns | undefined;
  /** Runs that go on, for the runner to take. */
  readonly resumed: RunStart[];
  readonly claimed: { add(run: RunID): void; has(run: RunID): boolean };
  readonly guards: { take(claim: SharedClaim['claim']): void };
}

/** Nobody else claims anything. */
const ALONE: SharedState = { open: [], ended: new Set(), lost: null };

/** What the engine knows of runs without an end; tells when it has forgotten something. */
export async function sharedState(
  { shared, observe }: ResumeOptions,
  remembered: Remembered | null,
): Promise<SharedState> {
  const state = (await shared?.state(remembered?.open.map(({ claim }) => claim.run) ?? [])) ?? ALONE;
  if (state.lost !== null) observe({ event: 'engine', detail: { kind: 'LostMemory', reason: state.lost } });
  return state;
}

/** The runs of the journal that this process ended in, and nobody carries on: the crash is told (R24). */
export function cutOffRuns(remembered: Remembered, { open, ended }: SharedState): readonly OpenRun[] {
  const runs = new Set(open.map(({ claim }) => claim.run));
  return remembered.open.filter(
    ({ claim: { run } }) => !ended.has(run) && claimTruth({ journal: true, engine: runs.has(run) }) === 'interrupted',
  );
}

/**
 * The journal without the parts that nobody need look at before anything begins (R61): those of runs that ended
 * elsewhere, and those whose end the engine has, or will have, by their name: at a site, or where another controller
 * may have told it. What is owed is put back first all the same.
 */
export function withoutAwaited(
  remembered: Remembered,
  { open, ended }: SharedState,
  isAwaited: (machine: MachineID) => boolean,
): Remembered {
  const goOn = new Set(open.map(({ claim }) => claim.run));
  const runs = remembered.open.filter(({ claim }) => !ended.has(claim.run));
  return {
    ...remembered,
    open: runs.map((run) => {
      if (!goOn.has(run.claim.run)) return run;
      const begun = [...run.begun].filter(([machine, { onFailure }]) => onFailure !== undefined || !isAwaited(machine));
      return { ...run, begun: new Map(begun) };
    }),
  };
}

/** The runs of the journal that go on, with what was found of their parts meanwhile; that is to be recorded, too. */
export function runsGoingOn(
  remembered: Remembered,
  { open }: SharedState,
  found: FoundParts,
  pathOf: (log: LogRecord) => string,
): { readonly runs: readonly OpenRun[]; readonly records: readonly JournalRecord[] } {
  const goOn = new Set(open.map(({ claim }) => claim.run));
  const records: JournalRecord[] = [];
  const runs = remembered.open
    .filter(({ claim }) => goOn.has(claim.run))
    .map((run) => {
      const logs = new Map(run.logs);
      for (const [machine, { outcome, log, isRecorded }] of found.get(run.claim.run) ?? []) {
        logs.set(machine, log);
        if (!isRecorded) records.push({ kind: 'result', run: run.claim.run, outcome, path: pathOf(log), log });
      }
      return { ...run, logs };
    });
  return { runs, records };
}

/** Whether the facts of a job tell of a run that goes on, though the journal that it began in is not here. */
export function goesOn({ LastRun }: Status, { open }: SharedState): boolean {
  return open.some(({ claim }) => claim.run === LastRun?.RunID);
}

/**
 * Takes over the runs without an end: those of this journal go on, those of another one's get into it. Their jobs run,
 * so that none of them begins anew.
 */
export async function takeOverRuns(
  options: ResumeOptions,
  { open, ended, lost }: SharedState,
  going: readonly OpenRun[],
  timeZone: string,
): Promise<ReadonlySet<string>> {
  const { agenda, journal, shared, resumed, claimed, guards, clock } = options;
  const here = new Map(going.map((each) => [each.claim.run, each]));
  const files = new Set<string>();
  const adopted: JournalRecord[] = [...ended].map((run) => ({ kind: 'left', run }));
  for (const { claim, job, kept } of open) {
    const own = here.get(claim.run);
    // A job that is not in Git's facts is in force by its claim; the tip then changes or removes it like every other.
    const known = agenda.jobs.get(claim.job) ?? job;
    const begun = new Date(claim.start);
    const status = agenda.status(claim.job) ?? accepted(job, begun, nextRun(job.spec.Schedule, timeZone, begun));
    if (!own && (claimed.has(claim.run) || isOver(status, claim))) {
      shared?.finished(claim.run, journal.last);
      continue;
    }
    if (!own) adopted.push({ kind: 'claim', claim });
    if (status.LastRun?.RunID !== claim.run) {
      const next = nextAfterStart(job.spec.Schedule, status, claim, begun, timeZone);
      agenda.put(known, started(status, claim, next));
      files.add(known.source.file);
    }
    agenda.hold(known.id);
    claimed.add(claim.run);
    guards.take(claim);
    resumed.push({ job, claim: own?.claim ?? claim, ...(kept && { kept }), resumed: resumedRun(own) });
  }
  if (adopted.length > 0) await journal.append(adopted);
  if (resumed.length > 0) options.observe({ event: 'engine', detail: { kind: 'TookOver', runs: resumed.length } });
  if (lost !== null) for (const file of missDue(agenda, lost, clock.now(), timeZone)) files.add(file);
  return files;
}

/** The run has ended by what Git says, or a later one of its job has begun. */
function isOver({ LastRun }: Status, { run, start }: SharedClaim['claim']): boolean {
  if (LastRun === null) return false;
  return LastRun.RunID === run ? LastRun.EndTime !== null : LastRun.StartTime > start;
}

/** What fell due while nobody here looked may have run, and the engine has forgotten it: it is not caught up. */
function missDue(agenda: Agenda, lost: string, now: Date, timeZone: string): string[] {
  const files: string[] = [];
  for (const job of agenda.jobs.values()) {
    const status = agenda.status(job.id);
    if (!status || agenda.isHeld(job.id) || !isDue(status, now) || status.NextRunTime === null) continue;
    const due = new Date(status.NextRunTime);
    const next = following(job.spec.Schedule, due, now, timeZone);
    const facts = missed(status, due, `whether it ran is not known: the engine lost its memory (${lost})`);
    agenda.put(job, { ...facts, NextRunTime: next && timestamp(next) });
    files.push(job.source.file);
  }
  return files;
}
