import type { Block } from '../../../definitions/block.ts';
import type { Agenda } from '../../../definitions/lifecycle/agenda.ts';
import type { JournalRecord } from '../../../definitions/lifecycle/journal-record.ts';
import type { RunStart } from '../../../definitions/lifecycle/next-start.ts';
import { notItsTurn, notWaitedFor } from '../../../definitions/lifecycle/recovery.ts';
import { outcomesOf, withParts } from '../../../definitions/lifecycle/rollout-facts.ts';
import { haltedBy } from '../../../definitions/lifecycle/rollout-start.ts';
import type { MachineID } from '../../../definitions/machine.ts';
import { restStopped } from '../../../definitions/rollout/advance.ts';
import { effectOf } from '../../../definitions/rollout/effect.ts';
import { partSkipped } from '../../../definitions/rollout/facts.ts';
import { createTurns, type WaveTurns } from '../../../definitions/rollout/turns.ts';
import { keptClaim, type Outcome, type Result, type RolloutClaim, type Skip } from '../../../definitions/run.ts';
import type { Status } from '../../../definitions/status.ts';
import type { GateWaits } from '../gate-waits.ts';
import type { NotYet } from '../on-machine.ts';
import { type RecordResultsOptions, recordResults } from '../record-results.ts';

export interface WaveRunOptions extends RecordResultsOptions {
  readonly agenda: Agenda;
  readonly waits: GateWaits;
  readonly records: RecordResultsOptions['records'] & {
    /** The facts of a manifest file's jobs, as a record. */
    readonly facts: (file: string) => JournalRecord;
    readonly recorded: () => void;
  };
}

/** The turns of a run's parts, and what follows from how they end. */
export interface WaveRun {
  /** Null: its turn has come. A block: it will not come. Else resolves when either may be so. */
  turn(machine: MachineID): Block | null | Promise<void>;
  /** Why a part whose turn has come does not begin any more; null: it may. */
  blocked(machine: MachineID): Block | null;
  /** A part has ended, or never will begin: what follows is durable before another has its turn. */
  ended(end: Result | Skip): Promise<void>;
}

interface WaveRunState {
  readonly options: WaveRunOptions;
  readonly start: RunStart;
  readonly rollout: RolloutClaim;
  readonly kept: ReadonlySet<MachineID>;
  readonly turns: WaveTurns;
  /** Whose turn has come; it is theirs until they end. */
  readonly granted: Set<MachineID>;
  readonly waiting: Map<MachineID, () => void>;
  readonly outcomes: Map<MachineID, Outcome>;
  /** A wave has not passed: none comes after it in this run. */
  isClosed: boolean;
  woken: Promise<void> | null;
}

/** Conducts a run of a job with a Rollout: in waves, so many at once, and no further once it stands still. */
export function conductWaves(options: WaveRunOptions, start: RunStart): WaveRun | null {
  const { rollout } = start.claim;
  if (!rollout) return null;
  const state: WaveRunState = {
    options,
    start,
    rollout,
    kept: new Set(rollout.kept?.machines),
    turns: createTurns(start.claim, rollout),
    granted: new Set(),
    waiting: new Map(),
    outcomes: new Map(),
    isClosed: false,
    woken: null,
  };
  grant(state);
  return {
    turn: (machine) => blockOf(state, machine) ?? (state.granted.has(machine) ? null : untilTurn(state, machine)),
    blocked: (machine) => blockOf(state, machine),
    ended: (end) => ended(state, end),
  };
}

function grant({ turns, granted, waiting }: WaveRunState): void {
  for (const machine of turns.next()) {
    granted.add(machine);
    waiting.get(machine)?.();
  }
}

async function untilTurn(state: WaveRunState, machine: MachineID): Promise<void> {
  const { granted, waiting, options } = state;
  while (!granted.has(machine) && blockOf(state, machine) === null) {
    state.woken ??= wokenBy(options.waits).finally(() => {
      state.woken = null;
    });
    const turn = new Promise<void>((resolve) => waiting.set(machine, resolve)); // who is woken looks, and waits anew
    await Promise.race([turn, state.woken]);
  }
  waiting.delete(machine);
}

/** Where nobody waits for a time any more, as in a single pass, only its turn wakes a part. */
function wokenBy(waits: GateWaits): Promise<void> {
  return waits.hasEnded && !waits.hasStopped ? new Promise(() => undefined) : waits.wait(null);
}

