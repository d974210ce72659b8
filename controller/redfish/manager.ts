import { isObject, type Json, type JsonObject, own } from '../../definitions/values/json.ts';
import { after } from '../clock.ts';
import { Failure, listed } from './failure.ts';
import { withRetries } from './http/connection.ts';
import { answerFailure } from './messages.ts';
import type { Session } from './session.ts';

/** A resource as read, with the ETag that was sent with it. */
export interface Resource {
  readonly path: string;
  readonly body: JsonObject;
  readonly etag: string | undefined;
}

const MAX_PAGES = 50;
const MAX_MEMBERS = 1000;
const STARTING_PAUSE_MS = 2_000;

/** Reads a resource; only a 200 with an object is state, a 500 never is, whatever it carries. @throws Failure */
export async function readResource(session: Session, path: string): Promise<Resource> {
  const { connection } = session;
  return await withRetries(connection, async () => {
    const answer = await session.send('GET', path);
    if (answer.status !== 200 || !isObject(answer.body)) {
      throw answerFailure(answer, 'GET', path, connection.clock.now());
    }
    return {
      path: answer.path,
      body: answer.body,
      etag: answer.header('etag') ?? textOf(own(answer.body, '@odata.etag')),
    };
  });
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The manager of an ID, found by following links; waits while it is starting. @throws Failure */
export async function findManager(session: Session, id: string): Promise<Resource> {
  const { quirks } = session;
  const known = quirks.managers.get(id);
  const found = known === undefined ? undefined : await readIfThere(session, known);
  if (known !== undefined && !found) quirks.managers.delete(id);
  const right = found && idOf(found) === id ? found : await discover(session, id);
  quirks.managers.set(id, right.path);
  return await waitUntilStarted(session, right);
}

/** All managers of a BMC, in its order; one that is listed and answers 404 is left out. @throws Failure */
export async function listManagers(session: Session): Promise<Resource[]> {
  const managers: Resource[] = [];
  for await (const manager of eachMember(session, 'Managers')) managers.push(manager);
  return managers;
}

/** The collections of the service root that are read. */
export type Collection = 'Managers' | 'Systems' | 'Chassis';

/** What a collection lists, in its order, each read when it is asked for; what answers 404 is left out. */
export async function* eachMember(session: Session, collection: Collection): AsyncGenerator<Resource> {
  yield* eachAt(session, await memberPaths(session, collection));
}

/** What a collection lists that stands at a path; nothing where it answers 404. */
export async function* membersAt(session: Session, path: string): AsyncGenerator<Resource> {
  if (await readIfThere(session, path)) yield* eachAt(session, await pathsAt(session, path, 'members'));
}

async function* eachAt(session: Session, paths: readonly string[]): AsyncGenerator<Resource> {
  for (const path of paths) {
    const member = await readIfThere(session, path);
    if (member) yield member;
  }
}

/** The ID of a manager: its own word, else the end of its path. */
export function idOf({ body, path }: Resource): string {
  return textOf(own(body, 'Id')) ?? lastOf(path);
}

async function discover(session: Session, id: string): Promise<Resource> {
  const paths = await memberPaths(session, 'Managers');
  const likely = paths.filter((path) => lastOf(path) === id);
  const seen: string[] = [];
  for (const path of [...likely, ...paths.filter((path) => !likely.includes(path))]) {
    const manager = await readIfThere(session, path);
    if (manager && idOf(manager) === id) return manager;
    if (manager) seen.push(idOf(manager));
  }
  const have = seen.length > 0 ? `it has ${listed(seen)}` : 'it has none';
  throw new Failure('Unsupported', 'permanent', `no such manager; ${have}`);
}

function lastOf(path: string): string {
  const name = path.replace(/\/$/, '').split('/').at(-1)?.split('?')[0] ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function readIfThere(session: Session, path: string): Promise<Resource | undefined> {
  try {
    return await readResource(session, path);
  } catch (error) {
    if (error instanceof Failure && (error.details.status === 404 || error.details.status === 410)) return undefined;
    throw error;
  }
}

/** The paths of a collection's members, over all pages, each once; a page that comes again ends it. */
async function memberPaths(session: Session, collection: Collection): Promise<string[]> {
  const start = referenceOf(own(session.root, collection) ?? own(own(session.root, 'Links'), collection));
  if (start === undefined) throw new Failure('Unsupported', 'permanent', `its service root has no ${collection}`);
  return await pathsAt(session, session.resolve(start), collection);
}

async function pathsAt(session: Session, start: string, collection: string): Promise<string[]> {
  const paths = new Set<string>();
  const pages = new Set<string>();
  let next: string | undefined = start;
  while (next !== undefined && !pages.has(next) && pages.size < MAX_PAGES) {
    pages.add(next);
    const { body, path }: Resource = await readResource(session, next);
    const listed = membersOf(body);
    if (paths.size + listed.length > MAX_MEMBERS) {
      const count = `${paths.size + listed.length} ${collection.toLowerCase()} or more`;
      throw new Failure('Unsupported', 'permanent', `it lists ${count}: none is asked, ${MAX_MEMBERS} at most are`);
    }
    for (const member of listed) {
      const reference = referenceOf(member);
      if (reference !== undefined) paths.add(session.resolve(reference, path));
    }
    const more = referenceOf(own(body, 'Members@odata.nextLink') ?? own(body, '@odata.nextLink'));
    next = more === undefined ? undefined : session.resolve(more, path);
  }
  return [...paths];
}

/** What a collection lists; old servers and emulators do so under `Links`. */
function membersOf(collection: JsonObject): readonly Json[] {
  const places = [collection, own(collection, 'Links'), own(collection, 'links')];
  const lists = places.map((place) => own(place, 'Members')).filter((list): list is Json[] => Array.isArray(list));
  return lists.find((list) => list.length > 0) ?? [];
}

function referenceOf(value: Json | undefined): string | undefined {
  return textOf(value) ?? textOf(own(value, '@odata.id')) ?? textOf(own(value, 'href'));
}

/** Values of a manager that is still starting are not yet its own. */
async function waitUntilStarted(session: Session, first: Resource): Promise<Resource> {
  const { clock, deadline, signal } = session.connection;
  let manager = first;
  while (own(own(manager.body, 'Status'), 'State') === 'Starting') {
    const until = after(clock, STARTING_PAUSE_MS);
    if (until > deadline) throw new Failure('NotApplied', 'transient', 'it is still starting');
    await clock.sleep(until, signal);
    manager = await readResource(session, manager.path);
  }
  return manager;
}
