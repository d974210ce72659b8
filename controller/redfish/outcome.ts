import type { Action } from '../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { Failure } from './failure.ts';
import { difference, vanished } from './locate.ts';
import { listed } from './manager.ts';

/** What a change came to. */
export interface Ended {
  /** The manager as read last. */
  readonly held: JsonObject;
  readonly failure?: Failure;
}

/** The object of a manager that an entry is about; empty when it is not there. */
export function targetOf(action: Action, entry: PayloadEntry, manager: JsonObject): JsonObject {
  const found = action.at(entry).reduce<Json | undefined>((at, key) => own(at, key), manager);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as JsonObject) : {};
}

/** A success, unless other things went with it. */
export function withLosses(action: Action, entry: PayloadEntry, before: JsonObject, held: JsonObject): Ended {
  const gone = vanished(action, entry, before, held);
  if (gone.length === 0) return { held };
  const message = `applied, but the BMC lost ${listed(gone)} with it`;
  return { held, failure: new Failure('PartlyApplied', 'permanent', message) };
}

/** Why not all is as wanted, and which fields are. */
export function unapplied(
  action: Action,
  entry: PayloadEntry,
  before: JsonObject,
  left: readonly string[],
  refusal: Failure | undefined,
): Failure {
  const wanted = Object.keys(difference(entry.Payload, targetOf(action, entry, before)));
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
export function show(action: Action, entry: PayloadEntry, old: JsonObject, now: JsonObject): JsonObject {
  const target = action.target ? { [action.target]: entry[action.target] ?? '' } : {};
  const values = Object.keys(entry.Payload).flatMap((field): [string, Json][] => [
    [`Old${field}`, own(old, field) ?? null],
    [`New${field}`, own(now, field) ?? null],
  ]);
  return { ManagerID: entry.ManagerID, ...target, ...Object.fromEntries(values) };
}
