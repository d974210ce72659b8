import type { Block, BlockReason } from '../block.ts';
import type { Job, JobID } from '../job.ts';
import type { MachineID, Machines } from '../machine.ts';
import { unresolved } from '../manifest/resolved/selected.ts';
import { type Claim, keptClaim, type Result, type RunID, type Skip } from '../run.ts';
import type { LogRecord } from '../run-log.ts';
import { type AskedRun, BEGIN, type GateContext, type RunVerdict } from '../safety/gate.ts';
import { runVerdict } from '../safety/gates.ts';
import { guardOf } from '../safety/guard-gates.ts';
import { payloadLeft, type Supersession, supersededText } from '../safety/superseded.ts';
import { payloadsFor } from '../selection/placeholders.ts';
import type { Settings } from '../settings.ts';
import type { Status } from '../status.ts';
import { type Timestamp, timestamp } from '../values/time.ts';
import { following, missed, missedAgain, tooLate } from './missed.ts';
import { inWaves, type WavesStart } from './rollout-start.ts';

/** A run that may begin, and the version of its job that it runs. */
export interface RunStart extends WavesStart {
  /** It was claimed before, by this process or another, that did not come to its end; absent: it begins now. */
  readonly resumed?: ResumedRun;
}

/** What is on record here of a run that another process began. */
export interface ResumedRun {
  /** How parts of it ended. */
  readonly ends: ReadonlyMap<MachineID, Result | Skip>;
  /** What was read back of those that have not. */
  readonly readBack: ReadonlyMap<MachineID, LogRecord>;
}

/** What decides whether a job starts, besides the job itself. */
export interface StartContext {
  readonly settings: Settings;
  /** Runs that were claimed lately: a name is a lock (R23). */
  readonly claimed: { has(run: RunID): boolean };
  /** Job → the missed time for which its next run makes up (R22). */
  readonly catchUps: ReadonlyMap<JobID, Timestamp>;
  /** Job → what of its missed time somebody writes later. */
  readonly superseded: ReadonlyMap<JobID, Supersession>;
  /** What the gates go by. */
  readonly gates: GateContext;
}

/** A due time for which no run begins. */
export interface PassedOver {
  /** The facts of the job from now on; its next run is a later one. */
  readonly status: Status;
  readonly nominal: Timestamp;
  /** Why it is missed (R22); null when a run for it was claimed before, since a clock or a file was set back (R23). */
  readonly missed: MissedTime | null;
}

/** Why a due time is missed. */
export interface MissedTime {
  readonly reason: string;
  readonly cause: MissedCause;
  /** The time before was missed for the same: it is not told again. */
  readonly isAgain: boolean;
}

/** Why a due time is missed, in a word. */
export type MissedCause = BlockReason | 'TooLate';

/** A due run that waits at a gate; its time stays what it is. */
export interface WaitingStart {
  readonly waits: Block;
  readonly nominal: Timestamp;
  /** When it is asked again, unless something changes before; null: not before. */
  readonly until: Date | null;
}

/** Whether the time of the next run has come (R12); a suspended job is never due. */
export function isDue({ Suspended, NextRunTime }: Status, now: Date): boolean {
  return !Suspended && NextRunTime !== null && new Date(NextRunTime) <= now;
}

/** Whether the run of a due time was claimed before, since a clock or a file was set back: never again (R23). */
export function isClaimed(job: JobID, nominal: Timestamp, { claimed }: Pick<StartContext, 'claimed'>): boolean {
  return claimed.has(`${job}@${nominal}`);
}

/** The run of a job whose next time has come (R12), or why none begins for it (R22, R23); null without a next time. */
export function startDue(
  job: Job,
  status: Status,
  now: Date,
  context: StartContext,
): RunStart | PassedOver | WaitingStart | null {
  if (status.NextRunTime === null) return null;
  const { settings } = context;
  const due = new Date(status.NextRunTime);
  const nominal = timestamp(due);
  const passedOver = (why: MissedTime | null): PassedOver => {
    const next = following(job.spec.Schedule, due, now, settings.TimeZone);
    const facts = why === null || why.isAgain ? status : missed(status, due, why.reason);
    return { status: { ...facts, NextRunTime: next && timestamp(next) }, nominal, missed: why };
  };
  if (isClaimed(job.id, nominal, context)) return passedOver(null);
  const late = tooLate(job, status, now, settings);
  if (late !== null) return passedOver({ reason: late, cause: 'TooLate', isAgain: false });
  const blocked = ({ reason: cause, message: reason }: Block) =>
    passedOver({ reason, cause, isAgain: missedAgain(status, reason) });
  const whole = inWaves(runStart(job, nominal, now, context), status, now, context.gates);
  if ('reason' in whole) return blocked(whole);
  const superseded = context.superseded.get(job.id);
  const start = superseded?.nominal === nominal ? leftOf(whole, superseded, context.gates.machines) : whole;
  if (start === null) {
    const by = [...(superseded?.by.values() ?? [])].flatMap((fields) => [...fields.values()]);
    return passedOver({ reason: supersededText(by), cause: 'Superseded', isAgain: false });
  }
  const judged = startVerdict(start, now, context);
  if (judged.verdict === 'begin') return start;
  if (judged.verdict === 'wait') return { waits: judged.block, nominal, until: judged.until };
  return blocked(judged.block);
}

