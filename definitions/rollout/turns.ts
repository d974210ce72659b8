// Memory: which parts of a run have begun and ended. A run that a crash cut off is not taken up again (R24).
import type { MachineID } from '../machine.ts';
import type { Claim, RolloutClaim } from '../run.ts';

/** Whose turn it is in a run of a job with a Rollout. */
export interface WaveTurns {
  /** Whose turn has come since this was asked last. */
  next(): readonly MachineID[];
  /** A part has ended, or will not begin. */
  ended(machine: MachineID): void;
  /** Whether all parts have ended whose turn can come before `advance`. */
  readonly isStageOver: boolean;
  /** Whether none come after them. */
  readonly isLast: boolean;
  /** Lets those after them have their turns. */
  advance(): void;
}

/** Machines that are written side by side, so many at once; null: all. */
interface Group {
  readonly waiting: MachineID[];
  readonly limit: number | null;
  readonly working: Set<MachineID>;
}

/** The turns of a run: one wave after the other, and who joins last, one at a time. */
export function createTurns(claim: Claim, rollout: RolloutClaim): WaveTurns {
  const stages = stagesOf(claim, rollout);
  let at = 0;
  const current = () => stages[at] ?? [];
  return {
    next: () => current().flatMap(begin),
    ended(machine) {
      for (const { waiting, working } of stages.flat()) {
        working.delete(machine);
        const index = waiting.indexOf(machine);
        if (index >= 0) waiting.splice(index, 1);
      }
    },
    get isStageOver() {
      return current().every(({ waiting, working }) => waiting.length === 0 && working.size === 0);
    },
    get isLast() {
      return at >= stages.length - 1;
    },
    advance() {
      at += 1;
    },
  };
}

function begin({ waiting, limit, working }: Group): readonly MachineID[] {
  const free = limit === null ? waiting.length : Math.max(0, limit - working.size);
  const turn = waiting.splice(0, free);
  for (const machine of turn) working.add(machine);
  return turn;
}

function stagesOf({ machines }: Claim, rollout: RolloutClaim): readonly (readonly Group[])[] {
  const { mode, frozen, wave, isInRun, again, joining, kept } = rollout;
  const last = frozen.waves.at(-1)?.maxConcurrent ?? null;
  const isJoining = new Set(joining);
  const group = (members: readonly MachineID[], limit: number | null): Group => ({
    waiting: members.filter((id) => !isJoining.has(id)),
    limit,
    working: new Set(),
  });
  const waves = frozen.waves.slice(wave, isInRun ? undefined : wave + 1).filter((each) => each.machines.length > 0);
  const steps = waves.map((each) => [group(each.machines, each.maxConcurrent)]);
  const beside = mode === 'wave' ? [group(again, last), group(kept?.machines ?? [], last)] : [group(machines, last)];
  const [first = [], ...rest] = mode === 'wave' ? steps : [];
  const joins: Group[] = joining.length === 0 ? [] : [{ waiting: [...joining], limit: 1, working: new Set() }];
  return [[...first, ...beside], ...rest, joins].filter((stage) => stage.some(({ waiting }) => waiting.length > 0));
}
