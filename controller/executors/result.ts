import { memberOf } from '../../definitions/actions/address.ts';
import { ACTIONS } from '../../definitions/actions/index.ts';
import { ROOTS, type Root } from '../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import type { Outcome, Part, Result } from '../../definitions/run.ts';
import type { JsonObject } from '../../definitions/values/json.ts';
import { Failure, failureText } from '../redfish/failure.ts';
import type { EntryOutcome } from '../redfish/outcome.ts';

/** What the outcomes of entries, in payload order, come to. */
export function resultOf(part: Part, outcomes: readonly EntryOutcome[]): Result {
  const failed = outcomes.filter(({ failure }) => failure);
  const error = failed.length === 0 ? null : errorText(part, failed);
  return { machine: part.machine.ID, outcome: outcomeOf(outcomes, failed), entries: fieldsOf(outcomes), error };
}

/** Why a part failed whose machine's Timeout was over. */
export function tooLate({ machine }: Part, answered: boolean): Failure {
  const outcome = answered ? 'NotApplied' : 'Unreachable';
  return new Failure(outcome, 'transient', `not done within the machine's Timeout of ${machine.Timeout}`);
}

/** An outcome for each entry: one that was cut off, or not come to, failed for this reason. */
export function withReason(part: Part, outcomes: readonly EntryOutcome[], failure: Failure): EntryOutcome[] {
  const unknown = new Failure(failure.outcome, failure.class, `sent, but not read back: ${failure.message}`);
  return part.payload.map((entry, index) => {
    const outcome = outcomes[index];
    if (outcome && !outcome.aborted) return outcome;
    return { fields: null, sent: false, ...outcome, entry, failure: outcome?.sent ? unknown : failure };
  });
}

/** The result of a part that was told to stop (R30). */
export function stopped(part: Part, outcomes: readonly EntryOutcome[]): Result {
  const left = part.payload.filter((_, index) => !outcomes[index] || outcomes[index]?.aborted);
  const where = left.map((entry) => placeOf(part, entry)).join(', ') || 'its values were confirmed';
  const error = `interrupted: the service stopped before ${where}`;
  return { machine: part.machine.ID, outcome: 'Interrupted', entries: fieldsOf(outcomes), error };
}

function fieldsOf(outcomes: readonly EntryOutcome[]): JsonObject[] {
  return outcomes.flatMap(({ fields }) => (fields ? [fields] : []));
}

function outcomeOf(outcomes: readonly EntryOutcome[], failed: readonly EntryOutcome[]): Outcome {
  const changed = outcomes.some(({ sent, failure }) => sent && !failure);
  const staged = outcomes.some((each) => each.staged);
  const [first] = failed;
  if (!first?.failure) return staged ? 'Staged' : changed ? 'Applied' : 'Unchanged';
  const partly = failed.some(({ failure }) => failure?.outcome === 'PartlyApplied');
  return changed || partly ? 'PartlyApplied' : first.failure.outcome;
}

/** One sentence; a reason that several managers share stands in it once. */
function errorText(part: Part, failed: readonly EntryOutcome[]): string {
  const { noun } = ROOTS[rootOf(part)];
  const targets = new Map<string, string[]>();
  for (const { entry, failure } of failed) {
    const reason = failure ? failureText(failure) : '';
    targets.set(reason, [...(targets.get(reason) ?? []), nameOf(part, entry)]);
  }
  return [...targets]
    .map(([reason, names]) => {
      const colon = reason.indexOf(':');
      return `${reason.slice(0, colon)}: ${`${noun} ${names.join(', ')}`.trimEnd()}${reason.slice(colon)}`;
    })
    .join('; ');
}

function rootOf({ action }: Part): Root {
  return ACTIONS.get(action)?.root ?? 'Managers';
}

/** As people read it: `manager bmc cpu_zone`. */
export function placeOf(part: Part, entry: PayloadEntry): string {
  return `${ROOTS[rootOf(part)].noun} ${nameOf(part, entry)}`.trimEnd();
}

/** What an entry names: a manager, and what is below it; empty where it leaves the choice to what there is. */
function nameOf(part: Part, entry: PayloadEntry): string {
  const { FanControllerID, FanZoneID, PidControllerID } = entry;
  const member = memberOf({ root: rootOf(part) }, entry) ?? '';
  const target = FanControllerID ?? FanZoneID ?? PidControllerID;
  return target === undefined ? member : `${member} ${target}`;
}