/** Why a part does not begin any more: its job, its rollout, or its own run stands still. */
function blockOf(state: WaveRunState, machine: MachineID): Block | null {
  const { options, start, rollout, kept, outcomes, isClosed, granted } = state;
  const { job, status } = currentOf(state);
  const isSuspended = status?.Suspended === true && start.claim.trigger !== 'Manual';
  const asked = job && { effect: effectOf(job.spec), Suspend: isSuspended };
  const facts = { Halted: kept.has(machine) ? null : (status?.Rollout?.Halted ?? null) };
  const skipped = partSkipped(rollout.effect, facts, asked);
  if (skipped === 'Withdrawn') {
    const why = !job ? 'is gone' : isSuspended ? 'was suspended' : 'was edited';
    return { reason: 'Withdrawn', message: `Withdrawn, its job ${why}` };
  }
  if (skipped && facts.Halted) {
    return { reason: 'RolloutHalted', message: `RolloutHalted, ${haltedBy(facts.Halted)}` };
  }
  const stopped = restStopped(rollout, machine, outcomes);
  if (stopped !== null) return { reason: 'RolloutHalted', message: `RolloutHalted, ${stopped}` };
  if (granted.has(machine)) return null;
  if (isClosed) return { reason: 'NotItsTurn', message: 'NotItsTurn, the wave before it has not passed' };
  return options.waits.hasStopped ? notWaitedFor(notItsTurn(machine)) : null;
}

/** The job of the run as it is in force now, and its facts. */
function currentOf({ options: { agenda }, start }: WaveRunState) {
  const job = agenda.jobs.get(agenda.successor(start.job.id));
  const status = job && agenda.status(job.id);
  return { job: job ?? null, status };
}

async function ended(state: WaveRunState, end: Result | Skip): Promise<void> {
  const { turns, granted, outcomes } = state;
  turns.ended(end.machine);
  granted.delete(end.machine);
  for (const [machine, outcome] of outcomesOf([end])) outcomes.set(machine, outcome);
  const isOver = turns.isStageOver; // asked at once: of all that end this is the last of its stage
  await judge(state, null);
  if (isOver) await goOn(state);
  grant(state);
}

/** What follows for the rollout becomes durable before anything else begins; a halt is in force at once. */
async function judge(state: WaveRunState, at: Date | null): Promise<void> {
  const { options, start, outcomes } = state;
  const { job, status } = currentOf(state);
  const { agenda, deps, records } = options;
  if (!job || status?.LastRun?.RunID !== start.claim.run) return;
  const facts = withParts(status, start.claim, outcomes, at, deps.clock.now());
  if (facts === status) return;
  agenda.put(job, facts);
  for (const wake of state.waiting.values()) wake();
  await recordResults(options, start.job, [records.facts(job.source.file)]);
  records.recorded();
  if (facts.Rollout?.Soak) options.waits.wake();
}

/** After the last part of a stage: the wave is judged where the next one is to come in this run. */
async function goOn(state: WaveRunState): Promise<void> {
  const { rollout, options, turns } = state;
  const isWave = rollout.isInRun && rollout.mode === 'wave';
  const before = currentOf(state).status?.Rollout;
  if (isWave) await judge(state, options.deps.clock.now());
  if (turns.isLast) return;
  if (!isWave) turns.advance();
  else if (isSoaking(state))
    soaked(state, before); // not awaited: the part that ended last gives its machine back
  else nextWaveOf(state, before);
}

function isSoaking(state: WaveRunState): boolean {
  return currentOf(state).status?.Rollout?.Soak != null && !state.options.waits.hasEnded;
}

async function soaked(state: WaveRunState, before: Status['Rollout']): Promise<void> {
  while (isSoaking(state)) await state.options.waits.wait(null);
  nextWaveOf(state, before);
  grant(state);
}

/** The next wave comes when this one has passed; else none does in this run. */
function nextWaveOf(state: WaveRunState, before: Status['Rollout']): void {
  if (hasPassed(before, currentOf(state).status)) {
    state.turns.advance();
    return;
  }
  state.isClosed = true;
  for (const wake of state.waiting.values()) wake();
}

function hasPassed(before: Status['Rollout'], status: Status | undefined): boolean {
  return before !== undefined && (status?.Rollout?.Wave ?? 0) > before.Wave;
}

/** A run as it is for those of its machines that keep a promoted version; null: there are none. */
export function keptStart({ claim, kept }: RunStart): RunStart | null {
  const keeping = keptClaim(claim);
  return kept && keeping ? { job: kept, claim: keeping } : null;
}

/** How a part of a run is skipped, and carried out unless it is blocked at the very last; null: it stays open. */
export interface PartCourse {
  readonly leaveOut: (block: Block) => Promise<Skip>;
  readonly execute: (blocked: () => Block | null) => Promise<Result | Skip | NotYet | null>;
}

/** A part of a run in waves begins when its turn has come; what follows from its end is known before others begin. */
export async function inTurn(waves: WaveRun | null, machine: MachineID, course: PartCourse) {
  if (!waves) return await course.execute(() => null);
  const turn = waves.turn(machine);
  if (turn instanceof Promise) return { notYet: () => turn };
  const end = turn ? await course.leaveOut(turn) : await course.execute(() => waves.blocked(machine));
  if (end && !('notYet' in end)) await waves.ended(end);
  return end;
}
