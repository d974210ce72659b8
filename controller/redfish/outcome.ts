import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { vanished } from './compare.ts';
import { Failure, listed } from './failure.ts';

/** What a change came to. */
export interface ChangeResult {
  /** The manager as read last. */
  readonly manager: JsonObject;
  readonly failure?: Failure;
}

/** The object of a manager that an entry is about; empty when it is not there. */
export function targetOf(action: Action, entry: PayloadEntry, manager: JsonObject): JsonObject {
  const found = action.at(entry).reduce<Json | undefined>((object, key) => own(object, key), manager);
  return isObject(found) ? found : {};
}

/** A success, unless other things went with it. */
export function checkLosses(
  action: Action,
  entry: PayloadEntry,
  before: JsonObject,
  manager: JsonObject,
): ChangeResult {
  const gone = vanished(action, entry, before, manager);
  if (gone.length === 0) return { manager };
  const message = `applied, but the BMC lost ${listed(gone)} with it`;
  return { manager, failure: new Failure('PartlyApplied', 'permanent', message) };
}

/** Why of the fields that were to change those `left` did not; without a refusal the BMC said that it had done it. */
export function notApplied(wanted: readonly string[], left: readonly string[], refusal: Failure | undefined): Failure {
  const done = wanted.filter((field) => !left.includes(field));
  const why = refusal ? refusal.message : 'accepted, not applied';
  const kind = refusal?.class ?? 'permanent';
  if (done.length > 0) {
    const message = `${why}; applied ${done.join(', ')}, not ${left.join(', ')}`;
    return new Failure('PartlyApplied', kind, message);
  }
  return new Failure(refusal?.outcome ?? 'NotApplied', kind, `${why}; ${left.join(', ')} unchanged`);
}

/** An entry as a log shows it: what it names, then each field before and after. */
export function fieldsOf(action: Action, entry: PayloadEntry, old: JsonObject, now: JsonObject): JsonObject {
  const target = action.target ? { [action.target]: entry[action.target] ?? '' } : {};
  const values = Object.keys(entry.Payload).flatMap((field): [string, Json][] => [
    [`Old${field}`, own(old, field) ?? null],
    [`New${field}`, own(now, field) ?? null],
  ]);
  return { ManagerID: entry.ManagerID, ...target, ...Object.fromEntries(values) };
}

/** How one payload entry ended. */
export interface EntryOutcome {
  readonly entry: PayloadEntry;
  /** ManagerID, target, Old and New of each field (R34); null when nothing was read. */
  readonly fields: JsonObject | null;
  /** Absent on success. */
  readonly failure?: Failure;
  /** Whether something was sent. */
  readonly sent: boolean;
  /** Cut off by the Timeout or a stop. */
  readonly aborted?: boolean;
  /** Where to look once more before the run ends. */
  readonly path?: string;
}
