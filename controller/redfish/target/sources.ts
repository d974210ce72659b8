import type { Action } from '../../../definitions/actions/action.ts';
import { memberOf } from '../../../definitions/actions/address.ts';
import type { FieldPlace } from '../../../definitions/actions/fields/view.ts';
import { ROOTS } from '../../../definitions/actions/root.ts';
import type { PayloadEntry } from '../../../definitions/job.ts';
import { isObject, type Json, type JsonObject, own } from '../../../definitions/values/json.ts';
import { Failure, listed } from '../failure.ts';
import { eachMember, idOf, membersAt, type Resource, readResource } from '../manager.ts';
import type { Session } from '../session.ts';

/** A resource that was found by one of its sources. */
export interface Sourced {
  readonly member: string;
  readonly resource: Resource;
}

/**
 * The resource that shows a field, by the first of its action's sources that is there: of the member that an entry
 * names, else of the only one that has any. An entry's `Target` may be a control, or a processor of a system.
 * @throws Failure that lists what there is
 */
export async function findSource(session: Session, action: Action, entry: PayloadEntry): Promise<Sourced> {
  const { field, noun } = ROOTS[action.root];
  const name = memberOf(action, entry);
  const target = own(entry.Payload, 'Target');
  const wanted = typeof target === 'string' ? target : undefined;
  const found: Sourced[] = [];
  const seen: string[] = [];
  for await (const member of eachMember(session, action.root)) {
    const id = idOf(member);
    seen.push(id);
    if (name !== undefined && id !== name) continue;
    const resource = await ofMember(session, action.sources ?? [], member, wanted);
    if (resource) found.push({ member: id, resource });
  }
  if (name !== undefined && !seen.includes(name)) throw unsupported(`no such ${noun}; ${has(seen)}`);
  const processor = found.length === 0 && wanted !== undefined ? await ofProcessor(session, action, wanted) : undefined;
  if (processor) return { member: name ?? wanted ?? '', resource: processor };
  const [first, second] = found;
  if (first && !second) return first;
  const what = wanted ?? `a ${listed(Object.keys(action.payload).slice(0, 1))}`;
  if (first)
    throw unsupported(`several have ${what}: ${listed(found.map(({ member }) => member))}; name one with ${field}`);
  const message = `no ${noun} has ${what}; ${has(seen)}`;
  // some list their controls only after the host was on once
  if (await isEveryHostOff(session)) throw new Failure('Unsupported', 'transient', `${message}, and the host is off`);
  throw unsupported(message);
}

async function ofMember(
  session: Session,
  sources: readonly FieldPlace[],
  member: Resource,
  wanted: string | undefined,
): Promise<Resource | undefined> {
  for (const source of sources) {
    const path = linkOf(member, source.link);
    if (path === undefined) continue;
    const found = await atSource(session, source, session.resolve(path, member.path), wanted);
    if (found) return found;
  }
  return undefined;
}

async function atSource(
  session: Session,
  source: FieldPlace,
  path: string,
  wanted: string | undefined,
): Promise<Resource | undefined> {
  if (source.member) return chosen(await able(session, path, source.member.has), wanted ?? source.member.named, wanted);
  if (wanted !== undefined) return undefined; // a target is a control or a processor by its name
  const resource = await readIfThere(session, path);
  const shown = resource && source.property !== undefined ? own(resource.body, source.property) : undefined;
  if (!resource || shown === undefined || shown === null) return undefined;
  const original = source.original === undefined ? undefined : own(shown, source.original);
  if (typeof original !== 'string') return resource;
  return (await readIfThere(session, session.resolve(original, resource.path))) ?? resource;
}

/** The members of a collection that have what is asked for. */
async function able(session: Session, path: string, has: JsonObject): Promise<readonly Resource[]> {
  const members: Resource[] = [];
  for await (const member of membersAt(session, path)) {
    if (Object.entries(has).every(([key, value]) => own(member.body, key) === value)) members.push(member);
  }
  return members;
}

/** The named one; without a name that is asked for, the only one. */
function chosen(members: readonly Resource[], name: string, wanted: string | undefined): Resource | undefined {
  const named = members.find((each) => idOf(each) === name);
  if (named || wanted !== undefined) return named;
  if (members.length > 1) throw unsupported(`several controls: ${listed(members.map(idOf))}; name one with Target`);
  return members[0];
}

/** The limit of a processor, wherever it is. */
async function ofProcessor(session: Session, { sources = [] }: Action, name: string): Promise<Resource | undefined> {
  for await (const system of eachMember(session, 'Systems')) {
    const path = linkOf(system, 'Processors');
    if (path === undefined) continue;
    for await (const processor of membersAt(session, session.resolve(path, system.path))) {
      if (idOf(processor) === name) return await ofMember(session, sources, processor, undefined);
    }
  }
  return undefined;
}

async function isEveryHostOff(session: Session): Promise<boolean> {
  let hosts = 0;
  for await (const { body } of eachMember(session, 'Systems')) {
    const power = own(body, 'PowerState');
    if (power !== undefined && power !== 'Off') return false;
    if (power === 'Off') hosts += 1;
  }
  return hosts > 0;
}

function linkOf({ body }: Resource, name: string): string | undefined {
  const reference: Json | undefined = own(body, name);
  const path = isObject(reference) ? own(reference, '@odata.id') : undefined;
  return typeof path === 'string' ? path : undefined;
}

async function readIfThere(session: Session, path: string): Promise<Resource | undefined> {
  try {
    return await readResource(session, path);
  } catch (error) {
    if (error instanceof Failure && [404, 405, 410, 501].includes(error.details.status ?? 0)) return undefined;
    throw error;
  }
}

function has(names: readonly string[]): string {
  return names.length > 0 ? `it has ${listed(names)}` : 'it has none';
}

function unsupported(message: string): Failure {
  return new Failure('Unsupported', 'permanent', message);
}
