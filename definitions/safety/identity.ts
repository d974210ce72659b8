import type { Machine, MachineIdentity, Machines } from '../machine.ts';

/** What boards report that were never given a number of their own. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^(0*123456789|0+|f+|x+|none|n\/?a|null|unknown|default( string)?)$/i,
  /^(to be filled by o\.?e\.?m\.?|not (specified|available)|(system|chassis) serial number)$/i,
];
const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/** A serial number, comparable; null when it is none: empty, or what boards say that have none. */
function comparableSerial(serial: string | undefined): string | null {
  const trimmed = serial?.trim() ?? '';
  return trimmed === '' || PLACEHOLDERS.some((each) => each.test(trimmed)) ? null : trimmed;
}

/**
 * A UUID, comparable; null when it is none. Firmware has changed the order of the bytes in its first three fields from
 * one version to the next: both orders are one UUID.
 */
function comparableUuid(uuid: string | undefined): string | null {
  const [, ...fields] = UUID.exec(uuid?.trim().toLowerCase() ?? '') ?? [];
  if (fields.length === 0 || /^(.)\1*$/.test(fields.join(''))) return null;
  const swapped = fields.map((field, index) => (index < 3 ? (field.match(/../g) ?? []).reverse().join('') : field));
  return [fields.join('-'), swapped.join('-')].sort()[0] ?? null;
}

/** Looks up what tells a machine of an inventory from all others; null: nothing does. */
export type Identities = (machine: Machine) => MachineIdentity | null;

/** The identities of an inventory; a value that two machines share is none of either. */
export function identitiesOf(machines: Machines): Identities {
  const serials = new Map<string, number>();
  const uuids = new Map<string, number>();
  for (const { Identity } of machines.values()) {
    count(serials, comparableSerial(Identity?.SerialNumber));
    count(uuids, comparableUuid(Identity?.UUID));
  }
  const isOwn = (counts: ReadonlyMap<string, number>, key: string | null) => key !== null && counts.get(key) === 1;
  return ({ Identity }) => {
    const own: MachineIdentity = {
      ...(isOwn(serials, comparableSerial(Identity?.SerialNumber)) && { SerialNumber: Identity?.SerialNumber }),
      ...(isOwn(uuids, comparableUuid(Identity?.UUID)) && { UUID: Identity?.UUID }),
    };
    return own.SerialNumber === undefined && own.UUID === undefined ? null : own;
  };
}

function count(counts: Map<string, number>, key: string | null): void {
  if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What a BMC says that it is, by all of its resources: a board, its chassis and the BMC may each have a number. */
export interface ReportedIdentity {
  readonly SerialNumbers: readonly string[];
  readonly UUIDs: readonly string[];
}

/** Whether a BMC is that of the machine; `unknown` when it reports nothing that could be compared. */
export function compareIdentity(
  expected: MachineIdentity,
  reported: ReportedIdentity,
): 'same' | 'different' | 'unknown' {
  const serial = comparableSerial(expected.SerialNumber);
  const serials = reported.SerialNumbers.map(comparableSerial).filter((each) => each !== null);
  if (serial !== null && serials.length > 0) return serials.includes(serial) ? 'same' : 'different'; // it decides
  const uuid = comparableUuid(expected.UUID);
  const uuids = reported.UUIDs.map(comparableUuid).filter((each) => each !== null);
  if (uuid !== null && uuids.length > 0) return uuids.includes(uuid) ? 'same' : 'different';
  return 'unknown';
}

/** What of a BMC's report is worth writing into the inventory: the first of each that is no placeholder. */
export function identityToWrite({ SerialNumbers, UUIDs }: ReportedIdentity): MachineIdentity | null {
  const serial = SerialNumbers.find((each) => comparableSerial(each) !== null)?.trim();
  const uuid = UUIDs.find((each) => comparableUuid(each) !== null)?.trim();
  if (serial === undefined && uuid === undefined) return null;
  return { ...(serial !== undefined && { SerialNumber: serial }), ...(uuid !== undefined && { UUID: uuid }) };
}
