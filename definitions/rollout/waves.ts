import { hash } from 'node:crypto';
import type { Rollout, Share, Wave } from '../job.ts';
import type { MachineID } from '../machine.ts';
import type { MachineSelector } from '../machine-selector.ts';
import type { FrozenRollout, FrozenWave } from '../run.ts';
import { durationMs } from '../values/duration.ts';
import { canonical, type Json } from '../values/json.ts';

/** The waves over the `machines` of a claim; a machine that fits two is in the first (W10). */
export function freezeWaves(
  { Waves, FailureBudget = {} }: Pick<Rollout, 'Waves' | 'FailureBudget'>,
  machines: readonly MachineID[],
  fitting: (selector: MachineSelector) => readonly MachineID[],
): FrozenRollout {
  const free = new Set(machines);
  const waves = Waves.map((wave): FrozenWave => {
    const wanted = wave.Rest ? free : membersOf(wave, fitting);
    const members = machines.filter((id) => free.has(id) && wanted.has(id));
    for (const id of members) free.delete(id);
    return {
      name: wave.Name,
      machines: members,
      maxFailures: allowed(wave.MaxFailures ?? 0, machines.length),
      soakMs: durationMs(wave.Soak ?? '0s') ?? 0,
      maxConcurrent:
        wave.MaxConcurrent === undefined ? null : Math.max(1, allowed(wave.MaxConcurrent, machines.length)),
    };
  });
  const { Failed, Unreachable } = FailureBudget;
  return {
    waves,
    maxFailed: Failed === undefined ? null : allowed(Failed, machines.length),
    maxUnreachable: Unreachable === undefined ? null : allowed(Unreachable, machines.length),
  };
}

function membersOf(wave: Wave, fitting: (selector: MachineSelector) => readonly MachineID[]): ReadonlySet<MachineID> {
  return new Set(wave.MachineSelector ? fitting(wave.MachineSelector) : (wave.Machines ?? []));
}

/** A share as a number of machines, rounded down: 5 % of 10 is none (W06). */
function allowed(share: Share, total: number): number {
  if (typeof share === 'number') return share;
  const hundredths = Math.round(Number.parseFloat(share) * 100); // 0.29 × 100 is 28.999…
  return Math.floor((hundredths * total) / 10_000);
}

/** What is wrong with the order of waves; null: nothing (W10). */
export function waveFault(waves: readonly Wave[]): string | null {
  const rests = waves.filter(({ Rest }) => Rest).length;
  if (rests === 1 && waves.at(-1)?.Rest) return null;
  return 'the last wave, and only it, has `Rest: true`: no machine may be left out, nor come before its wave';
}

/** Why a rollout over these waves must not begin; null: it may. The next, larger wave would be the canary (W09). */
export function canaryFault({ waves }: FrozenRollout): string | null {
  const [first] = waves;
  if (first && first.machines.length > 0) return null;
  return `NoCanary: the first wave, ${first?.name ?? 'of none'}, has no machine, and the next one would be the trial`;
}

/** The first wave from `index` on that has machines; their number when there is none left (W09). */
export function nextWave(waves: readonly FrozenWave[], index: number): number {
  const found = waves.findIndex(({ machines }, at) => at >= index && machines.length > 0);
  return found < 0 ? waves.length : found;
}

/** Digest of whom each wave is for, as written: who edits that means other waves (W12). */
export function wavesDigest({ Waves }: Pick<Rollout, 'Waves'>): string {
  const members = Waves.map(({ Name, Machines, MachineSelector, Rest }) => {
    const whom = { ...(Machines && { Machines }), ...(MachineSelector && { MachineSelector }), ...(Rest && { Rest }) };
    return { Name, ...whom };
  });
  return hash('sha256', canonical(members as unknown as Json), 'hex').slice(0, 16);
}
