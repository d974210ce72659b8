import { BLOCK_REASONS, type BlockReason, meaningOf } from '../block.ts';
import type { JournalRecord } from '../lifecycle/journal-record.ts';
import { type Claim, succeeded } from '../run.ts';
import type { LogRecord } from '../run-log.ts';
import type { Status } from '../status.ts';
import { counted } from '../values/text.ts';
import type { Timestamp } from '../values/time.ts';
import type { Fact, ToldRun } from './fact.ts';
import { type JournalMemory, setBounded } from './outbox.ts';

/** Machines in trouble that are named (N02). */
export const NAMES_TOLD = 10;
/** Jobs whose last missed time is remembered. */
const JOBS_KEPT = 5_000;

/** What a record of the journal says that somebody may want to be told; `memory` moves on with it. */
export function factsOf(memory: JournalMemory, record: JournalRecord, began: Timestamp): readonly Fact[] {
  switch (record.kind) {
    case 'claim':
      memory.runs[record.claim.run] = claimed(record.claim);
      return [beganFact(record.claim)];
    case 'result':
      if (!succeeded(record.outcome)) note(memory, record.run, record.log.MachineID, record.outcome);
      return record.outcome === 'RestoreFailed' ? [restoreFact(record.run, record.log)] : [];
    case 'skip':
      if (meaningOf(record.skip.reason).fails) note(memory, record.run, record.skip.machine, record.skip.reason);
      return [];
    case 'finish':
      return [finishedFact(memory, record)];
    case 'status':
      return record.documents.flatMap((status) => statusFacts(memory, status, began));
    default:
      return [];
  }
}

function claimed({ run, trigger, token, action, commit, machines }: Claim): ToldRun {
  const nothing = { failed: 0, causes: {}, names: [], who: null };
  return { run, trigger, token: token ?? null, action, commit, machines: machines.length, ...nothing };
}

function note({ runs }: JournalMemory, run: string, machine: string, cause: string): void {
  const known = Object.hasOwn(runs, run) ? runs[run] : undefined;
  if (!known) return;
  runs[run] = {
    ...known,
    failed: known.failed + 1,
    causes: { ...known.causes, [cause]: (known.causes[cause] ?? 0) + 1 },
    names: known.names.length < NAMES_TOLD ? [...known.names, machine] : known.names,
  };
}

/** Told at once, and each of them: the machine holds what nobody wants, and nothing tries again. */
function restoreFact(run: string, { JobID: job, MachineID: machine, Timestamp: at }: LogRecord): Fact {
  return {
    ...plain(job, at),
    key: `RestoreFailed/${run}/${machine}`,
    event: 'RestoreFailed',
    cause: 'RestoreFailed',
    subject: null,
    detail: `what it had set on ${machine} could not be put back`,
  };
}

/** A job that runs is late no longer; that is told nobody. */
function beganFact({ job, run, start }: Claim): Fact {
  return { ...plain(job, start), key: `Began/${run}`, event: 'Missed', state: 'Ended', subject: lateSubject(job) };
}

function finishedFact(memory: JournalMemory, record: Extract<JournalRecord, { kind: 'finish' }>): Fact {
  const { run: id, job, end, failures, succeeded: good } = record;
  const run = Object.hasOwn(memory.runs, id) ? memory.runs[id] : undefined;
  delete memory.runs[id];
  const subject = `job ${job}`;
  const isFailed = (record.status ?? (failures > 0 ? 'Failed' : 'Completed')) === 'Failed';
  const told = run ?? { ...UNKNOWN_RUN, run: id, machines: good + failures + (record.skips ?? 0), failed: failures };
  const base = { ...plain(job, end), subject, run: told };
  if (!isFailed) return { ...base, key: `RunRecovered/${id}`, event: 'RunRecovered', state: 'Ended' };
  const cause = Object.keys(told.causes).sort().join('+') || 'Failed';
  const again = told.trigger === 'Manual' ? 'Always' : 'AfterRepeat';
  return { ...base, key: `RunFailed/${id}`, event: 'RunFailed', cause, again };
}

/** A run whose claim was not read: it began before anybody was to be told. */
const UNKNOWN_RUN = {
  trigger: null,
  token: null,
  who: null,
  action: null,
  commit: null,
  causes: {},
  names: [],
};

