import type { MachineID } from '../machine.ts';
import type { FrozenRollout } from '../run.ts';
import type { Promoted, RolloutFacts } from '../status.ts';
import type { FullRollout } from './defaults.ts';
import { canaryFault, nextWave } from './waves.ts';

/** An occurrence of a job with a Rollout that is due. */
export interface DueRollout {
  readonly rollout: Pick<FullRollout, 'Scope' | 'Advance' | 'OnHalt'>;
  /** Of the manifest in force. */
  readonly effect: string;
  /** Whether its action sets values that can be written again: who waits for a wave can be kept at a version. */
  readonly isState: boolean;
  /** As they would be frozen now. */
  readonly frozen: FrozenRollout;
  /** After `beginEffect` and `resume`. */
  readonly facts: RolloutFacts;
  /** Whether an earlier run of the job is still going, or soaks. */
  readonly isRunning: boolean;
  /** Machines that an earlier claim of the promoted version had; the others join (S07). */
  readonly known: ReadonlySet<MachineID>;
}

/** What an occurrence does. */
export type DueVerdict =
  /** Wave `wave` begins; `again` passed theirs and get the new effect, `promoted` get the last promoted version. */
  | {
      readonly verdict: 'wave';
      readonly wave: number;
      readonly again: readonly MachineID[];
      readonly promoted: { readonly version: Promoted; readonly machines: readonly MachineID[] } | null;
    }
  /** All at once within `maxConcurrent` (null: no limit); who joins comes after them, one at a time. */
  | {
      readonly verdict: 'flat';
      readonly machines: readonly MachineID[];
      readonly joining: readonly MachineID[];
      readonly maxConcurrent: number | null;
    }
  /** The rollout is halted: the promoted version runs on all machines. */
  | { readonly verdict: 'promoted'; readonly version: Promoted; readonly machines: readonly MachineID[] }
  | { readonly verdict: 'missed'; readonly reason: 'RolloutHalted' | 'Running' }
  | { readonly verdict: 'refused'; readonly reason: string };

/** What becomes of an occurrence of a job with a Rollout (W01–W03, W09, W11, W14). */
export function judgeOccurrence(due: DueRollout, now: Date): DueVerdict {
  const { rollout, effect, frozen, facts, isRunning } = due;
  if (isRunning || (facts.Soak !== null && now < new Date(facts.Soak.End))) {
    return { verdict: 'missed', reason: 'Running' };
  }
  if (facts.Halted) return whileHalted(due);
  if (facts.Promoted?.Effect === effect && rollout.Scope === 'NewEffect') return flat(due);
  const fault = canaryFault(frozen);
  if (fault) return { verdict: 'refused', reason: fault };
  const wave = nextWave(frozen.waves, facts.Wave);
  if (wave === frozen.waves.length) return flat(due);
  return {
    verdict: 'wave',
    wave,
    again: frozen.waves.slice(0, wave).flatMap(({ machines }) => machines),
    promoted: withPromoted(
      due,
      frozen.waves.slice(wave + 1).flatMap(({ machines }) => machines),
    ),
  };
}

function whileHalted(due: DueRollout): DueVerdict {
  const version = keptAt(due);
  if (due.rollout.OnHalt === 'Hold' || !version) return { verdict: 'missed', reason: 'RolloutHalted' };
  return { verdict: 'promoted', version, machines: everyone(due.frozen) };
}

/** With InRun the other waves come in the same run: nothing before theirs. */
function withPromoted(due: DueRollout, machines: readonly MachineID[]) {
  const version = due.rollout.Advance === 'NextRun' ? keptAt(due) : null;
  return version && machines.length > 0 ? { version, machines } : null;
}

/** The version for machines that must not get the new one; what is rolled out or halted itself is none. */
function keptAt({ facts: { Promoted: version }, effect, isState }: DueRollout): Promoted | null {
  return version && isState && version.Effect !== effect ? version : null;
}

function flat({ frozen, known }: DueRollout): DueVerdict {
  const all = everyone(frozen);
  return {
    verdict: 'flat',
    machines: all.filter((id) => known.has(id)),
    joining: all.filter((id) => !known.has(id)),
    maxConcurrent: frozen.waves.at(-1)?.maxConcurrent ?? null,
  };
}

function everyone({ waves }: FrozenRollout): readonly MachineID[] {
  return waves.flatMap(({ machines }) => machines);
}
