import { classFor } from '../../actions/action.ts';
import { ACTIONS } from '../../actions/index.ts';
import { completeGuards } from '../../guard.ts';
import type { GuardClass } from '../../guard-class.ts';
import type { Job, PayloadEntry } from '../../job.ts';
import type { Machines } from '../../machine.ts';
import type { Problem } from '../../problem.ts';
import { canaryFault, freezeWaves } from '../../rollout/waves.ts';
import { guardOf } from '../../safety/guard-gates.ts';
import { isFarBelow, judgeIdentity, judgeSize } from '../../safety/guards.ts';
import { identitiesOf } from '../../safety/identity.ts';
import { matches } from '../../selection/labels.ts';
import type { Settings } from '../../settings.ts';
import { isObject, type Json, own } from '../../values/json.ts';
import { entriesOf } from '../payload.ts';
import type { Objection } from '../reading.ts';

/** What a selector must not reach by growing, without a number that somebody has confirmed. */
const CONFIRMED: readonly GuardClass[] = ['Host', 'Manager', 'Access'];

/** A selector of a dangerous class without `Confirm` (G03); a list of machines is its own confirmation. */
export function unconfirmedSelector(job: Json): readonly Objection[] {
  const action = ACTIONS.get(String(own(job, 'Action')));
  const entries = entriesOf(job).filter(([, entry]) => isObject(own(entry, 'Payload')));
  const guard =
    action &&
    classFor(
      action,
      entries.map(([, entry]) => entry as unknown as PayloadEntry),
    );
  if (!guard || !CONFIRMED.includes(guard) || !isObject(own(job, 'MachineSelector'))) return [];
  if (own(job, 'Confirm') !== undefined) return [];
  const message = `a selector for an action of class ${guard} says how many machines it may reach: Confirm: { Machines: N }`;
  return [{ path: ['MachineSelector'], atKey: true, stage: 'structure', rule: 'R51', message }];
}

/** What is wrong with the first wave of a job's rollout, on the inventory as it is (W09). */
function canaryOf({ spec, machines: ids }: Job, machines: Machines): { guard: 'NoCanary'; message: string } | null {
  if (!spec.Rollout) return null;
  const frozen = freezeWaves(spec.Rollout, ids, (selector) =>
    ids.filter((id) => matches(selector, machines.get(id)?.Labels)),
  );
  const message = canaryFault(frozen);
  return message === null ? null : { guard: 'NoCanary', message };
}

/** What guards will say to the runs of these jobs, before somebody merges it (G01, G04, G06). */
export function guardAdvice(jobs: Iterable<Job>, machines: Machines, settings: Settings | null): readonly Problem[] {
  const guards = settings?.Guards ?? completeGuards([]);
  const identities = identitiesOf(machines);
  const problems: Problem[] = [];
  for (const job of jobs) {
    const guard = guardOf(job);
    const run = { guard, machines: job.machines, confirmed: job.spec.Confirm?.Machines };
    const context = { limits: guards[guard], inventory: machines, identities };
    const canary = canaryOf(job, machines);
    const refusal = judgeSize(run, context) ?? judgeIdentity(run, context) ?? canary;
    const path =
      refusal === canary && canary
        ? 'Rollout.Waves[0]'
        : refusal?.guard === 'Confirm' || isFarBelow(run)
          ? 'Confirm'
          : 'Machines';
    const message = refusal
      ? `each run will be refused: ${refusal.message}`
      : isFarBelow(run)
        ? `it reaches ${job.machines.length}, fewer than half of the ${run.confirmed} that Confirm allows`
        : null;
    if (message === null) continue;
    const place = { file: job.source.file, line: 1, column: 1, path };
    problems.push({ ...place, stage: 'platform', rule: 'R51', message, severity: 'warning' });
  }
  return problems;
}
