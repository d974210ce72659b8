import { createHash } from 'node:crypto';
import type { Action } from '../../definitions/actions/action.ts';
import { memberOf } from '../../definitions/actions/address.ts';
import { ROOTS } from '../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { type Loss, same } from './compare.ts';
import { Failure, listed } from './failure.ts';

/** A log file is for people to read; what a BMC holds may have megabytes. */
const MAX_VALUE_BYTES = 4_096;

/** What a change came to. */
export interface ChangeResult {
  /** The resource as read last; absent when it was not read after the change. */
  readonly body?: JsonObject;
  /** Fields that were accepted and take effect at a reset. */
  readonly pending?: JsonObject;
  readonly failure?: Failure;
}

/** The object of a resource that an entry is about; empty when it is not there. */
export function targetOf(action: Action, entry: PayloadEntry, resource: JsonObject): JsonObject {
  const found = action.at(entry).reduce<Json | undefined>((object, key) => own(object, key), resource);
  return isObject(found) ? found : {};
}

/** How a change ended: as it is, unless other things went with it. */
export function withLosses(failure: Failure | undefined, losses: readonly Loss[]): Failure | undefined {
  if (losses.length === 0) return failure;
  const lost = losses.map(({ name, was }) => (isObject(was) ? name : `${name} (${JSON.stringify(was)})`));
  const message = `${failure ? `${failure.message};` : 'applied, but'} the BMC lost ${listed(lost)} with it`;
  return new Failure('PartlyApplied', failure?.class ?? 'permanent', message);
}

/** What was to change and what has become of it. */
export interface Unfinished {
  /** The fields that differed before. */
  readonly wanted: JsonObject;
  /** The target before, and as it was read last. */
  readonly old: JsonObject;
  readonly now: JsonObject;
  /** The fields that are still not as wanted. */
  readonly left: readonly string[];
}

/** Why the fields that are left did not change; without a refusal the BMC said that it had done it. */
export function notApplied({ wanted, old, now, left }: Unfinished, refusal: Failure | undefined): Failure {
  const value = (object: JsonObject, field: string) => own(object, field) ?? null;
  const done = Object.keys(wanted).filter((field) => !left.includes(field));
  const others = left.filter((field) => !same(field, value(old, field), value(now, field)));
  const kept = left.filter((field) => !others.includes(field));
  const why = refusal?.message ?? (others.length > 0 ? 'accepted, and another value taken' : 'accepted, not applied');
  const parts = others.map((field) => {
    return `${field} is ${JSON.stringify(value(now, field))}, not ${JSON.stringify(value(wanted, field))}`;
  });
  if (done.length > 0) {
    const rest = kept.length > 0 ? [`not ${kept.join(', ')}`] : [];
    parts.unshift([`applied ${done.join(', ')}`, ...rest].join(', '));
  } else if (kept.length > 0) parts.push(`${kept.join(', ')} unchanged`);
  const outcome = done.length > 0 ? 'PartlyApplied' : (refusal?.outcome ?? 'NotApplied');
  return new Failure(outcome, refusal?.class ?? 'permanent', [why, ...parts].join('; '));
}

/** An entry, and the manager, system or chassis that it was found to mean. */
export interface FoundEntry {
  readonly action: Action;
  readonly entry: PayloadEntry;
  readonly member: string;
}

/** An entry as a log shows it: what it names, then each field before and after, and what waits for a reset. */
export function fieldsOf(
  { action, entry, member }: FoundEntry,
  old: JsonObject,
  now: JsonObject,
  pending?: JsonObject,
): JsonObject {
  const target = action.target ? { [action.target]: entry[action.target] ?? '' } : {};
  const values = Object.keys(entry.Payload).flatMap((field): [string, Json][] => [
    [`Old${field}`, own(old, field) ?? null],
    [`New${field}`, own(now, field) ?? null],
  ]);
  const names = { [ROOTS[action.root].field]: memberOf(action, entry) ?? member, ...target };
  return { ...names, ...Object.fromEntries(values), ...(pending && { Pending: pending }) };
}

/** An entry of which each value has at most 4 KiB, the rest as a digest; cut after secrets are out of it. */
export function bounded(fields: JsonObject): JsonObject {
  const values = Object.entries(fields).map(([field, value]): [string, Json] => [field, boundedValue(value)]);
  return Object.fromEntries(values);
}

function boundedValue(value: Json): Json {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = text.length * 3 > MAX_VALUE_BYTES ? Buffer.from(text) : undefined; // nearly all are short
  if (!bytes || bytes.length <= MAX_VALUE_BYTES) return value;
  const shown = bytes
    .subarray(0, MAX_VALUE_BYTES)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  const rest = bytes.subarray(Buffer.byteLength(shown));
  return `${shown}… and ${rest.length} bytes more, sha256:${createHash('sha256').update(rest).digest('hex')}`;
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
  /** It was accepted, and takes effect at a reset. */
  readonly staged?: boolean;
  /** Cut off by the Timeout or a stop. */
  readonly aborted?: boolean;
  /** Where to look once more before the run ends. */
  readonly path?: string;
}
