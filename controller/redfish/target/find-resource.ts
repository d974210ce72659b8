import type { Action } from '../../../definitions/actions/action.ts';
import { memberOf } from '../../../definitions/actions/address.ts';
import { ROOTS, type Root } from '../../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { isObject, type JsonObject, own } from '../../../definitions/values/json.ts';
import { Failure, listed } from '../failure.ts';
import { eachMember, findManager, idOf, type Resource, readResource } from '../manager.ts';
import type { Session } from '../session.ts';
import { findSource } from './sources.ts';
import { withTwins } from './twins.ts';

/** Where an entry writes. */
export interface FoundResource {
  /** The manager, system or chassis. */
  readonly member: string;
  /** The resource that holds the fields, as read; the raw body, without twins. */
  readonly resource: Resource;
}

/** Members of a collection are read in turn until there can be no other choice; past this many nobody means one. */
const MOST_CANDIDATES = 100;

/**
 * The resource that holds an entry's fields, found by links alone: a member of a collection of the root, which an entry
 * may leave out where only one has what is set, or what that member links to.
 * @throws Failure that lists what there is
 */
export async function findResource(session: Session, action: Action, entry: PayloadEntry): Promise<FoundResource> {
  if (action.sources) return findSource(session, action, entry);
  const id = memberOf(action, entry);
  if (action.root === 'Managers') return found(session, action, await findManager(session, id ?? ''));
  const members = await membersOf(session, action.root);
  if (id !== undefined) {
    const named = members.find((member) => idOf(member) === id);
    if (named) return found(session, action, named);
    const have = members.length > 0 ? `it has ${listed(members.map(idOf))}` : 'it has none';
    throw unsupported(`no such ${ROOTS[action.root].noun}; ${have}`);
  }
  return found(session, action, onlyChoice(action, entry, members));
}

async function membersOf(session: Session, root: Root): Promise<readonly Resource[]> {
  const members: Resource[] = [];
  for await (const member of eachMember(session, root)) {
    members.push(member);
    if (members.length > MOST_CANDIDATES) {
      const { field, noun } = ROOTS[root];
      throw unsupported(`it has more than ${MOST_CANDIDATES} of what could be the ${noun}: name one with ${field}`);
    }
  }
  return members;
}

/** The only member that has what an entry sets: others are no servers (a baseboard, a hypervisor). */
function onlyChoice(action: Action, entry: PayloadEntry, members: readonly Resource[]): Resource {
  const { field, noun } = ROOTS[action.root];
  const fields = action.course ? [action.course.action.slice(1)] : Object.keys(entry.Payload);
  const able = members.filter(({ body }) => isAble(action, fields, body));
  const [first, second] = able;
  if (first && !second) return first;
  if (first) throw unsupported(`several have ${fields.join(', ')}: ${listed(able.map(idOf))}; name one with ${field}`);
  const [only] = members;
  if (only && members.length === 1) return only; // what it lacks is told by who looks for it
  const have = members.length > 0 ? `it has ${listed(members.map(idOf))}` : 'it has none';
  throw unsupported(`no ${noun} has ${fields.join(', ')}; ${have}`);
}

/** Of those that can be reset a server is one that boots: a hypervisor does not. */
function isAble(action: Action, fields: readonly string[], body: JsonObject): boolean {
  if (action.link !== undefined) return true;
  if (!action.course) return fields.every((name) => own(withTwins(action, body), name) !== undefined);
  const target = own(own(own(body, 'Actions'), action.course.action), 'target');
  return target !== undefined && (action.root !== 'Systems' || own(body, 'PowerState') !== undefined);
}

async function found(session: Session, { link }: Action, member: Resource): Promise<FoundResource> {
  const id = idOf(member);
  if (link === undefined) return { member: id, resource: member };
  const reference = own(member.body, link);
  const path = isObject(reference) ? own(reference, '@odata.id') : undefined;
  if (typeof path !== 'string') throw unsupported(`it has no ${link}`);
  return { member: id, resource: await readResource(session, session.resolve(path, member.path)) };
}

function unsupported(message: string): Failure {
  return new Failure('Unsupported', 'permanent', message);
}