function plain(job: string, at: Timestamp) {
  const defaults = {
    state: 'Began',
    again: 'AfterRepeat',
    cause: '',
    isCondition: false,
    run: null,
    detail: null,
  } as const;
  return { ...defaults, job, at };
}

function lateSubject(job: string): string {
  return `late ${job}`;
}

function statusFacts(memory: JournalMemory, status: Status, began: Timestamp): readonly Fact[] {
  const { Id: job, Missed, LastTrigger } = status;
  const facts: Fact[] = [];
  const known = Object.hasOwn(memory.missed, job) ? (memory.missed[job] ?? '') : '';
  const fresh = Missed.filter(({ Time }) => Time >= began && Time > known);
  const [latest] = fresh;
  if (latest) {
    setBounded(memory.missed, job, latest.Time, JOBS_KEPT);
    if (!isTold(latest.Reason)) facts.push(missedFact(job, latest.Time, latest.Reason, fresh.length));
  }
  if (LastTrigger?.Outcome === 'Refused' && LastTrigger.Time >= began) {
    const { Token, Time, Message } = LastTrigger;
    const isKnown = Object.hasOwn(memory.refused, job) && memory.refused[job] === Token;
    setBounded(memory.refused, job, Token, JOBS_KEPT);
    if (!isKnown && reasonOf(Message) === 'GuardRefused') facts.push(refusedFact(job, Token, Time, Message));
  }
  return [...facts, ...waveFacts(memory, status)];
}

/** A soak is as planned, and a rollout that is halted is told as that. */
function isTold(reason: string): boolean {
  return /^(Soaking|RolloutHalted)\b/.test(reason);
}

/** Beyond any wave: all of them have passed. */
const PROMOTED = 1_000_000;

/** A wave has passed where the rollout of the same effect is further than it was when it was seen last. */
function waveFacts({ waves }: JournalMemory, { Id: job, Rollout, LastRun }: Status): readonly Fact[] {
  if (!Rollout) return [];
  const { Effect, Waves, Wave, Promoted } = Rollout;
  const passed = Promoted?.Effect === Effect ? PROMOTED : Wave;
  const of = `${Effect} ${Waves}`;
  const before = Object.hasOwn(waves, job) ? waves[job] : undefined;
  if (before?.of === of && before.passed === passed) return [];
  setBounded(waves, job, { of, passed }, JOBS_KEPT);
  if (before?.of !== of || passed < before.passed) return [];
  const all = 'its rollout is done: all waves have passed';
  const detail = passed === PROMOTED ? all : `its rollout goes on: ${counted(passed, 'wave')} passed`;
  const at = LastRun?.EndTime ?? LastRun?.StartTime ?? '';
  return [{ ...plain(job, at), key: `WavePassed/${job}@${of}/${passed}`, event: 'WavePassed', subject: null, detail }];
}

/** What windows forbid is told once for each time that they close, however many jobs and times it takes (N13). */
function missedFact(job: string, time: Timestamp, reason: string, times: number): Fact {
  const [why = reason] = reason.split(';');
  const cause = reasonOf(why);
  const isCrowd = cause !== null && meaningOf(cause).isCrowd === true;
  const count = times > 1 ? `, as were ${times - 1} before it` : '';
  return {
    ...plain(job, time),
    key: `Missed/${job}@${time}`,
    event: cause === 'GuardRefused' ? 'GuardRefused' : 'Missed',
    cause: cause ?? 'Late',
    subject: isCrowd ? `window ${why}` : lateSubject(job),
    again: isCrowd ? 'Never' : 'AfterRepeat',
    detail: `the run of ${time} was missed${count}: ${why}`,
  };
}

function refusedFact(job: string, token: string, time: Timestamp, message: string): Fact {
  return {
    ...plain(job, time),
    key: `GuardRefused/${job}@${token}`,
    event: 'GuardRefused',
    cause: 'GuardRefused',
    subject: null,
    detail: `trigger ${token} was refused: ${message}`,
  };
}

/** The word with which a sentence about a block begins; null: it is no such sentence. */
function reasonOf(sentence: string): BlockReason | null {
  const word = /^[A-Za-z]+/.exec(sentence)?.[0] ?? '';
  return Object.hasOwn(BLOCK_REASONS, word) ? (word as BlockReason) : null;
}
