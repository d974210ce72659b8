import type { Job } from '../../../definitions/job.ts';
import type { MachineID, Machines } from '../../../definitions/machine.ts';
import { haltText } from '../../../definitions/report/rollout.ts';
import { freezeWaves } from '../../../definitions/rollout/waves.ts';
import type { FrozenWave } from '../../../definitions/run.ts';
import { matches } from '../../../definitions/selection/labels.ts';
import type { RolloutFacts, Spent, Status } from '../../../definitions/status.ts';
import type { Timestamp } from '../../../definitions/values/time.ts';

/** How far a rollout has come. */
export interface RolloutView {
  readonly waves: readonly WaveView[];
  /** Why it stands still, and the line to change; null: it does not. */
  readonly halt: string | null;
  /** Until when the wave under way is left alone; null: it is not. */
  readonly soakEnd: Timestamp | null;
  /** What the waves that have passed took of the budget; null: nothing is known yet. */
  readonly spent: Spent | null;
}

interface WaveView {
  readonly name: string;
  readonly state: 'passed' | 'next' | 'soaking' | 'halted' | 'coming';
  readonly maxFailures: number;
  readonly maxConcurrent: number | null;
  readonly total: number;
  /** At most 200. */
  readonly machines: readonly MachineID[];
}

const MACHINES_SHOWN = 200;

/** The waves of a job over the machines that it reaches now; null without a Rollout. */
export function rolloutView(job: Job, status: Pick<Status, 'Rollout'>, inventory: Machines): RolloutView | null {
  const facts = status.Rollout ?? null;
  const waves = wavesOf(job, inventory);
  if (waves === null) return null;
  return {
    waves: waves.map(({ name, machines, maxFailures, maxConcurrent }, index) => ({
      name,
      state: stateOf(index, facts),
      maxFailures,
      maxConcurrent,
      total: machines.length,
      machines: machines.slice(0, MACHINES_SHOWN),
    })),
    halt: haltedText(job, status),
    soakEnd: facts?.Soak?.End ?? null,
    spent: facts?.Spent ?? null,
  };
}

/** The sentences on a rollout that stands still; null: it does not, or there is none. */
export function haltedText(job: Job, status: Pick<Status, 'Rollout'>): string | null {
  return haltText(job, status)?.join('; ') ?? null;
}

function wavesOf({ spec, machines }: Job, inventory: Machines): readonly FrozenWave[] | null {
  if (!spec.Rollout) return null;
  return freezeWaves(spec.Rollout, machines, (selector) =>
    machines.filter((id) => matches(selector, inventory.get(id)?.Labels)),
  ).waves;
}

function stateOf(index: number, facts: RolloutFacts | null): WaveView['state'] {
  if (!facts) return index === 0 ? 'next' : 'coming';
  if (facts.Promoted?.Effect === facts.Effect && !facts.Halted) return 'passed';
  if (index !== facts.Wave) return index < facts.Wave ? 'passed' : 'coming';
  if (facts.Halted) return 'halted';
  return facts.Soak ? 'soaking' : 'next';
}