/** A run that was asked for, and may begin, or why not: what it does, by its Rollout, and whether the gates let it. */
export function askedStart(
  asked: RunStart,
  status: Status,
  now: Date,
  { gates }: Pick<StartContext, 'gates'>,
): RunStart | Block {
  const start = inWaves(asked, status, now, gates);
  if ('reason' in start) return start;
  const judged = startVerdict(start, now, { gates });
  return judged.verdict === 'begin' ? start : judged.block;
}

/**
 * Whether a run may be claimed. First, whether it is known what it reaches and what each machine gets: of the version
 * in force, on the inventory in force, of which each may be older than what was judged together.
 */
export function startVerdict(start: RunStart, now: Date, { gates }: Pick<StartContext, 'gates'>): RunVerdict {
  for (const { spec, machines } of start.kept ? [start.job, start.kept] : [start.job]) {
    const fault = unresolved(spec, machines, gates.machines);
    if (fault !== null) {
      return { verdict: 'missed', block: { reason: 'Unresolved', message: `Unresolved, ${fault}` } };
    }
  }
  const verdicts = versionsOf(start).map((each) => runVerdict(each, now, gates));
  const refused = verdicts.find((each) => each.verdict !== 'begin' && each.block.reason === 'GuardRefused');
  return refused ?? verdicts.find(({ verdict }) => verdict === 'begin') ?? verdicts[0] ?? BEGIN;
}

/** What a run does, as the gates judge it: apart where the version that some keep is of another class. */
function versionsOf({ job, claim, kept }: RunStart): readonly AskedRun[] {
  const keeping = keptClaim(claim);
  if (!kept || !keeping || guardOf(kept) === guardOf(job)) return [{ job, claim }];
  const others = new Set(keeping.machines);
  const machines = claim.machines.filter((id) => !others.has(id));
  const keepers = { job: kept, claim: keeping };
  return machines.length === 0 ? [keepers] : [{ job, claim: { ...claim, machines } }, keepers];
}

/** The run of a job for a time, and what names it: the time, or the token that a person gave. */
export function runStart(
  job: Job,
  nominal: Timestamp,
  now: Date,
  { catchUps, gates }: Pick<StartContext, 'catchUps' | 'gates'>,
  request?: { readonly token: string; readonly isManual: boolean },
): RunStart {
  const claim: Claim = {
    run: `${job.id}@${request?.isManual ? request.token : nominal}`,
    job: job.id,
    trigger: request?.isManual ? 'Manual' : catchUps.get(job.id) === nominal ? 'CatchUp' : 'Schedule',
    nominal,
    ...(request && { token: request.token }),
    start: timestamp(now),
    action: job.spec.Action,
    machines: job.machines,
    ...payloadsFor(job.spec.Payload, job.machines, gates.machines),
    commit: job.commit,
  };
  return { job, claim };
}

/** What is left of a run that is superseded in part; null: nothing. */
function leftOf(start: RunStart, { by }: Supersession, inventory: Machines): RunStart | null {
  const { job, claim, kept } = start;
  const others = new Set(kept?.machines);
  const own = leftOn({ ...job, machines: claim.machines.filter((id) => !others.has(id)) }, by, inventory);
  const keeping = kept ? leftOn(kept, by, inventory) : null;
  const gone = new Map([...own.gone, ...(keeping?.gone ?? [])]);
  if (gone.size === claim.machines.length) return null;
  const superseded = gone.size > 0 && { superseded: Object.fromEntries(gone) };
  const { rollout, ...rest } = claim;
  const version = rollout?.kept && keeping && { ...rollout.kept, payloads: keeping.payloads };
  const waves = rollout && { rollout: { ...rollout, ...(version && { kept: version }) } };
  return { ...start, claim: { ...rest, payloads: own.payloads, ...superseded, ...waves } };
}

function leftOn({ spec, machines }: Job, by: Supersession['by'], inventory: Machines) {
  const filled = payloadsFor(spec.Payload, machines, inventory).payloads;
  const gone = new Map<MachineID, readonly JobID[]>();
  const payloads = machines.flatMap((id) => {
    const base = filled ? filled[id] : spec.Payload;
    const payload = base && payloadLeft(spec.Action, base, by.get(id));
    if (payload && payload.length === 0) gone.set(id, [...new Set(by.get(id)?.values())]);
    return payload && payload.length > 0 ? [[id, payload] as const] : [];
  });
  return { payloads: Object.fromEntries(payloads), gone };
}
