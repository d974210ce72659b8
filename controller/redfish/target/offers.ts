import type { Action } from '../../../definitions/actions/action.ts';
import { ACTIONS } from '../../../definitions/actions/index.ts';
import { ROOTS, type Root } from '../../../definitions/actions/root.ts';
import { isObject, own } from '../../../definitions/values/json.ts';
import { findOffered } from '../course/offered.ts';
import { Failure, oneLine } from '../failure.ts';
import { idOf, type Resource } from '../manager.ts';
import type { Session } from '../session.ts';
import { findSource } from './sources.ts';
import { withTwins } from './twins.ts';

/** What of each action a member of a collection has: fields, or values of the action of Redfish. */
export type Offers = Readonly<Record<string, readonly string[]>>;

/**
 * Asks what actions would find; what fails for good, or is not to be seen while a host is off, is left out.
 * @throws Failure that is transient
 */
export async function offersOf(session: Session, root: Root, member: Resource): Promise<Offers> {
  const offers: [string, readonly string[]][] = [];
  for (const action of ACTIONS.values()) {
    if (action.root !== root || action.link !== undefined) continue;
    const found = await offerOf(session, action, member).catch((error: unknown) => {
      if (error instanceof Failure && (error.class === 'permanent' || error.outcome === 'Unsupported')) return [];
      throw error;
    });
    if (found.length > 0)
      offers.push([action.name, found.map((each) => oneLine(session.connection.secrets.scrub(each), 100))]);
  }
  return Object.fromEntries(offers);
}

async function offerOf(session: Session, action: Action, member: Resource): Promise<readonly string[]> {
  if (action.course) {
    const { values } = await findOffered(session, action.course, member);
    return values ? values.map(String) : [action.course.parameter];
  }
  if (action.sources) {
    const { resource } = await findSource(session, action, { [ROOTS[action.root].field]: idOf(member), Payload: {} });
    return shown(action, resource);
  }
  return shown(action, member);
}

/** Those of an action's fields that a resource has, with what they may be where it says so. */
function shown(action: Action, { body }: Resource): readonly string[] {
  const seen = withTwins(action, body);
  const fields = Object.keys(action.payload).filter(
    (field) => own(seen, field) !== undefined && !isObject(own(seen, field)),
  );
  return fields.map((field) => {
    const allowed = own(body, `${field}@Redfish.AllowableValues`);
    return Array.isArray(allowed) && allowed.length > 0 ? `${field} (${allowed.map(String).join(', ')})` : field;
  });
}
