import type { Block } from '../block.ts';
import type { Job, JobSpec } from '../job.ts';
import { type FullRollout, isState, rolloutOf } from '../rollout/defaults.ts';
import { effectOf } from '../rollout/effect.ts';
import { beginEffect } from '../rollout/facts.ts';
import { type DueVerdict, judgeOccurrence } from '../rollout/occurrence.ts';
import { freezeWaves, wavesDigest } from '../rollout/waves.ts';
import type { Claim, KeptVersion, RolloutClaim } from '../run.ts';
import type { GateContext } from '../safety/gate.ts';
import { matches } from '../selection/labels.ts';
import { payloadsFor } from '../selection/placeholders.ts';
import type { Halt, Promoted, RolloutFacts, Status } from '../status.ts';
import { some } from '../values/text.ts';

/** A run of a job, and the version that some of its machines keep. */
export interface WavesStart {
  readonly job: Job;
  readonly claim: Claim;
  /** The job as it was when the version was promoted that some machines of the run keep. */
  readonly kept?: Job;
}

/** What a run of a job does where it has a Rollout: which machines get what. Or why none begins. */
export function inWaves(
  { job, claim }: { readonly job: Job; readonly claim: Claim },
  { Rollout: facts }: Status,
  now: Date,
  gates: Pick<GateContext, 'machines' | 'versions'>,
): WavesStart | Block {
  const rollout = rolloutOf(job.spec);
  if (!rollout) return { job, claim };
  const effect = effectOf(job.spec);
  const known = facts ?? beginEffect(null, { effect, waves: wavesDigest(rollout) });
  const frozen = freezeWaves(rollout, claim.machines, (selector) =>
    claim.machines.filter((id) => matches(selector, gates.machines.get(id)?.Labels)),
  );
  if (known.Soak) return missedBy('Running', known, rollout); // until its values have been read once more
  const asked = { rollout, effect, isState: isState(job.spec.Action), frozen, facts: known, isRunning: false };
  const verdict = judgeOccurrence({ ...asked, known: new Set(known.Known) }, now);
  if (verdict.verdict === 'refused') return { reason: 'GuardRefused', message: `GuardRefused ${verdict.reason}` };
  if (verdict.verdict === 'missed') return missedBy(verdict.reason, known, rollout);
  return startOf(job, claim, { verdict, rollout, facts: known, frozen, effect }, gates);
}

function missedBy(reason: 'RolloutHalted' | 'Running', { Soak, Halted, Wave }: RolloutFacts, { Waves }: FullRollout) {
  if (reason === 'Running' || !Halted) {
    return { reason: 'Soaking', message: `Soaking, the wave before it soaks until ${Soak?.End}` } as const;
  }
  const at = Waves[Wave]?.Name ?? `wave ${Wave + 1}`;
  return {
    reason: 'RolloutHalted',
    message: `RolloutHalted at ${at} since ${Halted.Since}: ${haltedBy(Halted)}`,
  } as const;
}

/** Why a rollout stands still, in the words of a status. */
export function haltedBy({ Reason, Machines }: Halt): string {
  const names = some(Machines);
  return {
    WaveFailed: `more have failed than its MaxFailures allows: ${names}`,
    BudgetExceeded: `the FailureBudget is exceeded, last by ${names}`,
    NothingProved: `none of its machines was reached, so nothing is proved: ${names}`,
  }[Reason];
}

type Begins = Extract<DueVerdict, { verdict: 'wave' | 'flat' | 'promoted' }>;

interface Judged {
  readonly verdict: Begins;
  readonly rollout: FullRollout;
  readonly facts: RolloutFacts;
  readonly frozen: RolloutClaim['frozen'];
  readonly effect: string;
}

function startOf(
  job: Job,
  claim: Claim,
  { verdict, rollout, facts, frozen, effect }: Judged,
  gates: Pick<GateContext, 'machines' | 'versions'>,
): WavesStart | Block {
  const promoted = verdict.verdict === 'promoted' ? verdict : verdict.verdict === 'wave' ? verdict.promoted : null;
  const kept = promoted && keptBy(job, promoted.version, promoted.machines, gates);
  if (verdict.verdict === 'promoted' && !kept) {
    const { Commit, File } = verdict.version;
    const where = `the promoted version is not to be found in ${File} of commit ${Commit.slice(0, 12)}`;
    return { reason: 'RolloutHalted', message: `RolloutHalted, and ${where}` };
  }
  const isInRun = rollout.Advance === 'InRun' && verdict.verdict === 'wave';
  const wave = verdict.verdict === 'wave' ? verdict.wave : 0;
  // What runs once does not come again for who has passed.
  const again = verdict.verdict === 'wave' && job.spec.Schedule.Type === 'Continuous' ? verdict.again : [];
  const members = verdict.verdict === 'wave' ? wavesFrom(frozen, wave, isInRun) : membersOf(verdict);
  const reached = new Set([...members, ...again, ...(kept?.version.machines ?? [])]);
  const machines = claim.machines.filter((id) => reached.has(id));
  const known = new Set(facts.Known);
  const late = verdict.verdict === 'flat' ? verdict.joining : (kept?.version.machines ?? []);
  const inWave: RolloutClaim = {
    mode: verdict.verdict === 'promoted' ? 'kept' : verdict.verdict,
    effect,
    file: job.source.file,
    frozen,
    wave,
    isInRun,
    again,
    joining: late.filter((id) => !known.has(id)),
    ...(kept && { kept: kept.version }),
  };
  return { job, claim: { ...claim, machines, rollout: inWave }, ...(kept && { kept: kept.job }) };
}

function wavesFrom({ waves }: RolloutClaim['frozen'], wave: number, isInRun: boolean): readonly string[] {
  return waves.slice(wave, isInRun ? undefined : wave + 1).flatMap(({ machines }) => machines);
}

function membersOf(verdict: Extract<Begins, { verdict: 'flat' | 'promoted' }>): readonly string[] {
  return verdict.verdict === 'flat' ? [...verdict.machines, ...verdict.joining] : [];
}

/** What machines get that keep the promoted version; null: nobody knows what it said. */
function keptBy(
  job: Job,
  { Effect: effect, Commit: commit }: Promoted,
  machines: readonly string[],
  { versions, machines: inventory }: Pick<GateContext, 'versions' | 'machines'>,
): { readonly job: Job; readonly version: KeptVersion } | null {
  const found: Pick<JobSpec, 'Action' | 'Payload'> | undefined = versions.get(effect);
  if (!found) return null;
  const { Action: action, Payload: payload } = found;
  const spec = { ...job.spec, Action: action, Payload: payload };
  const version = { effect, commit, action, payload, machines, ...payloadsFor(payload, machines, inventory) };
  return { job: { ...job, spec, machines, commit }, version };
}
