import type { Action } from '../../../definitions/actions/action.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { difference } from '../compare.ts';
import { Failure } from '../failure.ts';
import type { Resource } from '../manager.ts';
import type { EntryOutcome } from '../outcome.ts';

/** The fields that somebody else has set since: they are neither as wanted nor as OnlyIf says (V03). */
export function conflictsIn(action: Action, { Payload, OnlyIf }: PayloadEntry, target: JsonObject): readonly string[] {
  if (!OnlyIf) return [];
  const wrong = difference(action, Payload, target);
  const alien = difference(action, OnlyIf, target);
  return Object.keys(wrong).filter((field) => Object.hasOwn(alien, field));
}

/** An entry without some of its fields. */
export function without(entry: PayloadEntry, fields: readonly string[]): PayloadEntry {
  if (fields.length === 0) return entry;
  return {
    ...entry,
    Payload: Object.fromEntries(Object.entries(entry.Payload).filter(([key]) => !fields.includes(key))),
  };
}

/** How an entry ended, with the fields of it that were left as they are. */
export function withConflicts(
  outcome: EntryOutcome,
  { Payload, OnlyIf }: PayloadEntry,
  conflicts: readonly string[],
  target: JsonObject,
): EntryOutcome {
  if (conflicts.length === 0) return outcome;
  const reasons = conflicts.map((field) => {
    const [now, left, wanted] = [own(target, field), own(OnlyIf, field), own(Payload, field)];
    return `${field} is ${text(now)}, neither ${text(left)} nor ${text(wanted)}: somebody has set it since, so it stays`;
  });
  const all = [...(outcome.failure ? [outcome.failure.message] : []), ...reasons].join('; ');
  const failure = new Failure(outcome.failure?.outcome ?? 'Conflict', 'permanent', all);
  return { ...outcome, fields: { ...outcome.fields, Conflict: conflicts }, failure };
}

function text(value: Json | undefined): string {
  return JSON.stringify(value ?? null);
}

/** Where a resource keeps what takes effect at its next reset; undefined: it has no such place (DSP0266, 7.10). */
export function settingsPath(resource: Resource): string | undefined {
  const reference = own(own(own(resource.body, '@Redfish.Settings'), 'SettingsObject'), '@odata.id');
  return typeof reference === 'string' ? reference : undefined;
}
