import type { Job, JobSpec, PayloadEntry } from '../job.ts';
import { canonical, isObject, type Json, own } from '../values/json.ts';

/** One field that two manifests give different values; null: it is absent there, or null. */
export interface FieldChange {
  /** `Schedule.Time`, `Payload[0].Payload.Profile` */
  readonly path: string;
  readonly old: Json;
  readonly new: Json;
}

/** What differs between two values, field by field; lists are compared as a whole. */
export function fieldChanges(was: Json | undefined, is: Json | undefined, path = ''): readonly FieldChange[] {
  if (canonical(was ?? null) === canonical(is ?? null)) return [];
  if (!isObject(was) || !isObject(is)) return [{ path, old: was ?? null, new: is ?? null }];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.flatMap((key) => fieldChanges(own(was, key), own(is, key), path === '' ? key : `${path}.${key}`));
}

/** The order in which a reader expects a job's fields. */
const FIELDS = [
  'Name',
  'Suspend',
  'Trigger',
  'Confirm',
  'Action',
  'Machines',
  'MachineSelector',
  'AllowEmpty',
  'Payload',
  'Schedule',
] as const;

/** What differs between two manifests of a job, field by field; neither the order of machines nor a default counts. */
export function jobFieldChanges({ spec: was }: Job, { spec: is }: Job): readonly FieldChange[] {
  return FIELDS.flatMap((field) => {
    if (field === 'Payload') return payloadDifferences(was.Payload, is.Payload);
    return fieldChanges(comparable(was, field), comparable(is, field), field);
  });
}

function comparable(spec: JobSpec, field: keyof JobSpec): Json {
  if (field === 'Machines') return spec.Machines ? [...spec.Machines].sort() : null;
  if (field === 'Suspend') return spec.Suspend ?? false;
  return (spec[field] ?? null) as unknown as Json;
}

/** Entries belong together by what they patch, wherever they stand in the list. */
function payloadDifferences(was: readonly PayloadEntry[], is: readonly PayloadEntry[]): readonly FieldChange[] {
  const before = new Map(was.map((entry) => [targetOf(entry), entry]));
  const after = new Set(is.map(targetOf));
  const json = (entry: PayloadEntry | undefined) => entry as unknown as Json | undefined;
  const kept = [...before.keys()].filter((target) => after.has(target));
  const now = is.map(targetOf).filter((target) => before.has(target));
  const isMoved = kept.some((target, index) => target !== now[index]);
  return [
    ...is.flatMap((entry, index) => fieldChanges(json(before.get(targetOf(entry))), json(entry), `Payload[${index}]`)),
    ...was.flatMap((entry, index) =>
      after.has(targetOf(entry)) ? [] : [{ path: `Payload[${index}]`, old: json(entry) ?? null, new: null }],
    ),
    ...(isMoved ? [{ path: 'Payload (order)', old: kept.map(targetText), new: now.map(targetText) }] : []),
  ];
}

/** What an entry patches, as a key. */
function targetOf(entry: PayloadEntry): string {
  const { ManagerID, SystemID, ChassisID, FanControllerID, FanZoneID, PidControllerID } = entry;
  const member = ManagerID ?? SystemID ?? ChassisID ?? null;
  return JSON.stringify([member, FanControllerID ?? FanZoneID ?? PidControllerID ?? null]);
}

/** `bmc zone-1` */
function targetText(target: string): string {
  return (JSON.parse(target) as (string | null)[]).filter((id) => id !== null).join(' ');
}
