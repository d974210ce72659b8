import type { Root } from '../../definitions/actions/root.ts';
import type { MachineIdentity, ManagerInventory } from '../../definitions/machine.ts';
import { compareIdentity, type ReportedIdentity } from '../../definitions/safety/identity.ts';
import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { Failure, listed, oneLine } from './failure.ts';
import { type Collection, eachMember, idOf, type Resource } from './manager.ts';
import type { Session } from './session.ts';
import { type Offers, offersOf } from './target/offers.ts';

/** What one manager of a BMC has. */
export interface ProbedManager extends ManagerInventory {
  readonly ID: string;
  /** Null where it does not say. */
  readonly Firmware: string | null;
}

/** What of a manager can be patched, by its resource; the lists are absent where it has no fan data. */
export function inventoryOf(manager: Resource, scrub: (text: string) => string): ProbedManager {
  const { body } = manager;
  const firmware = own(body, 'FirmwareVersion');
  const fan = own(own(own(body, 'Oem'), 'OpenBmc'), 'Fan');
  return {
    ID: idOf(manager),
    Firmware: typeof firmware === 'string' ? oneLine(scrub(firmware), 100) : null,
    ...(isObject(fan) ? listsOf(fan) : {}),
  };
}

function listsOf(fan: JsonObject): ManagerInventory {
  const offered = own(fan, 'Profile@Redfish.AllowableValues');
  const profile = own(fan, 'Profile');
  const profiles = Array.isArray(offered) ? offered.filter(isText) : [];
  return {
    Profiles: profiles.length > 0 || !isText(profile) ? profiles : [profile],
    FanControllers: names(own(fan, 'FanControllers')),
    FanZones: names(own(fan, 'FanZones')),
    PidControllers: names(own(fan, 'PidControllers')),
  };
}

function names(map: Json | undefined): readonly string[] {
  return isObject(map) ? Object.keys(map).filter((key) => !key.includes('@') && isObject(map[key])) : [];
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

/** Where a machine says who it is, in the order in which it is believed. */
const IDENTIFIED: readonly Collection[] = ['Systems', 'Chassis', 'Managers'];
/** A chassis has many sleds; past this number a machine is sought no further. */
const MOST_IDENTIFIED = 100;

/**
 * The serial numbers and UUIDs of a BMC's systems, chassis and managers, in this order.
 * @param isEnough ends the reading early
 * @throws Failure
 */
export async function readIdentity(
  session: Session,
  isEnough: (reported: ReportedIdentity) => boolean = () => false,
): Promise<ReportedIdentity> {
  const SerialNumbers: string[] = [];
  const UUIDs: string[] = [];
  const { scrub } = session.connection.secrets;
  for (const collection of IDENTIFIED) {
    let left = MOST_IDENTIFIED;
    for await (const { body } of membersIfAny(session, collection)) {
      for (const [field, values] of [
        ['SerialNumber', SerialNumbers],
        ['UUID', UUIDs],
      ] as const) {
        const value = own(body, field);
        if (isText(value) && value !== '') values.push(oneLine(scrub(value), 256));
      }
      left -= 1;
      if (isEnough({ SerialNumbers, UUIDs })) return { SerialNumbers, UUIDs };
      if (left === 0) break;
    }
  }
  return { SerialNumbers, UUIDs };
}

/** What the members of a collection offer, by their IDs, in its order. */
export type OffersByID = Readonly<Record<string, Offers>>;

/** What a collection's members offer; nothing where a BMC has no such collection. @throws Failure */
export async function listOffers(session: Session, root: Root): Promise<OffersByID> {
  const found: [string, Offers][] = [];
  for await (const member of membersIfAny(session, root)) {
    const id = oneLine(session.connection.secrets.scrub(idOf(member)), 256);
    found.push([id, await offersOf(session, root, member)]);
  }
  return Object.fromEntries(found);
}

/** The members of a collection that some have not, and that some logins may not see. */
async function* membersIfAny(session: Session, collection: Collection): AsyncGenerator<Resource> {
  try {
    yield* eachMember(session, collection);
  } catch (error) {
    const isAbsent = error instanceof Failure && error.class === 'permanent' && error.details.status !== 401;
    if (!isAbsent) throw error;
  }
}

/** Makes sure that a BMC is that of the machine (G06). @throws Failure when it is not, or does not say */
export async function confirmIdentity(session: Session, expected: MachineIdentity): Promise<void> {
  const reported = await readIdentity(session, (sofar) => compareIdentity(expected, sofar) === 'same');
  const verdict = compareIdentity(expected, reported);
  if (verdict === 'same') return;
  const says = verdict === 'unknown' ? 'it reports none that could be compared' : `it reports ${textOf(reported)}`;
  const wanted = textOf({
    SerialNumbers: expected.SerialNumber === undefined ? [] : [expected.SerialNumber],
    UUIDs: expected.UUID === undefined ? [] : [expected.UUID],
  });
  const message = `IdentityMismatch: the inventory names ${wanted}, ${says}; nothing was sent`;
  throw new Failure('Refused', 'permanent', message);
}

function textOf({ SerialNumbers, UUIDs }: ReportedIdentity): string {
  const words = [
    SerialNumbers.length > 0 ? `SerialNumber ${listed(SerialNumbers)}` : '',
    UUIDs.length > 0 ? `UUID ${listed(UUIDs)}` : '',
  ].filter(Boolean);
  return words.join(', ');
}
